"""An experiment that may generate so many tokens, and no more."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from db import queries, transitions
from db.audit import audit
from db.records import Lease
from db.status import ExperimentStatus as Status
from db.transitions import FencedOutError, WrongStatusError
from scaling.compute.spending import NOTHING_UNKNOWN
from scaling.spec import Edit
from tests.integration.scenes import claimed, column, finish, new_experiment, running_experiment, spent, succeed


def capped_at(engine: Engine, tokens: int | None, num_problems: int = 3) -> int:
    return running_experiment(engine, num_problems, new=replace(new_experiment(), token_cap=tokens))


def tell(engine: Engine, lease: Lease, tokens: int) -> None:
    transitions.tell_spending(engine, {lease: (spent(tokens), NOTHING_UNKNOWN)})


def test_it_is_stopped_at_its_cap_and_keeps_what_has_ended(engine: Engine) -> None:
    number = capped_at(engine, 105)
    succeed(engine, claimed(engine).lease)
    running = claimed(engine).lease
    before = queries.experiment(engine, number).summary
    assert before.spent_tokens is not None
    tell(engine, running, 104 - before.spent_tokens)
    assert transitions.stop_at_cap(engine) == ()
    tell(engine, running, 105 - before.spent_tokens)
    assert transitions.stop_at_cap(engine) == (number,)

    after = queries.experiment(engine, number).summary
    assert (after.status, after.jobs.succeeded, after.jobs.cancelled, after.jobs.open) == (Status.CAPPED, 1, 2, 0)
    assert after.results_version > before.results_version
    assert transitions.heartbeat(engine, "host:1:a", [running]) == frozenset()
    with pytest.raises(FencedOutError):
        succeed(engine, running)
    assert transitions.stop_at_cap(engine) == ()
    assert audit(engine) == {}


def test_attempts_that_were_lost_count_too(engine: Engine) -> None:
    number = capped_at(engine, 50)
    lost = claimed(engine).lease
    transitions.fail_attempt(engine, lost, "why", spent(50), True)
    assert transitions.stop_at_cap(engine) == (number,)


def test_of_two_only_the_one_that_spent_it_is_stopped_and_one_without_a_cap_never(engine: Engine) -> None:
    first, second, free = capped_at(engine, 10), capped_at(engine, 10), capped_at(engine, None)
    jobs = [claimed(engine) for _ in range(9)]
    for each in (first, free):
        tell(engine, next(job.lease for job in jobs if job.experiment_id == each), 1000)
    assert transitions.stop_at_cap(engine) == (first,)
    assert [queries.progress(engine, each).status for each in (second, free)] == [Status.RUNNING, Status.RUNNING]


def test_what_ends_with_its_last_token_has_succeeded(engine: Engine) -> None:
    number = capped_at(engine, 1, num_problems=1)
    succeed(engine, claimed(engine).lease)
    assert transitions.stop_at_cap(engine) == ()
    finish(engine)
    assert queries.progress(engine, number).status is Status.SUCCEEDED


def test_a_paused_one_whose_cap_was_lowered_is_stopped(engine: Engine) -> None:
    number = capped_at(engine, None)
    tell(engine, claimed(engine).lease, 20)
    transitions.pause_experiment(engine, number)
    transitions.edit_experiment(engine, number, Edit(token_cap=20))
    assert transitions.stop_at_cap(engine) == (number,)


def test_it_goes_on_only_once_its_cap_is_raised(engine: Engine) -> None:
    number = capped_at(engine, 20)
    tell(engine, claimed(engine).lease, 30)
    transitions.stop_at_cap(engine)
    with pytest.raises(WrongStatusError, match=rf"spent 30 of the 20 .* edit {number} --token-cap 60"):
        transitions.retry_experiment(engine, number)
    transitions.edit_experiment(engine, number, Edit(token_cap=31))
    assert transitions.retry_experiment(engine, number) == 3
    assert transitions.stop_at_cap(engine) == ()
    finish(engine)
    assert queries.progress(engine, number).status is Status.SUCCEEDED


@pytest.mark.parametrize(("edit", "cap"), [(Edit(), 7), (Edit(token_cap=9), 9), (Edit(no_token_cap=True), None)])
def test_a_cap_is_kept_changed_or_taken_away(engine: Engine, edit: Edit, cap: int | None) -> None:
    number = capped_at(engine, 7)
    transitions.edit_experiment(engine, number, edit)
    assert column(engine, "SELECT token_cap FROM experiments WHERE id = :id", id=number) == [cap]
    assert queries.experiment(engine, number).summary.token_cap == cap


def test_who_was_cancelled_or_stopped_is_known_among_those_asked_for(engine: Engine) -> None:
    capped, cancelled, running = capped_at(engine, 1), capped_at(engine, None), capped_at(engine, None)
    tell(engine, claimed(engine).lease, 1)
    transitions.stop_at_cap(engine)
    transitions.cancel_experiment(engine, cancelled)
    assert queries.stopped(engine, [capped, cancelled, running]) == {capped, cancelled}
    assert queries.stopped(engine, [running]) == frozenset()
