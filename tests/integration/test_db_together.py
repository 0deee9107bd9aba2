"""Ends and claims of several jobs at once: each fenced for itself, none harmed by another, all in few round trips."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError

from db import transitions
from db.audit import audit
from db.engine import at_once, in_one_trip
from db.errors import FencedOutError
from db.records import Lease
from db.transitions import Success
from scaling.types import Trace
from tests.integration.scenes import (
    MODEL,
    WORKER,
    claimed,
    column,
    new_arm,
    new_experiment,
    running_experiment,
    spent,
    star,
    succeed,
)
from worker.together.endings import Endings


@contextmanager
def round_trips(engine: Engine, file: Path) -> Iterator[Callable[[], int]]:
    """How often PostgreSQL was asked and waited for meanwhile, as libpq tells: it prepares statements at first."""

    def note(connection: psycopg.Connection, *_: object) -> None:
        connection.pgconn.trace(written.fileno())

    def number() -> int:
        said = [line.split("\t") for line in file.read_text().splitlines()]
        return sum(each[1] == "F" and each[3] in ("Query", "Sync") for each in said if len(each) > 3)

    with file.open("w") as written:
        event.listen(engine, "checkout", note)
        yield number
        event.remove(engine, "checkout", note)
        engine.dispose()


def test_what_fails_in_a_pipeline_spoils_nothing_that_comes_after_it(engine: Engine) -> None:
    """psycopg prepares a statement the sixth time, and took one for prepared that the server had skipped."""
    divided, echoed = text("SELECT 1 / :by"), text("SELECT :said ::text")
    failures = 0
    for number in range(12):
        try:
            with at_once(engine) as connection:
                told = in_one_trip(connection, (divided, {"by": int(number != 5)}), (echoed, {"said": str(number)}))
            assert told[1][0][0] == str(number)
        except DBAPIError as error:
            assert isinstance(error.orig, psycopg.errors.DivisionByZero)
            failures += 1
    assert failures == 1


def ended(lease: Lease, num_candidates: int = 1, has_journal: bool = True) -> Success:
    trace, grades = star(num_candidates)
    return transitions.success(lease, trace, grades, 1.5, has_journal=has_journal)


def unstorable(lease: Lease) -> Success:
    """An integer that no column takes."""
    trace, grades = star()
    steps = (replace(trace.steps[0], ids=(2**40,)), *trace.steps[1:])
    return transitions.success(lease, Trace(steps, trace.outcome), grades, 1.5)


def leases(engine: Engine, number: int) -> list[Lease]:
    running_experiment(engine, num_problems=number)
    return [job.lease for job in transitions.claim_several(engine, number, MODEL, WORKER)]


def test_ends_together_are_what_they_are_alone(engine: Engine) -> None:
    alone, *others = leases(engine, 4)
    succeed(engine, alone, num_candidates=2)
    owned = transitions.succeed_together(engine, [ended(lease, 2) for lease in others])
    assert owned == set(others)
    assert (
        column(engine, "SELECT count(*) FROM steps GROUP BY job_id") == [7] * 4
    )  # a prompt, and three for each of two
    told = "SELECT DISTINCT (to_jsonb(traces) - 'job_id' - 'created_at')::text FROM traces"
    assert len(column(engine, told)) == 1
    assert len(column(engine, "SELECT DISTINCT (to_jsonb(rollups) - 'job_id')::text FROM rollups")) == 1
    assert column(engine, "SELECT sum(spent_tokens) FROM tallies") == [4 * 2 * (3 + 1)]
    assert audit(engine) == {}


def test_each_is_fenced_by_its_own_attempt(engine: Engine) -> None:
    mine, lost, given_back = leases(engine, 3)
    transitions.release(engine, given_back, spent())
    late = Lease(lost.job_id, lost.attempt + 1)  # nobody's
    assert transitions.succeed_together(engine, [ended(late), ended(mine), ended(given_back)]) == {mine}
    assert column(engine, "SELECT job_id FROM traces") == [mine.job_id]
    assert sorted(column(engine, "SELECT status FROM jobs")) == ["queued", "running", "succeeded"]  # type: ignore[type-var]
    again = claimed(engine).lease
    assert transitions.succeed_together(engine, [ended(given_back), ended(again), ended(lost)]) == {again, lost}
    assert audit(engine) == {}


def test_an_end_that_cannot_be_stored_fails_no_other(engine: Engine) -> None:
    bad, *good = leases(engine, 3)
    endings = Endings(engine)
    stored = endings._store([ended(good[0]), unstorable(bad), ended(good[1])])
    assert [stored[0], stored[2]] == [True, True]
    assert isinstance(stored[1], DBAPIError)
    with pytest.raises(DBAPIError, match="out of range"):
        endings.succeed(unstorable(bad))
    with pytest.raises(FencedOutError):
        endings.succeed(ended(good[0]))
    assert sorted(column(engine, "SELECT job_id FROM traces")) == sorted(lease.job_id for lease in good)  # type: ignore[type-var]
    endings.succeed(ended(bad))
    assert audit(engine) == {}


def test_traces_that_are_large_together_are_stored_one_by_one(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.together.endings.MOST_CHARACTERS", 100)
    two = leases(engine, 2)
    assert Endings(engine)._store([ended(lease) for lease in two]) == [True, True]
    assert len(set(column(engine, "SELECT xmin::text FROM traces"))) == 2


@pytest.mark.parametrize("has_journal", [False, True])
def test_ends_are_one_transaction_and_one_round_trip_however_many_there_are(
    engine: Engine, tmp_path: Path, has_journal: bool
) -> None:
    """After the first few, at which statements are prepared."""
    mine = leases(engine, 60)
    with round_trips(engine, tmp_path / "trace") as number:
        for _ in range(10):
            some, before = [mine.pop() for _ in range(6)], number()
            transitions.succeed_together(engine, [ended(lease, has_journal=has_journal) for lease in some])
            after = number()
    assert after - before == 1
    assert column(engine, "SELECT count(*) FROM traces GROUP BY xmin::text") == [6] * 10


@pytest.mark.parametrize("has_journal", [False, True])
def test_an_end_and_a_claim_are_one_round_trip_each(engine: Engine, tmp_path: Path, has_journal: bool) -> None:
    """After the first few, at which statements are prepared."""
    running_experiment(engine, num_problems=20)
    with round_trips(engine, tmp_path / "trace") as number:
        for _ in range(10):
            before = number()
            job = transitions.claim(engine, MODEL, WORKER)
            assert job is not None
            after_claim = number()
            transitions.succeed_together(engine, [ended(job.lease, has_journal=has_journal)])
            after_end = number()
    assert (after_claim - before, after_end - after_claim) == (1, 1)


def test_eight_claims_are_one_round_trip_and_more_are_few_that_end_with_the_line(
    engine: Engine, tmp_path: Path
) -> None:
    """Of 20 that are asked for: BEGIN, 8, 8, 3 of 4, COMMIT; and where none is left: BEGIN, none of 8, COMMIT."""
    running_experiment(engine, num_problems=127)
    with round_trips(engine, tmp_path / "trace") as number:
        transitions.claim_several(engine, 100, MODEL, WORKER)  # it is prepared after the first few; 27 are left
        found = []
        for asked in (8, 20, 20):
            before = number()
            found.append((len(transitions.claim_several(engine, asked, MODEL, WORKER)), number() - before))
    assert found == [(8, 1), (19, 5), (0, 3)]


def test_numbers_that_json_does_not_have_come_back(engine: Engine) -> None:
    (lease,) = leases(engine, 1)
    trace, grades = star()
    odd = tuple(replace(each, step_scores=(float("nan"), 0.5), score=0.5) for each in trace.outcome.candidates)
    made = Trace(trace.steps, replace(trace.outcome, candidates=odd))
    transitions.succeed(engine, lease, made, grades, wall_seconds=1 / 3)
    assert column(engine, "SELECT step_scores[1]::text || ' ' || step_scores[2] FROM candidates") == ["NaN 0.5"]
    assert column(engine, "SELECT wall_seconds FROM traces") == [1 / 3]


def test_several_claims_are_those_that_would_have_come_one_by_one(engine: Engine) -> None:
    """Ann's two experiments and Ben's: fair share moves with each claim, also within one transaction."""
    for owner in ("ann", "ann", "ben"):
        running_experiment(engine, 2, new=new_experiment(owner=owner))
    running_experiment(engine, 1, new=new_experiment(owner="cay", priority=-1))
    several = transitions.claim_several(engine, 9, MODEL, WORKER)
    # Ann has the oldest; then Ben has fewer; then they are equal, and hers is older; then he again; then hers alone
    assert [job.experiment_id for job in several] == [1, 3, 1, 3, 2, 2, 4]
    assert [job.attempt for job in several] == [1] * 7
    assert transitions.claim_several(engine, 3, MODEL, WORKER) == ()


def test_a_claim_passes_over_arms_whose_verifier_it_does_not_serve(engine: Engine) -> None:
    running_experiment(engine, 2, [new_arm("asks", verifier="judge"), new_arm("does not")])
    assert [job.arm_label for job in transitions.claim_several(engine, 4, MODEL, WORKER)] == ["does not"] * 2
    assert [job.arm_label for job in transitions.claim_several(engine, 4, MODEL, WORKER, ["judge"])] == ["asks"] * 2
