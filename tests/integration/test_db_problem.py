"""One problem read: its neighbours, the jobs that were asked it here and elsewhere, and how hard it was."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from db import queries, transitions
from db.errors import UnknownProblemError
from db.status import JobStatus
from results import Measurements
from results.measured.hardness import Hardness, hardness
from scaling.types import Verdict
from tests.integration.scenes import claimed, column, new_arm, new_experiment, running_experiment, star, succeed

ARMS = [new_arm("first"), new_arm("second")]


def ids_of(engine: Engine, experiment: int) -> list[int]:
    asked = f"SELECT id FROM problems WHERE experiment_id = {experiment} ORDER BY position"
    return [int(each) for each in column(engine, asked)]


def test_a_problem_knows_its_neighbours_and_how_many_there_are(engine: Engine) -> None:
    first, second, third = ids_of(engine, running_experiment(engine, num_problems=3))
    found = [queries.problem(engine, each) for each in (first, second, third)]
    assert [(each.previous, each.next) for each in found] == [(None, second), (first, third), (second, None)]
    assert [(each.position, each.num_problems) for each in found] == [(0, 3), (1, 3), (2, 3)]


def test_a_problem_that_is_not_there_is_named(engine: Engine) -> None:
    with pytest.raises(UnknownProblemError, match="there is no problem 424242"):
        queries.problem(engine, 424242)


def test_all_jobs_that_were_asked_the_same_are_listed_those_at_home_first(engine: Engine) -> None:
    earlier = running_experiment(engine, num_problems=1, arms=ARMS, new=new_experiment("earlier"))
    succeed(engine, claimed(engine).lease)
    home = running_experiment(engine, num_problems=1, arms=ARMS, new=new_experiment("home"))
    [problem] = ids_of(engine, home)
    found = queries.problem(engine, problem)
    assert [(job.experiment_id, job.arm_label) for job in found.jobs] == [
        (home, "first"), (home, "second"), (earlier, "first"), (earlier, "second")
    ]  # fmt: skip
    assert [job.status for job in found.jobs] == [JobStatus.QUEUED] * 2 + [JobStatus.SUCCEEDED, JobStatus.QUEUED]
    assert [job.verdict for job in found.jobs] == [None, None, Verdict.CORRECT, None]
    assert len(found.at_home) == 2


def test_another_question_under_the_same_key_is_not_the_same(engine: Engine) -> None:
    running_experiment(engine, num_problems=1, new=new_experiment("earlier"))
    home = running_experiment(engine, num_problems=1, new=new_experiment("home"))
    [problem] = ids_of(engine, home)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE problems SET question = 'another' WHERE id = {problem}")
    assert {job.experiment_id for job in queries.problem(engine, problem).jobs} == {home}


def test_how_hard_it_is_is_the_mean_over_arms_of_their_share_of_right_repeats(engine: Engine) -> None:
    """Under the first arm both repeats are right, under the second one of two: (1 + 1/2) / 2."""
    home = running_experiment(engine, num_problems=1, arms=ARMS, repeats=2)
    verdicts = iter([Verdict.CORRECT, Verdict.CORRECT, Verdict.CORRECT, Verdict.WRONG])
    for _ in range(4):
        trace, grades = star(num_candidates=1)
        graded = [replace(grade, verdict=next(verdicts)) for grade in grades]
        transitions.succeed(engine, claimed(engine).lease, trace, graded, wall_seconds=1.0)
    found = hardness(Measurements(engine, queries.experiment(engine, home)), 0)
    assert found == Hardness(0.75, 2, None)  # one problem makes no bins


def test_of_a_problem_without_a_result_nothing_is_said(engine: Engine) -> None:
    home = running_experiment(engine, num_problems=1, arms=ARMS)
    assert hardness(Measurements(engine, queries.experiment(engine, home)), 0) == Hardness(None, 0, None)
