"""Who holds a job: heartbeats, lost leases, and attempts that are fenced out."""

import datetime as dt

import pytest
from sqlalchemy import Engine

from db import transitions
from db.queries import attempts
from db.records import Lease, NewWorker
from db.status import AttemptOutcome, JobStatus
from db.transitions import FencedOutError
from scaling.types import Counts
from tests.integration.scenes import MODEL, WORKER, claimed, column, running_experiment, spent, star, succeed

ROWS = "SELECT count(*) FROM (SELECT job_id FROM {} ) AS stored"


def later(seconds: float) -> dt.datetime:
    return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)


def num_rows(engine: Engine) -> list[object]:
    tables = ("traces", "steps", "candidates", "grades")
    return [column(engine, f"SELECT count(*) FROM {table}")[0] for table in tables]


def test_a_heartbeat_renews_all_leases_and_records_what_they_spent(engine: Engine) -> None:
    running_experiment(engine)
    one, two = claimed(engine).lease, claimed(engine).lease
    ours = transitions.heartbeat(engine, WORKER, {one: spent(11), two: spent(22)}, now=later(25))
    assert ours == {one, two}
    assert [each.spent for each in attempts(engine, two.job_id)] == [spent(22)]
    assert transitions.free_expired_leases(engine, 30, now=later(50)) == ()  # 50 s after the claim, 25 after the beat
    assert len(transitions.free_expired_leases(engine, 30, now=later(60))) == 2


def test_a_heartbeat_of_an_idle_worker_keeps_it_alive(engine: Engine) -> None:
    transitions.announce_worker(engine, NewWorker(WORKER, "host", 1, (MODEL,), 4))
    assert transitions.heartbeat(engine, WORKER, {}, now=later(100)) == frozenset()
    assert column(engine, "SELECT heartbeat_at > now() + interval '90 s' FROM workers") == [True]


def test_counts_that_the_engine_did_not_report_stay_unknown(engine: Engine) -> None:
    running_experiment(engine)
    lease = claimed(engine).lease
    unreported = Counts(10, None, 5, 0, 0, 5, 0, 0, 0, 0.0, 1.0)
    transitions.heartbeat(engine, WORKER, {lease: unreported})
    assert attempts(engine, lease.job_id)[0].spent.cached_tokens is None


def test_a_heartbeat_tells_of_a_cancelled_experiment_and_still_records_the_spending(engine: Engine) -> None:
    cancelled = running_experiment(engine, num_problems=1)
    running_experiment(engine, num_problems=1)
    one, two = claimed(engine).lease, claimed(engine).lease
    transitions.cancel_experiment(engine, cancelled)
    assert transitions.heartbeat(engine, WORKER, {one: spent(33), two: spent()}) == {two}
    [attempt] = attempts(engine, one.job_id)
    assert (attempt.outcome, attempt.spent) == (AttemptOutcome.CANCELLED, spent(33))


def test_an_expired_lease_is_claimable_again_and_its_attempt_is_lost_with_its_spending(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    lease = claimed(engine).lease
    transitions.heartbeat(engine, WORKER, {lease: spent(44)})
    [lost] = transitions.free_expired_leases(engine, 30, now=later(31))
    assert (lost.lease, lost.worker, lost.status) == (lease, WORKER, JobStatus.QUEUED)
    again = claimed(engine, worker="host:2:b")
    assert again.lease == Lease(lease.job_id, 2)
    first, second = attempts(engine, lease.job_id)
    assert (first.outcome, first.spent) == (AttemptOutcome.LOST, spent(44))
    assert (second.outcome, second.worker) == (AttemptOutcome.RUNNING, "host:2:b")


def test_the_tenth_lost_lease_fails_the_job(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    statuses = []
    for _ in range(10):
        claimed(engine)
        [lost] = transitions.free_expired_leases(engine, 30, now=later(31))
        statuses.append(lost.status)
    assert statuses == [JobStatus.QUEUED] * 9 + [JobStatus.FAILED]
    assert transitions.claim(engine, MODEL, WORKER) is None
    assert column(engine, "SELECT error FROM jobs") == [
        "lost its worker 10 times: it seems to kill the worker that runs it"
    ]


def test_a_fenced_out_attempt_writes_nothing(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    late = claimed(engine).lease
    transitions.free_expired_leases(engine, 30, now=later(31))
    for fenced in ("while it waits", "while another attempt runs"):
        trace, grades = star()
        with pytest.raises(FencedOutError):
            transitions.succeed(engine, late, trace, grades, 1.0)
        with pytest.raises(FencedOutError):
            transitions.fail_attempt(engine, late, "late", spent(5), retryable=True)
        with pytest.raises(FencedOutError):
            transitions.release(engine, late, spent(5))
        assert late not in transitions.heartbeat(engine, WORKER, {late: spent(6)})
        assert num_rows(engine) == [0, 0, 0, 0]
        assert attempts(engine, late.job_id)[0].outcome is AttemptOutcome.LOST
        if fenced == "while it waits":
            owner = claimed(engine, worker="host:2:b").lease
    assert transitions.heartbeat(engine, "host:2:b", {owner: spent()}) == {owner}


def test_succeeding_twice_leaves_one_trace(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    lease = claimed(engine).lease
    succeed(engine, lease, num_candidates=2)
    stored = num_rows(engine)
    with pytest.raises(FencedOutError):
        succeed(engine, lease, num_candidates=2)
    assert num_rows(engine) == stored == [1, 7, 2, 2]  # prompt + 2 × (think, forced, answer)


def test_a_cancelled_attempts_last_word_is_what_it_spent(engine: Engine) -> None:
    experiment_id = running_experiment(engine, num_problems=1)
    lease = claimed(engine).lease
    transitions.cancel_experiment(engine, experiment_id)
    transitions.record_spending(engine, lease, spent(77))
    [attempt] = attempts(engine, lease.job_id)
    assert (attempt.outcome, attempt.spent.generated_tokens) == (AttemptOutcome.CANCELLED, 77)


def test_a_worker_that_shuts_down_gives_its_job_back_without_a_failure(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    lease = claimed(engine).lease
    transitions.release(engine, lease, spent(8))
    assert column(engine, "SELECT failures + lost_leases FROM jobs") == [0]
    assert claimed(engine).attempt == 2
    assert attempts(engine, lease.job_id)[0].outcome is AttemptOutcome.RELEASED
    assert attempts(engine, lease.job_id)[0].spent == spent(8)
