"""An experiment from its submission to its end."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from db import transitions
from db.queries import experiment, progress
from db.records import NewExperiment
from db.status import ExperimentStatus as Status
from db.transitions import Need, UnknownExperimentError, WrongStatusError
from scaling.spec import Edit
from tests.integration.scenes import (
    MODEL,
    SERVED,
    SPEC,
    WORKER,
    claimed,
    column,
    finish,
    new_arm,
    new_experiment,
    problems,
    running_experiment,
    spent,
    succeed,
)


def status(engine: Engine, experiment_id: int) -> Status:
    return progress(engine, experiment_id).status


def test_the_same_digest_is_the_same_experiment_unless_again(engine: Engine) -> None:
    first = transitions.create_experiment(engine, new_experiment(digest="same"))
    second = transitions.create_experiment(engine, new_experiment(digest="same"))
    third = transitions.create_experiment(engine, new_experiment(digest="same"), again=True)
    fourth = transitions.create_experiment(engine, new_experiment(digest="same"))
    assert (first.is_new, second.is_new, third.is_new, fourth.is_new) == (True, False, True, False)
    assert second.id == first.id
    assert fourth.id == third.id != first.id  # the newest of that digest
    assert experiment(engine, third.id).summary.run == 1


def test_concurrent_submissions_of_one_digest_make_one_experiment(engine: Engine) -> None:
    with ThreadPoolExecutor(12) as pool:
        made = list(pool.map(lambda _: transitions.create_experiment(engine, new_experiment(digest="same")), range(24)))
    assert len({each.id for each in made}) == 1
    assert sum(each.is_new for each in made) == 1


def test_concurrent_submissions_with_again_make_one_run_each(engine: Engine) -> None:
    def submit(_: int) -> int:
        return transitions.create_experiment(engine, new_experiment(digest="same"), again=True).id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(submit, range(8)))) == 8
    assert column(engine, "SELECT run FROM experiments ORDER BY run") == list(range(8))


def test_a_spec_that_json_in_postgresql_cannot_hold_is_refused(engine: Engine) -> None:
    with pytest.raises(ValueError, match="NUL or a lone surrogate"):
        transitions.create_experiment(engine, NewExperiment("odd", "ann", {**SPEC, "wait": "a\x00b"}, "odd"))


def test_expansion_makes_a_job_of_every_arm_problem_and_repeat(engine: Engine) -> None:
    experiment_id = transitions.create_experiment(engine, new_experiment()).id
    assert transitions.queued_experiments(engine) == (experiment_id,)
    expanding = transitions.begin_expansion(engine, experiment_id)
    assert expanding is not None
    assert expanding.spec == SPEC
    arms = [new_arm("a"), new_arm("b", "other")]
    num_jobs = transitions.store_expansion(
        engine, experiment_id, arms, problems(3), repeats=2, data_set_digest="d", models={MODEL: SERVED}
    )
    assert num_jobs == 12  # 2 arms × 3 problems × 2 repeats
    assert column(engine, "SELECT count(*) FROM jobs WHERE status = 'queued'") == [12]
    assert transitions.waiting_by_need(engine) == {Need(MODEL): 6, Need("other"): 6}
    assert transitions.queued_experiments(engine) == ()
    detail = experiment(engine, experiment_id)
    assert [(arm.label, arm.model) for arm in detail.arms] == [("a", MODEL), ("b", "other")]
    assert detail.models is not None
    assert detail.models[MODEL] == {
        "context_length": 2048,
        "parameters": 680_000,
        "served_as": "tiny-served",
        "thinking": SERVED.thinking.model_dump(mode="json"),
        "facts": None,
        "cost_facts": SERVED.cost_facts.model_dump(mode="json"),
    }


def test_an_expansion_whose_worker_died_is_begun_again_and_stored_once(engine: Engine) -> None:
    experiment_id = transitions.create_experiment(engine, new_experiment()).id
    assert transitions.begin_expansion(engine, experiment_id) is not None  # and this worker dies
    assert transitions.queued_experiments(engine) == ()
    assert transitions.begin_expansion(engine, experiment_id) is None  # a second bell
    later = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=61)
    assert transitions.queued_experiments(engine, now=later) == (experiment_id,)
    assert transitions.begin_expansion(engine, experiment_id, now=later) is not None

    def store(_: int) -> bool:
        try:
            transitions.store_expansion(engine, experiment_id, [new_arm()], problems(20), 1, "d", {})
        except WrongStatusError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(store, range(4))) == [False, False, False, True]
    assert column(engine, "SELECT count(*) FROM jobs") == [20]
    assert transitions.begin_expansion(engine, experiment_id) is None


def test_an_expansion_that_takes_long_is_its_workers_for_as_long_as_that_renews_it(engine: Engine) -> None:
    experiment_id = transitions.create_experiment(engine, new_experiment()).id
    start = dt.datetime.now(dt.UTC)
    at = {seconds: start + dt.timedelta(seconds=seconds) for seconds in (50, 100, 159, 161)}
    assert transitions.begin_expansion(engine, experiment_id, now=start) is not None
    for seconds in (50, 100):
        transitions.renew_expansions(engine, [experiment_id], now=at[seconds])
    assert transitions.queued_experiments(engine, now=at[159]) == ()
    assert transitions.begin_expansion(engine, experiment_id, now=at[159]) is None
    assert transitions.queued_experiments(engine, now=at[161]) == (experiment_id,)


def test_an_experiment_cancelled_while_it_expands_stays_cancelled(engine: Engine) -> None:
    experiment_id = transitions.create_experiment(engine, new_experiment()).id
    transitions.begin_expansion(engine, experiment_id)
    assert transitions.cancel_experiment(engine, experiment_id)
    with pytest.raises(WrongStatusError):
        transitions.store_expansion(engine, experiment_id, [new_arm()], problems(2), 1, "d", {})
    assert not transitions.fail_expansion(engine, experiment_id, "no such file")
    assert status(engine, experiment_id) is Status.CANCELLED
    assert column(engine, "SELECT count(*) FROM jobs") == [0]
    assert transitions.retry_experiment(engine, experiment_id) == 0
    assert transitions.queued_experiments(engine) == (experiment_id,)


def test_an_expansion_that_fails_keeps_the_reason_and_can_be_retried(engine: Engine) -> None:
    experiment_id = transitions.create_experiment(engine, new_experiment()).id
    transitions.begin_expansion(engine, experiment_id)
    assert transitions.fail_expansion(engine, experiment_id, "no such file: a.jsonl")
    failed = progress(engine, experiment_id)
    assert (failed.status, failed.error) == (Status.FAILED, "no such file: a.jsonl")
    transitions.retry_experiment(engine, experiment_id)
    retried = progress(engine, experiment_id)
    assert (retried.status, retried.error) == (Status.QUEUED, None)


def test_an_experiment_closes_when_its_last_job_ends(engine: Engine) -> None:
    good = running_experiment(engine, num_problems=1)
    bad = running_experiment(engine, num_problems=2)
    succeed(engine, claimed(engine).lease)
    transitions.fail_attempt(engine, claimed(engine).lease, "too long", spent(), retryable=False)
    assert transitions.close_finished_experiments(engine) == {good: Status.SUCCEEDED}
    succeed(engine, claimed(engine).lease)
    assert transitions.close_finished_experiments(engine) == {bad: Status.FINISHED_WITH_FAILURES}
    assert transitions.close_finished_experiments(engine) == {}
    assert column(engine, "SELECT count(*) FROM experiments WHERE finished_at IS NOT NULL") == [2]


def test_cancelling_stops_queued_and_running_jobs_and_keeps_what_succeeded(engine: Engine) -> None:
    experiment_id = running_experiment(engine, num_problems=3)
    succeed(engine, claimed(engine).lease)
    claimed(engine)
    assert transitions.cancel_experiment(engine, experiment_id)
    assert not transitions.cancel_experiment(engine, experiment_id)  # and again: nothing to do
    jobs = progress(engine, experiment_id).jobs
    assert (jobs.succeeded, jobs.cancelled, jobs.total) == (1, 2, 3)
    assert status(engine, experiment_id) is Status.CANCELLED
    assert transitions.claim(engine, MODEL, WORKER) is None
    assert transitions.close_finished_experiments(engine) == {}


def test_retrying_queues_what_failed_and_what_was_cancelled(engine: Engine) -> None:
    experiment_id = running_experiment(engine, num_problems=3)
    succeed(engine, claimed(engine).lease)
    transitions.fail_attempt(engine, claimed(engine).lease, "too long", spent(), retryable=False)
    transitions.cancel_experiment(engine, experiment_id)
    assert transitions.retry_experiment(engine, experiment_id) == 2
    assert status(engine, experiment_id) is Status.RUNNING
    finish(engine)
    assert status(engine, experiment_id) is Status.SUCCEEDED
    assert column(engine, "SELECT count(*) FROM traces") == [3]
    with pytest.raises(WrongStatusError, match="is succeeded and cannot be retried"):
        transitions.retry_experiment(engine, experiment_id)


def test_an_experiment_cancelled_after_its_last_job_is_not_expanded_again_by_a_retry(engine: Engine) -> None:
    experiment_id = running_experiment(engine, num_problems=1)
    succeed(engine, claimed(engine).lease)
    transitions.cancel_experiment(engine, experiment_id)
    assert transitions.retry_experiment(engine, experiment_id) == 0
    assert transitions.close_finished_experiments(engine) == {experiment_id: Status.SUCCEEDED}


def test_a_closed_experiment_cannot_be_cancelled_paused_or_resumed(engine: Engine) -> None:
    experiment_id = running_experiment(engine, num_problems=1)
    finish(engine)
    for refused in (transitions.cancel_experiment, transitions.pause_experiment, transitions.resume_experiment):
        with pytest.raises(WrongStatusError, match=f"experiment {experiment_id} is succeeded and cannot be"):
            refused(engine, experiment_id)
    assert status(engine, experiment_id) is Status.SUCCEEDED


def test_an_experiment_that_is_not_there_is_called_unknown(engine: Engine) -> None:
    with pytest.raises(UnknownExperimentError, match="there is no experiment 404"):
        transitions.cancel_experiment(engine, 404)


def test_claims_and_cancels_at_once_leave_no_job_running(engine: Engine) -> None:
    experiment_id = running_experiment(engine, num_problems=100)

    def claim_on(worker: int) -> None:
        while transitions.claim(engine, MODEL, f"host:{worker}:x"):
            pass

    with ThreadPoolExecutor(9) as pool:
        claims = [pool.submit(claim_on, worker) for worker in range(8)]
        transitions.cancel_experiment(engine, experiment_id)
        for each in claims:
            each.result()
    jobs = progress(engine, experiment_id).jobs
    assert (jobs.cancelled, jobs.total) == (100, 100)
    assert column(engine, "SELECT count(*) FROM attempts WHERE outcome = 'running'") == [0]


def test_one_reconciler_at_a_time(engine: Engine) -> None:
    with transitions.reconciling(engine) as mine, transitions.reconciling(engine) as others:
        assert (mine, others) == (True, False)
    with transitions.reconciling(engine) as free_again:
        assert free_again


def test_an_edit_changes_what_it_names_and_nothing_else(engine: Engine) -> None:
    experiment_id = running_experiment(engine)
    before = experiment(engine, experiment_id).summary
    assert (before.priority, before.tags, before.notes) == (0, ("demo",), "a note")
    transitions.edit_experiment(engine, experiment_id, Edit(priority=3))
    transitions.edit_experiment(engine, experiment_id, Edit(tag=("paper", "demo", "new\x00"), untag=("absent",)))
    edited = experiment(engine, experiment_id).summary
    assert edited == replace(before, priority=3, tags=("demo", "paper", "new\ufffd"))
    transitions.edit_experiment(engine, experiment_id, Edit(notes="", untag=("demo", "paper")))
    assert experiment(engine, experiment_id).summary == replace(edited, notes="", tags=("new\ufffd",))


def test_a_closed_experiment_is_edited_too_and_one_that_is_not_there_is_called_unknown(engine: Engine) -> None:
    experiment_id = running_experiment(engine)
    transitions.cancel_experiment(engine, experiment_id)
    transitions.edit_experiment(engine, experiment_id, Edit(notes="why"))
    assert experiment(engine, experiment_id).summary.notes == "why"
    with pytest.raises(UnknownExperimentError, match="there is no experiment 404"):
        transitions.edit_experiment(engine, 404, Edit(notes="why"))


def test_jobs_that_wait_already_are_claimed_in_the_order_of_the_new_priority(engine: Engine) -> None:
    first, second = running_experiment(engine), running_experiment(engine)
    assert claimed(engine).experiment_id == first
    transitions.edit_experiment(engine, second, Edit(priority=1))
    assert [claimed(engine).experiment_id for _ in range(3)] == [second, second, first]
