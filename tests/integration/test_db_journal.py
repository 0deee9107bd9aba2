"""The journal of running jobs: written by who owns a job, read by who goes on with it, gone when it has ended."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

from db import transitions
from db.audit import audit
from db.migrate import alembic_config, migrate
from db.queries import NOTHING_KEPT, GrowingStep, arm_totals, growing_steps, kept_journal
from db.records import Lease
from db.status import MAX_LOST_LEASES, AttemptOutcome
from db.transitions import FencedOutError
from db.transitions.journal import keep
from scaling.compute.spending import Unknown
from scaling.journal.entries import Entry, bytes_of
from scaling.types import Completion, FinishReason
from tests.integration.scenes import attempts, claimed, column, running_experiment, spent, star, succeed

KEYS = "SELECT convert_from(unnest(keys), 'UTF8') FROM journal ORDER BY position"


def entry(name: str, salt: str | None = "salt") -> Entry:
    return Entry(name.encode(), (0, 3), b"\x00 told " + name.encode(), salt)


def tell(engine: Engine, lease: Lease, *names: str, tokens: int = 5) -> bool:
    """Whether it was told."""
    told = transitions.tell_spending(engine, {lease: (spent(tokens), Unknown())}, {lease: [entry(n) for n in names]})
    return told == {lease}


def lose(engine: Engine, lease: Lease) -> None:
    (lost,) = transitions.free_expired_leases(engine, lease_ttl_s=-1)
    assert lost.lease == lease


def cancel(engine: Engine, lease: Lease) -> None:
    transitions.cancel_experiment(engine, experiment_of(engine, lease))


def fail_for_good(engine: Engine, lease: Lease) -> None:
    transitions.fail_attempt(engine, lease, "too long", spent(), retryable=False)


def experiment_of(engine: Engine, lease: Lease) -> int:
    (number,) = column(engine, "SELECT experiment_id FROM jobs WHERE id = :job_id", job_id=lease.job_id)
    assert isinstance(number, int)
    return number


def test_what_an_attempt_was_told_is_kept_with_what_it_cost_and_read_by_the_next(engine: Engine) -> None:
    running_experiment(engine, num_problems=2)
    lease, other = claimed(engine).lease, claimed(engine).lease
    transitions.tell_spending(
        engine,
        {lease: (spent(7), Unknown()), other: (spent(), Unknown())},
        {lease: [entry("b"), Entry(b"a", None, b"scores", "salt")], other: [entry("c", salt=None)]},
    )
    lose_both = transitions.free_expired_leases(engine, lease_ttl_s=-1)
    assert len(lose_both) == 2
    kept = kept_journal(engine, lease.job_id)
    assert kept.responses == {b"b": b"\x00 told b", b"a": b"scores"}
    assert (kept.cache_salt, kept_journal(engine, other.job_id).cache_salt) == ("salt", None)
    assert column(engine, "SELECT unnest(paths) FROM journal ORDER BY position") == ["0.3", None, "0.3"]
    assert attempts(engine, lease.job_id)[0].spent.generated_tokens == 7
    assert kept_journal(engine, 0) == NOTHING_KEPT


def test_the_journals_of_several_attempts_are_one_in_the_order_in_which_they_were_told(engine: Engine) -> None:
    """The seconds of each until it kept its last; the waiting in between is nobody's. Each server is named once."""
    running_experiment(engine, num_problems=1)
    for names, seconds in (("b", "a"), 3), (("d",), 10), (("c",), 20):
        lease = claimed(engine).lease
        tell(engine, lease, *names)
        transitions.made_by(engine, lease, [4, seconds % 3])
        with engine.begin() as connection:
            started = text("UPDATE attempts SET started_at = started_at - make_interval(secs => :s) WHERE attempt = :a")
            connection.execute(started, {"s": seconds, "a": lease.attempt})
        lose(engine, lease)
    kept = kept_journal(engine, lease.job_id)
    assert list(kept.responses) == [b"b", b"a", b"d", b"c"]
    assert 33 <= kept.seconds < 34 + 60  # 3 + 10 + 20, and what the claims and tellings took
    assert kept.provenances == (4, 0, 1, 2)


@pytest.mark.parametrize("took_away", [lose, cancel])
def test_an_attempt_that_does_not_own_its_job_keeps_nothing_and_its_spending_is_told(
    engine: Engine, took_away: Callable[[Engine, Lease], None]
) -> None:
    running_experiment(engine, num_problems=1)
    lease = claimed(engine).lease
    took_away(engine, lease)
    assert tell(engine, lease, "late", tokens=9)
    assert column(engine, KEYS) == []
    assert attempts(engine, lease.job_id)[0].spent.generated_tokens == 9


