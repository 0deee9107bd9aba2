"""Pairs of arms in a real database: the jobs behind each cell, problem by problem, and the lines through two arms."""

import math

import numpy as np
import pytest
from sqlalchemy import Engine

from db import queries, transitions
from results import Measurements, NoResultsError, all_against, curves_through, paired, side_by_side
from scaling.compute.axes import Axis
from scaling.statistics.comparisons import Agreement, Cell
from scaling.types import Verdict
from tests.integration.scenes import claimed, new_arm, running_experiment, spent, succeed
from tests.integration.test_cli_compare import sweep_and_vote

RIGHT, WRONG, CUT = Verdict.CORRECT, Verdict.WRONG, Verdict.TRUNCATED
Asked = tuple[str, int, int]


def measured(engine: Engine, experiment: int | str) -> Measurements:
    return Measurements(engine, queries.experiment(engine, experiment))


def answer(engine: Engine, verdicts: dict[Asked, Verdict], num_jobs: int) -> dict[Asked, int]:
    """Every job, by arm, problem and repeat, gets its verdict; those that have none fail. The ids of the jobs."""
    jobs: dict[Asked, int] = {}
    for _ in range(num_jobs):
        job = claimed(engine)
        asked = (job.arm_label, int(job.problem.id.removeprefix("p")), job.repeat)
        jobs[asked] = job.lease.job_id
        if asked in verdicts:
            succeed(engine, job.lease, verdict=verdicts[asked])
        else:
            transitions.fail_attempt(engine, job.lease, "too long", spent(), retryable=False)
    return jobs


def test_a_repeat_is_paired_with_the_same_repeat_and_each_cell_knows_its_jobs(engine: Engine) -> None:
    """p0 gains its repeat 0 and keeps 1; p1 loses repeat 0, and the second has no result for its repeat 1."""
    experiment = running_experiment(engine, num_problems=2, arms=(new_arm("a"), new_arm("b")), repeats=2)
    jobs = answer(
        engine,
        {
            ("a", 0, 0): WRONG, ("a", 0, 1): RIGHT, ("a", 1, 0): RIGHT, ("a", 1, 1): RIGHT,
            ("b", 0, 0): RIGHT, ("b", 0, 1): RIGHT, ("b", 1, 0): CUT,
        },
        num_jobs=8,
    )  # fmt: skip
    found = paired(measured(engine, experiment), "a", "b")
    assert found.agreement == Agreement(both_right=1, lost=1, gained=1, both_wrong=0)
    pairs = side_by_side(measured(engine, experiment), "a", "b").pairs
    (gained,), (lost,), (kept,) = (pairs.inside(each).flips for each in (Cell.GAINED, Cell.LOST, Cell.BOTH_RIGHT))
    assert (gained.problem, gained.repeat, gained.first_job, gained.second_job) == (
        0, 0, jobs["a", 0, 0], jobs["b", 0, 0],
    )  # fmt: skip
    assert (lost.problem, lost.first_job, lost.second_job) == (1, jobs["a", 1, 0], jobs["b", 1, 0])
    assert (kept.repeat, kept.second_job) == (1, jobs["b", 0, 1])
    assert found.result.common_problems == 2


def test_how_easy_a_problem_is_is_told_by_the_arms_that_are_not_compared(engine: Engine) -> None:
    """Of the other two, p0 is right under both, p1 under one, and p2 has no result under either."""
    experiment = running_experiment(engine, num_problems=3, arms=[new_arm(label) for label in "abcd"])
    answer(
        engine,
        {
            ("a", 0, 0): WRONG, ("a", 1, 0): RIGHT, ("a", 2, 0): RIGHT,
            ("b", 0, 0): RIGHT, ("b", 1, 0): RIGHT, ("b", 2, 0): WRONG,
            ("c", 0, 0): RIGHT, ("c", 1, 0): RIGHT, ("d", 0, 0): RIGHT, ("d", 1, 0): WRONG,
        },
        num_jobs=12,
    )  # fmt: skip
    found = side_by_side(measured(engine, experiment), "a", "b")
    assert [each.change for each in found.problems()] == [1.0, 0.0, -1.0]
    assert found.others_P[:2].tolist() == [1.0, 0.5] and math.isnan(found.others_P[2])


def test_two_arms_alone_cannot_tell_easy_from_hard(engine: Engine) -> None:
    experiment = running_experiment(engine, num_problems=1, arms=(new_arm("a"), new_arm("b")))
    answer(engine, {("a", 0, 0): RIGHT, ("b", 0, 0): RIGHT}, num_jobs=2)
    assert np.isnan(side_by_side(measured(engine, experiment), "a", "b").others_P).all()


def test_an_arm_without_a_result_is_compared_with_none_and_is_not_clear(engine: Engine) -> None:
    experiment = running_experiment(engine, num_problems=1, arms=(new_arm("a"), new_arm("b")))
    answer(engine, {("a", 0, 0): RIGHT}, num_jobs=2)
    (nothing,) = all_against(measured(engine, experiment), "a")
    assert (nothing.agreement.total, nothing.result.adjusted_p_value, nothing.result.is_clear) == (0, None, False)


def test_the_lines_through_two_arms_say_from_where_to_where_both_reach(engine: Engine) -> None:
    """A sweep of 4 and 12 tokens, and the votes of 1, 2 and 4 of a vote that took 16."""
    sweep_and_vote(engine)
    measurements = measured(engine, "scene")
    cut, _, vote = measurements.experiment.arms
    sides = curves_through(measurements, cut, vote, Axis.GENERATED_BY_ALL)
    assert sides.budgets == (4.0, 12.0)
    assert [(each.k, each.cost) for each in sides.second.points] == [(1, 4.0), (2, 8.0), (None, 16.0)]
    assert sides.at(8.0).difference.value == 0.5
    with pytest.raises(NoResultsError, match=r"give 4\.0 to 12\.0"):
        sides.require(100)


def test_the_time_that_fewer_votes_would_have_taken_is_not_known(engine: Engine) -> None:
    """Chains run side by side: a vote of 4 is a point on the axis of seconds, not a curve."""
    sweep_and_vote(engine)
    measurements = measured(engine, "scene")
    cut, _, vote = measurements.experiment.arms
    sides = curves_through(measurements, cut, vote, Axis.SECONDS)
    assert [each.k for each in sides.second.points] == [None]
