"""Who holds a job: heartbeats, lost leases, and attempts that are fenced out."""

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from db import transitions
from db.engine import DatabaseUnavailableError, connect
from db.queries.fleet import workers
from db.records import Lease, NewWorker
from db.status import AttemptOutcome, JobStatus
from db.transitions import FencedOutError
from db.transitions.outcome import RELEASE
from scaling.compute.spending import Unknown
from scaling.types import Counts
from tests.conftest import wait_until
from tests.integration.scenes import MODEL, WORKER, attempts, claimed, column, running_experiment, spent, star, succeed

ROWS = "SELECT count(*) FROM (SELECT job_id FROM {} ) AS stored"


OPEN = Unknown(requests=2, prompt_tokens=20, generated_tokens=200)
"""Two requests that are under way."""


def later(seconds: float) -> dt.datetime:
    return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)


def num_rows(engine: Engine) -> list[object]:
    tables = ("traces", "steps", "candidates", "grades")
    return [column(engine, f"SELECT count(*) FROM {table}")[0] for table in tables]


def test_a_heartbeat_renews_all_leases(engine: Engine) -> None:
    running_experiment(engine)
    one, two = claimed(engine).lease, claimed(engine).lease
    assert transitions.heartbeat(engine, WORKER, {one, two}, now=later(25)) == {one, two}
    assert transitions.free_expired_leases(engine, 30, now=later(50)) == ()  # 50 s after the claim, 25 after the beat
    assert len(transitions.free_expired_leases(engine, 30, now=later(60))) == 2


def test_a_heartbeat_of_an_idle_worker_keeps_it_alive(engine: Engine) -> None:
    transitions.announce_worker(engine, NewWorker(WORKER, "host", 1, (MODEL,), 4))
    assert transitions.heartbeat(engine, WORKER, {}, now=later(100)) == frozenset()
    assert column(engine, "SELECT heartbeat_at > now() + interval '90 s' FROM workers") == [True]


def test_a_worker_that_was_taken_for_dead_is_alive_again_with_its_next_heartbeat(engine: Engine) -> None:
    """It stood still past its lease, as a laptop that slept does. It was never rung for again."""
    transitions.announce_worker(engine, NewWorker(WORKER, "host", 1, (MODEL,), 4))
    transitions.retire_worker(engine, WORKER)
    assert workers(engine) == ()
    transitions.heartbeat(engine, WORKER, {})
    assert [worker.id for worker in workers(engine)] == [WORKER]


def test_counts_that_the_engine_did_not_report_stay_unknown(engine: Engine) -> None:
    running_experiment(engine)
    lease = claimed(engine).lease
    unreported = Counts(10, None, 5, 0, 0, 5, 0, 0, 0, 0.0, 1.0)
    transitions.tell_spending(engine, {lease: (unreported, Unknown())})
    assert attempts(engine, lease.job_id)[0].spent.cached_tokens is None


def test_a_heartbeat_tells_of_a_cancelled_experiment_whose_spending_is_still_told(engine: Engine) -> None:
    cancelled = running_experiment(engine, num_problems=1)
    running_experiment(engine, num_problems=1)
    one, two = claimed(engine).lease, claimed(engine).lease
    transitions.cancel_experiment(engine, cancelled)
    assert transitions.heartbeat(engine, WORKER, {one, two}) == {two}
    assert transitions.tell_spending(engine, {one: (spent(33), OPEN), two: (spent(), OPEN)}) == {one, two}
    [attempt] = attempts(engine, one.job_id)
    assert (attempt.outcome, attempt.spent, attempt.unknown) == (AttemptOutcome.CANCELLED, spent(33), OPEN)