def test_an_attempt_that_was_followed_by_another_keeps_nothing_of_its_own(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    stale = claimed(engine).lease
    tell(engine, stale, "early")
    lose(engine, stale)
    owner = claimed(engine).lease
    tell(engine, stale, "late")
    tell(engine, owner, "own")
    with pytest.raises(FencedOutError):
        transitions.release(engine, stale, spent(), journal=[entry("later")])
    assert column(engine, KEYS) == ["early", "own"]


def test_what_is_told_again_because_nobody_heard_of_the_commit_is_read_once(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    lease = claimed(engine).lease
    one, two = (
        Entry(word.encode(), (0, 3), bytes_of(Completion((), word, FinishReason.LENGTH, 1, 0, 2, 1.0)), None)
        for word in ("one ", "two ")
    )
    for told in [one], [one, two], [one, two]:
        transitions.tell_spending(engine, {lease: (spent(), Unknown())}, {lease: told})
    assert list(kept_journal(engine, lease.job_id).responses) == [b"one ", b"two "]
    assert growing_steps(engine, lease.job_id) == (GrowingStep((0, 3), "one two ", 4),)


def test_a_telling_is_one_row_of_each_job_however_much_was_responded(engine: Engine) -> None:
    running_experiment(engine, num_problems=2)
    told = {claimed(engine).lease: [entry(str(number)) for number in range(50)] for _ in range(2)}
    transitions.tell_spending(engine, {lease: (spent(), Unknown()) for lease in told}, told)
    assert column(engine, "SELECT cardinality(keys) FROM journal") == [50, 50]
    assert [list(kept_journal(engine, lease.job_id).responses) for lease in told] == [
        [str(number).encode() for number in range(50)]
    ] * 2


def test_what_running_jobs_were_told_goes_through_the_upgrade_that_packs_it(engine: Engine) -> None:
    """And back: then each response has a row of its own."""
    running_experiment(engine, num_problems=2)
    lease, other = claimed(engine).lease, claimed(engine).lease
    for each, names in ((lease, ("a", "b")), (other, ("a",)), (lease, ("c",))):
        tell(engine, each, *names)
    told = [kept_journal(engine, each.job_id) for each in (lease, other)]
    command.downgrade(migrations(engine), "0026")
    assert column(engine, "SELECT convert_from(key, 'UTF8') FROM journal ORDER BY job_id, key") == ["a", "b", "c", "a"]
    migrate(engine)
    assert [kept_journal(engine, each.job_id) for each in (lease, other)] == told
    assert list(told[0].responses) == [b"a", b"b", b"c"]
    succeed(engine, lease)
    assert column(engine, KEYS) == ["a"]


def migrations(engine: Engine) -> Config:
    config = alembic_config()
    config.attributes["database"] = engine
    return config


@pytest.mark.parametrize("end", [succeed, fail_for_good, cancel])
def test_a_job_that_has_ended_has_no_journal_and_others_keep_theirs(
    engine: Engine, end: Callable[[Engine, Lease], None]
) -> None:
    running_experiment(engine, num_problems=1)
    lease = claimed(engine).lease
    running_experiment(engine, num_problems=1)
    other = claimed(engine).lease
    tell(engine, lease, "a", tokens=8)
    tell(engine, other, "b")
    end(engine, lease)
    assert column(engine, KEYS) == ["b"]
    assert audit(engine) == {}


def test_a_job_that_lost_too_many_workers_has_no_journal(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    for number in range(MAX_LOST_LEASES):
        lease = claimed(engine).lease
        tell(engine, lease, f"of {number}")
        assert len(column(engine, KEYS)) == number + 1
        lose(engine, lease)
    assert column(engine, KEYS) == []


def test_a_job_that_is_given_back_or_tried_again_keeps_what_it_was_told_last(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    lease = claimed(engine).lease
    tell(engine, lease, "a")
    transitions.release(engine, lease, spent(), journal=[entry("a"), entry("b")])
    transitions.fail_attempt(engine, claimed(engine).lease, "away", spent(), retryable=True, journal=[entry("c")])
    assert list(kept_journal(engine, lease.job_id).responses) == [b"a", b"b", b"c"]
    outcomes = [each.outcome for each in attempts(engine, lease.job_id)]
    assert outcomes == [AttemptOutcome.RELEASED, AttemptOutcome.FAILED]


def test_a_job_that_is_retried_after_its_end_begins_anew(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    lease = claimed(engine).lease
    tell(engine, lease, "a")
    cancel(engine, lease)
    transitions.retry_experiment(engine, experiment_of(engine, lease))
    assert kept_journal(engine, claimed(engine).job_id) == NOTHING_KEPT


@pytest.mark.parametrize("end", [succeed, fail_for_good, cancel])
def test_who_ends_a_job_while_its_journal_is_being_written_waits_and_leaves_nothing(
    engine: Engine, end: Callable[[Engine, Lease], None]
) -> None:
    """The telling holds the attempt's row; the end has to see what it wrote."""
    running_experiment(engine, num_problems=1)
    lease = claimed(engine).lease
    with ThreadPoolExecutor(1) as threads:
        with engine.begin() as telling:
            telling.execute(text("SELECT FROM attempts FOR UPDATE"))
            keep(telling, {lease: [entry("a")]})
            ending = threads.submit(end, engine, lease)
            while column(engine, "SELECT count(*) FROM pg_locks WHERE NOT granted") == [0]:
                assert not ending.done(), ending.result()
        ending.result(30)
    assert column(engine, KEYS) == []


def test_what_was_replayed_is_paid_once_and_what_was_lost_is_told_as_spent_besides(engine: Engine) -> None:
    """The trace has 4 tokens. The first attempt spent 3 and the second 3 more: of the first's, 1 was replayed."""
    experiment = running_experiment(engine, num_problems=1)
    lease = claimed(engine).lease
    tell(engine, lease, "a", tokens=3)
    lose(engine, lease)
    trace, grades = star()
    transitions.succeed(engine, claimed(engine).lease, trace, grades, 1.0, spent(3))
    (totals,) = arm_totals(engine, experiment)
    assert (totals.tokens.generated_tokens, totals.unrewarded.generated_tokens) == (4, 2)
    assert audit(engine) == {}
