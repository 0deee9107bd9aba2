"""An experiment is laid out in slices: claimed from the first on, resumed after a death, honest about its total."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from threading import Event

import pytest
from sqlalchemy import Engine, text

from db import transitions
from db.audit import audit
from db.queries import experiment, progress, waiting
from db.queries.experiments import ExperimentFilter
from db.queries.overview.listing import list_page
from db.queries.reading.problem import problem
from db.queries.totals import arm_totals
from db.records import NewWorker
from db.status import ExperimentStatus as Status
from db.transitions import Need, WrongStatusError, layout
from tests.integration.scenes import (
    MODEL,
    SERVED,
    SPEC,
    claimed,
    column,
    finish,
    new_arm,
    new_experiment,
    problems,
    running_experiment,
    succeed,
)

LATER = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
JOBS = "SELECT (problems.position, repeat, arms.position)::text FROM jobs JOIN arms ON arms.id = arm_id " \
    "JOIN problems ON problems.id = problem_id ORDER BY jobs.id"  # fmt: skip


class Killed(BaseException):
    """The worker is gone: nothing of ours catches it."""


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """First 3 jobs, then 5 each."""
    monkeypatch.setattr(layout, "FIRST_SLICE", 3)
    monkeypatch.setattr(layout, "SLICE", 5)


def begun(engine: Engine) -> int:
    submission = replace(new_experiment(), spec={**SPEC, "repeats": 2})
    experiment_id = transitions.create_experiment(engine, submission).id
    assert transitions.begin_expansion(engine, experiment_id) is not None
    return experiment_id


def lay_out(engine: Engine, experiment_id: int, after_slice: Callable[[], None], digest: str = "d") -> None:
    """2 arms × 3 problems × 2 repeats = 12 jobs, in slices of 3, 5 and 4."""
    arms = [new_arm("a"), new_arm("b")]
    transitions.store_expansion(
        engine, experiment_id, arms, problems(3), 2, digest, {MODEL: SERVED}, after_slice=after_slice
    )


def killed_after(slices: int) -> Callable[[], None]:
    left = iter(range(slices - 1, -1, -1))

    def count() -> None:
        if next(left) == 0:
            raise Killed

    return count


def killed_in_the_middle(engine: Engine) -> int:
    """An experiment of which 8 of 12 jobs are laid out, and nobody is at it."""
    experiment_id = begun(engine)
    with pytest.raises(Killed):
        lay_out(engine, experiment_id, killed_after(2))
    return experiment_id


def nothing() -> None: ...


def test_jobs_are_claimed_from_the_first_slice_on_and_ring_with_each(engine: Engine) -> None:
    experiment_id = begun(engine)
    seen: list[object] = []

    def look() -> None:
        seen.append(
            (progress(engine, experiment_id).status, claimed(engine).repeat, transitions.waiting_by_need(engine))
        )

    lay_out(engine, experiment_id, look)
    # 3 laid out and 1 claimed; 5 more and 1 more claimed; 4 more and 1 more claimed
    assert [waits for _, _, waits in seen] == [{Need(MODEL): 2}, {Need(MODEL): 6}, {Need(MODEL): 9}]  # type: ignore[misc]
    assert {status for status, _, _ in seen} == {Status.RUNNING}  # type: ignore[misc]


def test_slices_make_what_one_would_have_made_in_the_same_order(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(engine, begun(engine), nothing)
    in_slices = column(engine, JOBS)
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE experiments CASCADE"))
    monkeypatch.setattr(layout, "FIRST_SLICE", 100)
    lay_out(engine, begun(engine), nothing)
    assert column(engine, JOBS) == in_slices
    assert in_slices[:3] == ["(0,0,0)", "(0,0,1)", "(1,0,0)"]  # problem, repeat, arm: each problem under every arm
    assert in_slices[6] == "(0,1,0)"  # then the second repeat


def test_problems_come_with_the_first_job_that_asks_them_and_all_of_them_are_told_of_from_the_first_slice_on(
    engine: Engine,
) -> None:
    """Slices of 3, 5 and 4 jobs of 2 arms: the second problem's first job is the third, the third's is the fifth."""
    experiment_id = begun(engine)
    told: list[object] = []

    def look() -> None:
        listed = list_page(engine, ExperimentFilter()).listed[0].num_problems
        of_arm = arm_totals(engine, experiment_id)[0].num_problems
        first = column(engine, "SELECT id FROM problems WHERE position = 0")[0]
        asked = problem(engine, int(str(first))).num_problems
        stored = column(engine, "SELECT count(*) FROM problems")[0]
        told.append((stored, experiment(engine, experiment_id).num_problems, listed, of_arm, asked))

    lay_out(engine, experiment_id, look)
    assert told == [(2, 3, 3, 3, 3), (3, 3, 3, 3, 3), (3, 3, 3, 3, 3)]
    assert column(engine, "SELECT key FROM problems ORDER BY position") == ["p0", "p1", "p2"]


def test_problems_that_are_there_before_their_jobs_are_not_stored_again(engine: Engine) -> None:
    """As earlier versions laid out: all problems first. 3 of 12 jobs need but 2 of them."""
    experiment_id = begun(engine)
    with pytest.raises(Killed):
        lay_out(engine, experiment_id, killed_after(1))
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO problems (experiment_id, position, key, question, answer, grader) "
                                "VALUES (:n, 2, 'p2', '2 + 1 = ?', '3', 'integer')"), {"n": experiment_id})  # fmt: skip
    transitions.begin_expansion(engine, experiment_id, LATER)
    lay_out(engine, experiment_id, nothing)
    assert len(set(column(engine, JOBS))) == 12
    assert audit(engine) == {}


def test_totals_are_those_of_the_whole_while_it_is_laid_out(engine: Engine) -> None:
    experiment_id = killed_in_the_middle(engine)
    succeed(engine, claimed(engine).lease)
    jobs = progress(engine, experiment_id).jobs
    assert (jobs.total, jobs.queued, jobs.succeeded, jobs.to_come, jobs.open) == (12, 7, 1, 4, 11)
    assert experiment(engine, experiment_id).num_problems == 3
    arms = arm_totals(engine, experiment_id)  # 8 laid out: 4 of each arm, of 6
    assert [(each.num_problems, each.jobs.total, each.jobs.to_come) for each in arms] == [(3, 6, 2), (3, 6, 2)]


def test_whoever_comes_after_a_killed_worker_goes_on_where_it_stopped(engine: Engine) -> None:
    experiment_id = killed_in_the_middle(engine)
    assert transitions.queued_experiments(engine) == ()  # it may live
    assert transitions.begin_expansion(engine, experiment_id) is None
    assert transitions.queued_experiments(engine, LATER) == (experiment_id,)
    assert transitions.begin_expansion(engine, experiment_id, LATER) is not None
    lay_out(engine, experiment_id, nothing)

    assert len(set(column(engine, JOBS))) == 12
    assert progress(engine, experiment_id).jobs.to_come == 0
    assert transitions.queued_experiments(engine, LATER) == ()
    assert transitions.begin_expansion(engine, experiment_id, LATER) is None
    assert audit(engine) == {}


def test_a_worker_that_was_taken_for_dead_and_wakes_lays_out_nothing_twice(engine: Engine) -> None:
    experiment_id = begun(engine)

    def sleep_while_another_goes_on() -> None:
        lay_out(engine, experiment_id, nothing)

    with pytest.raises(WrongStatusError, match="not being expanded"):
        lay_out(engine, experiment_id, sleep_while_another_goes_on)
    assert len(column(engine, JOBS)) == 12
    assert audit(engine) == {}


def test_it_is_not_done_before_its_last_slice(engine: Engine) -> None:
    experiment_id = killed_in_the_middle(engine)
    finish(engine)  # all that are there
    assert progress(engine, experiment_id).status is Status.RUNNING
    transitions.begin_expansion(engine, experiment_id, LATER)
    lay_out(engine, experiment_id, nothing)
    assert transitions.close_finished_experiments(engine) == {}
    finish(engine)
    assert progress(engine, experiment_id).status is Status.SUCCEEDED


def test_one_with_nothing_left_to_claim_says_that_it_is_being_laid_out(engine: Engine) -> None:
    experiment_id = killed_in_the_middle(engine)
    transitions.announce_worker(engine, NewWorker("host:1:a", "host", 1, (MODEL,), 8))
    finish(engine)
    assert {n: each.why.value for n, each in waiting(engine, 30.0).items()} == {experiment_id: "laying out"}


def test_a_cancel_in_the_middle_stops_it_and_a_retry_goes_on_there(engine: Engine) -> None:
    experiment_id = begun(engine)
    with pytest.raises(WrongStatusError):
        lay_out(engine, experiment_id, lambda: _ignored(transitions.cancel_experiment(engine, experiment_id)))
    assert column(engine, "SELECT DISTINCT status FROM jobs") == ["cancelled"]
    assert len(column(engine, JOBS)) == 3

    assert transitions.retry_experiment(engine, experiment_id) == 3
    assert progress(engine, experiment_id).status is Status.RUNNING
    assert transitions.queued_experiments(engine) == (experiment_id,)  # at once: nobody is waited for
    assert transitions.begin_expansion(engine, experiment_id) is not None
    lay_out(engine, experiment_id, nothing)
    assert len(set(column(engine, JOBS))) == 12
    assert audit(engine) == {}


def _ignored(_: object) -> None: ...


def test_one_that_is_paused_in_the_middle_is_laid_out_to_its_end_and_not_claimed(engine: Engine) -> None:
    experiment_id = begun(engine)
    is_paused = Event()

    def pause() -> None:
        if not is_paused.is_set():
            transitions.pause_experiment(engine, experiment_id)
        is_paused.set()

    lay_out(engine, experiment_id, pause)
    assert progress(engine, experiment_id).status is Status.PAUSED
    assert len(column(engine, JOBS)) == 12
    assert transitions.claim(engine, MODEL, "w") is None
    transitions.resume_experiment(engine, experiment_id)
    finish(engine)
    assert progress(engine, experiment_id).status is Status.SUCCEEDED


def test_a_data_set_that_changed_in_the_middle_is_refused_and_what_is_there_is_cancelled(engine: Engine) -> None:
    experiment_id = killed_in_the_middle(engine)
    done = claimed(engine)
    succeed(engine, done.lease)
    transitions.begin_expansion(engine, experiment_id, LATER)
    with pytest.raises(ValueError, match=r"changed since 8 of its 12 jobs were laid out: restore the file"):
        lay_out(engine, experiment_id, nothing, digest="another")
    assert transitions.fail_expansion(engine, experiment_id, "its data set has changed")
    failed = progress(engine, experiment_id)
    assert (failed.status, failed.jobs.succeeded, failed.jobs.cancelled) == (Status.FAILED, 1, 7)
    assert transitions.retry_experiment(engine, experiment_id) == 7
    assert transitions.begin_expansion(engine, experiment_id) is not None
    lay_out(engine, experiment_id, nothing)
    finish(engine)
    assert progress(engine, experiment_id).status is Status.SUCCEEDED


def test_one_that_is_laid_out_cannot_fail_to_be(engine: Engine) -> None:
    experiment_id = running_experiment(engine)
    assert not transitions.fail_expansion(engine, experiment_id, "late")
    assert progress(engine, experiment_id).status is Status.RUNNING