def test_an_expired_lease_is_claimable_again_and_its_attempt_is_lost_with_its_spending(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    lease = claimed(engine).lease
    transitions.tell_spending(engine, {lease: (spent(44), OPEN)})
    [lost] = transitions.free_expired_leases(engine, 30, now=later(31))
    assert (lost.lease, lost.worker, lost.status) == (lease, WORKER, JobStatus.QUEUED)
    again = claimed(engine, worker="host:2:b")
    assert again.lease == Lease(lease.job_id, 2)
    first, second = attempts(engine, lease.job_id)
    assert (first.outcome, first.spent, first.unknown) == (AttemptOutcome.LOST, spent(44), OPEN)
    assert not first.is_settled  # nobody will ever know more
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
        assert late not in transitions.heartbeat(engine, WORKER, {late})
        assert num_rows(engine) == [0, 0, 0, 0]
        assert attempts(engine, late.job_id)[0].outcome is AttemptOutcome.LOST
        if fenced == "while it waits":
            owner = claimed(engine, worker="host:2:b").lease
    assert transitions.heartbeat(engine, "host:2:b", {owner}) == {owner}


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
    transitions.settle_spending(engine, lease, spent(77))
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


def test_spending_that_is_told_late_does_not_take_back_the_last_word(engine: Engine) -> None:
    running_experiment(engine, num_problems=3)
    done, failed, cancelled = (claimed(engine).lease for _ in range(3))
    succeed(engine, done)
    transitions.fail_attempt(engine, failed, "too long", spent(5), retryable=False)
    transitions.settle_spending(engine, cancelled, spent(7), OPEN)
    before = [attempts(engine, lease.job_id) for lease in (done, failed, cancelled)]
    assert transitions.tell_spending(engine, dict.fromkeys((done, failed, cancelled), (spent(1), OPEN))) == frozenset()
    assert [attempts(engine, lease.job_id) for lease in (done, failed, cancelled)] == before
    assert all(each.is_settled for (each,) in before)


def test_an_attempt_that_someone_is_writing_to_is_told_of_the_next_time(engine: Engine) -> None:
    running_experiment(engine)
    one, two = claimed(engine).lease, claimed(engine).lease
    both = {one: (spent(1), OPEN), two: (spent(2), OPEN)}
    with engine.begin() as other:
        other.execute(text("SELECT FROM attempts WHERE job_id = :job_id FOR UPDATE"), {"job_id": one.job_id})
        assert transitions.tell_spending(engine, both) == {two}
    assert transitions.tell_spending(engine, both) == {one, two}


def test_a_claim_begins_with_nothing_spent_and_nothing_unknown(engine: Engine) -> None:
    running_experiment(engine)
    (attempt,) = attempts(engine, claimed(engine).job_id)
    assert (attempt.spent, attempt.unknown, attempt.is_settled) == (Counts.of(()), Unknown(), False)


@pytest.fixture
def frozen(database: str) -> Iterator[Engine]:
    """The engine of a process that stands still in the middle of a transaction."""
    engine = connect(database, most_idle_s=0.2)
    yield engine
    engine.dispose()


def test_a_process_that_freezes_while_it_writes_an_end_does_not_keep_the_job(engine: Engine, frozen: Engine) -> None:
    """It held the lock of the job, whose lease then could not be ended, for as long as it stood still: overnight."""
    running_experiment(engine)
    lease = claimed(engine).lease
    with pytest.raises(DatabaseUnavailableError), frozen.begin() as writing:
        writing.execute(RELEASE, {"job_id": lease.job_id, "attempt": lease.attempt})
        wait_until(lambda: [lost.lease for lost in transitions.free_expired_leases(engine, -1)] == [lease])
        writing.execute(text("SELECT 1"))
    assert claimed(engine).lease == Lease(lease.job_id, 2)


def test_a_reconciler_that_freezes_does_not_keep_the_others_from_reconciling(engine: Engine, frozen: Engine) -> None:
    def is_ours() -> bool:
        with transitions.reconciling(engine) as ours:
            return ours

    with pytest.raises(DatabaseUnavailableError), transitions.reconciling(frozen) as is_frozen_ones:
        assert is_frozen_ones
        wait_until(is_ours)
