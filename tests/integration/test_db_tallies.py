"""What moves with every end of a job: the version of an experiment's results, and the tokens that it has spent."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

import pytest
from sqlalchemy import Engine, text

from dashboard.data import Revision
from db import queries, transitions
from db.audit import audit
from db.queries import ExperimentSummary
from db.records import Lease
from db.transitions.tallies import PARTS, raise_versions
from scaling.compute.spending import NOTHING_UNKNOWN
from tests.integration.scenes import WORKER, claimed, new_experiment, running_experiment, spent, star, succeed


def seen(engine: Engine, experiment_id: int) -> ExperimentSummary:
    return queries.experiment(engine, experiment_id).summary


def fail(engine: Engine, lease: Lease, *, retryable: bool = False, tokens: int = 0) -> None:
    transitions.fail_attempt(engine, lease, "no", spent(tokens), retryable)


def lose(engine: Engine, lease: Lease) -> None:
    transitions.free_expired_leases(engine, lease_ttl_s=-1)


def experiment_of(engine: Engine, lease: Lease) -> int:
    return queries.trace(engine, lease.job_id).experiment_id


def cancel(engine: Engine, lease: Lease) -> None:
    transitions.cancel_experiment(engine, experiment_of(engine, lease))


ENDS: dict[str, Callable[[Engine, Lease], object]] = {
    "a success": succeed,
    "a failure for good": fail,
    "a failure that is tried again": lambda engine, lease: fail(engine, lease, retryable=True),
    "a job given back": lambda engine, lease: transitions.release(engine, lease, spent()),
    "a lost lease": lose,
    "a cancel": cancel,
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_every_end_of_an_attempt_is_a_new_version(engine: Engine, end: Callable[[Engine, Lease], object]) -> None:
    experiment, other = running_experiment(engine), running_experiment(engine)
    lease = claimed(engine).lease
    before, others = seen(engine, experiment), seen(engine, other)
    end(engine, lease)
    assert seen(engine, experiment).results_version > before.results_version
    assert seen(engine, other).results_version == others.results_version


def test_what_changes_no_result_is_no_new_version(engine: Engine) -> None:
    experiment = running_experiment(engine)
    before = seen(engine, experiment).results_version
    lease = claimed(engine).lease
    transitions.heartbeat(engine, WORKER, [lease])
    transitions.tell_spending(engine, {lease: (spent(5), NOTHING_UNKNOWN)})
    transitions.close_finished_experiments(engine)
    assert seen(engine, experiment).results_version == before


def test_an_expansion_stored_or_failed_is_a_new_version(engine: Engine) -> None:
    failed = transitions.create_experiment(engine, new_experiment()).id
    assert seen(engine, failed).results_version == 0
    transitions.begin_expansion(engine, failed)
    transitions.fail_expansion(engine, failed, "no such file")
    assert seen(engine, failed).results_version == 1
    assert seen(engine, running_experiment(engine)).results_version == 1


def test_closing_and_reopening_are_new_versions(engine: Engine) -> None:
    experiment = running_experiment(engine, num_problems=1)
    fail(engine, claimed(engine).lease)
    ended = seen(engine, experiment).results_version
    transitions.close_finished_experiments(engine)
    closed = seen(engine, experiment).results_version
    transitions.retry_experiment(engine, experiment)
    assert ended < closed < seen(engine, experiment).results_version


def test_a_retry_that_ends_in_the_same_counts_is_a_new_revision(engine: Engine) -> None:
    """One job fails, is retried and fails again, in the same status and the same numbers; what it cost has doubled."""
    experiment = running_experiment(engine, num_problems=1)
    fail(engine, claimed(engine).lease, tokens=5)
    transitions.close_finished_experiments(engine)
    before = seen(engine, experiment)
    transitions.retry_experiment(engine, experiment)
    fail(engine, claimed(engine).lease, tokens=5)
    transitions.close_finished_experiments(engine)
    after = seen(engine, experiment)
    assert (after.status, after.jobs) == (before.status, before.jobs)
    assert Revision.of(after) != Revision.of(before)


def test_ends_that_are_committed_in_another_order_than_they_were_made_are_all_seen(engine: Engine) -> None:
    """The later of two ends is committed first. A look between them must not be taken for a look after both."""
    experiment = running_experiment(engine)
    before = seen(engine, experiment).results_version
    with ExitStack() as stack:
        sessions = [stack.enter_context(engine.connect()) for _ in range(3)]
        pids = [session.execute(text("SELECT pg_backend_pid()")).scalar_one() for session in sessions]
        early, late = next(
            (first, second)
            for first, one in zip(sessions, pids, strict=True)
            for second, other in zip(sessions, pids, strict=True)
            if one % PARTS != other % PARTS
        )
        raise_versions(early, experiment)
        raise_versions(late, experiment)
        late.commit()
        between = seen(engine, experiment).results_version
        early.commit()
    assert (between, seen(engine, experiment).results_version) == (before + 1, before + 2)


def test_tokens_are_told_while_an_attempt_runs_and_counted_once_when_it_ends(engine: Engine) -> None:
    experiment = running_experiment(engine)
    lease = claimed(engine).lease
    for tokens in (3, 8):
        transitions.tell_spending(engine, {lease: (spent(tokens), NOTHING_UNKNOWN)})
        assert seen(engine, experiment).spent_tokens == tokens
    fail(engine, lease, tokens=10)
    assert seen(engine, experiment).spent_tokens == 10
    trace, grades = star()
    transitions.succeed(engine, claimed(engine).lease, trace, grades, 1.0, spent(30))
    assert seen(engine, experiment).spent_tokens == 40
    assert audit(engine) == {}


def test_the_last_word_of_a_cancelled_attempt_is_a_new_version_with_its_tokens(engine: Engine) -> None:
    experiment = running_experiment(engine)
    lease = claimed(engine).lease
    transitions.cancel_experiment(engine, experiment)
    before = seen(engine, experiment)
    transitions.tell_spending(engine, {lease: (spent(4), NOTHING_UNKNOWN)})
    told = seen(engine, experiment)
    transitions.settle_spending(engine, lease, spent(9))
    settled = seen(engine, experiment)
    assert (before.spent_tokens, told.spent_tokens, settled.spent_tokens) == (0, 4, 9)
    assert before.results_version < told.results_version < settled.results_version


def test_what_several_experiments_spent_is_told_in_one_statement(engine: Engine) -> None:
    experiments = [running_experiment(engine, num_problems=1) for _ in range(2)]
    leases = [claimed(engine).lease for _ in experiments]
    assert [experiment_of(engine, lease) for lease in leases] == experiments
    told = {lease: (spent(tokens), NOTHING_UNKNOWN) for lease, tokens in zip(leases, (3, 4), strict=True)}
    transitions.tell_spending(engine, told)
    assert [seen(engine, each).spent_tokens for each in experiments] == [3, 4]


def test_what_an_engine_that_counts_nothing_spent_is_not_known_and_not_none(engine: Engine) -> None:
    """The first attempt's 5 tokens are known, the second's are not: neither is their sum."""
    experiment = running_experiment(engine)
    fail(engine, claimed(engine).lease, tokens=5)
    assert seen(engine, experiment).spent_tokens == 5
    uncounted = replace(spent(), generated_tokens=None)
    transitions.tell_spending(engine, {(lease := claimed(engine).lease): (uncounted, NOTHING_UNKNOWN)})
    assert seen(engine, experiment).spent_tokens is None
    transitions.fail_attempt(engine, lease, "no", uncounted, retryable=False)
    assert seen(engine, experiment).spent_tokens is None
    assert audit(engine) == {}
