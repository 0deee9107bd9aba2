"""A scan in the database: who may write to it when, what it looks at, and what is left of it."""

import datetime as dt

import pytest
from sqlalchemy import Engine

from db import transitions
from db.audit import audit
from db.errors import FencedOutError, UnknownScanError
from db.queries.scanning import arm_findings, scan_named, scans, some_traces, trace_findings, traces_to_scan, unscanned
from db.status import MAX_LOST_LEASES, ScanStatus
from db.transitions.scans import ClaimedScan, NewScan
from scaling.compute.spending import Unknown
from scaling.scanners.chain_text import Place
from scaling.scanners.phrases import WaitCount
from scaling.scanners.scanner import Finding
from scaling.types import Counts
from tests.integration.scenes import claimed, column, finish, new_arm, running_experiment, succeed

LOOP = {"loop": "v1"}
LATER = dt.datetime(2040, 1, 1, tzinfo=dt.UTC)
HIT = Finding(2, 1, 1.5, True, (Place((0, 1), 0, 2, "so"),))
NONE = Finding(1, 0, 0.0, False)
UNTOLD = Finding(0, 0, None, None, why="too long")
PAID = Counts(100, 40, 0, 0, 0, 7, 0, 0, 0, 0.0, 1.0)


def new_scan(experiment_id: int, digest: str = "d", scanner: str = "loop", model: str | None = None) -> NewScan:
    return NewScan(experiment_id, scanner, scanner, {"scanner": scanner}, "v1", digest, "ann", model)


@pytest.fixture
def experiment(engine: Engine) -> int:
    """Three problems under two arms, all succeeded."""
    made = running_experiment(engine, num_problems=3, arms=[new_arm("a"), new_arm("b")])
    finish(engine)
    return made


def taken(engine: Engine, worker: str = "w") -> ClaimedScan:
    scan = transitions.claim_scan(engine, worker, ["tiny"], {**LOOP, "judge": "v1"})
    assert scan is not None
    return scan


def jobs(engine: Engine, experiment: int) -> list[int]:
    return [
        int(str(each)) for each in column(engine, f"SELECT id FROM jobs WHERE experiment_id = {experiment} ORDER BY id")
    ]


def test_the_same_scan_is_one_and_goes_on_with_what_came_since(engine: Engine) -> None:
    experiment = running_experiment(engine, num_problems=2)
    succeed(engine, claimed(engine).lease)
    made, is_new = transitions.create_scan(engine, new_scan(experiment))
    assert is_new
    assert transitions.create_scan(engine, new_scan(experiment)) == (made, False)
    scan = taken(engine)
    first, second = jobs(engine, experiment)
    transitions.store_findings(engine, scan.lease, experiment, {first: HIT})
    transitions.end_scan(engine, scan.lease, ScanStatus.SUCCEEDED)
    finish(engine)
    assert scans(engine, experiment)[0].unscanned == 1

    assert transitions.create_scan(engine, new_scan(experiment)) == (made, False)
    assert [each.job_id for each in unscanned(engine, made, experiment)] == [second]
    again = taken(engine)
    assert (again.id, again.attempt) == (made, 2)


def test_a_scan_is_claimed_once_and_by_whom_has_its_version_and_serves_its_judge(
    engine: Engine, experiment: int
) -> None:
    transitions.create_scan(engine, new_scan(experiment))
    transitions.create_scan(engine, new_scan(experiment, "e", "judge", "big"))
    assert transitions.waiting_scans(engine) in ((None, "big"), ("big", None))
    assert transitions.claim_scan(engine, "w", ["big"], {"loop": "v2"}) is None
    assert transitions.claim_scan(engine, "w", ["tiny"], {"judge": "v1"}) is None
    assert taken(engine).params == {"scanner": "loop"}
    assert transitions.claim_scan(engine, "w", ["tiny"], LOOP) is None
    by_judge = transitions.claim_scan(engine, "w", ["big"], {"judge": "v1"})
    assert by_judge is not None
    assert transitions.waiting_scans(engine) == ()


def test_who_was_taken_for_dead_and_wakes_writes_nothing(engine: Engine, experiment: int) -> None:
    transitions.create_scan(engine, new_scan(experiment))
    sleeper = taken(engine)
    assert transitions.free_expired_scans(engine, 60.0) == ()
    assert transitions.free_expired_scans(engine, 60.0, LATER) == ((sleeper.id, ScanStatus.QUEUED),)
    other = taken(engine, "v")
    first = jobs(engine, experiment)[0]
    transitions.store_findings(engine, other.lease, experiment, {first: NONE})
    with pytest.raises(FencedOutError):
        transitions.store_findings(engine, sleeper.lease, experiment, {first: HIT})
    with pytest.raises(FencedOutError):
        transitions.tell_asking(engine, sleeper.lease, Unknown(1, 1, 1))
    with pytest.raises(FencedOutError):
        transitions.end_scan(engine, sleeper.lease, ScanStatus.SUCCEEDED)
    assert transitions.renew_scans(engine, [sleeper.lease, other.lease]) == {other.lease}
    assert [finding.hits for finding in trace_findings(engine, other.id)] == [0]
    assert audit(engine) == {}


def test_a_scan_that_kills_its_workers_fails_in_the_end(engine: Engine, experiment: int) -> None:
    transitions.create_scan(engine, new_scan(experiment))
    for _ in range(MAX_LOST_LEASES):
        taken(engine)
        ((_, status),) = transitions.free_expired_scans(engine, 60.0, LATER)
    assert status is ScanStatus.FAILED
    (scan,) = scans(engine, experiment)
    assert scan.error is not None and "seems to kill the worker" in scan.error


def test_what_a_judge_may_cost_is_told_before_and_what_it_did_after(engine: Engine, experiment: int) -> None:
    """Bound: 2 requests, 300 prompt tokens, 64 to generate. One was answered for 100 + 7; the other is unknown."""
    transitions.create_scan(engine, new_scan(experiment, "e", "judge", "tiny"))
    scan = taken(engine)
    bound, unknown = Unknown(2, 300, 64), Unknown(1, 150, 32)
    transitions.tell_asking(engine, scan.lease, bound)
    assert spent_by(engine, experiment) == (0, 0, 2, 300, 64)
    transitions.store_findings(
        engine, scan.lease, experiment, {jobs(engine, experiment)[0]: HIT}, PAID, bound - unknown
    )
    assert spent_by(engine, experiment) == (100, 7, 1, 150, 32)
    assert column(engine, "SELECT sum(spent_tokens) FROM tallies") == column(
        engine, "SELECT sum(generated_tokens) FROM attempts"
    ), "what a scan spends is no experiment's"


def spent_by(engine: Engine, experiment: int) -> tuple[object, ...]:
    (scan,) = scans(engine, experiment)
    unknown = (scan.unknown_requests, scan.unknown_prompt_tokens, scan.unknown_generated_tokens)
    return (scan.prompt_tokens, scan.generated_tokens, *unknown)


def test_progress_counts_traces_hits_and_those_of_which_nothing_can_be_said(engine: Engine, experiment: int) -> None:
    transitions.create_scan(engine, new_scan(experiment))
    scan = taken(engine)
    first, second, third, *_ = jobs(engine, experiment)
    transitions.store_findings(engine, scan.lease, experiment, {first: HIT, second: NONE, third: UNTOLD})
    (found,) = scans(engine, experiment)
    assert (found.traces, found.scanned, found.hit, found.untold, found.unscanned) == (6, 3, 1, 1, 3)
    (one,) = trace_findings(engine, scan.id, only_hits=True)
    assert (one.job_id, one.hits, one.value, one.places[0].path, one.places[0].words) == (first, 1, 1.5, "0.1", "so")
    columns = list(arm_findings(engine, scan.id).values())
    assert sorted(each.hits_J.tolist() for each in columns) == [[0], [1, 0]]


def test_a_cancelled_scan_keeps_what_it_found_and_a_deleted_one_does_not(engine: Engine, experiment: int) -> None:
    transitions.create_scan(engine, new_scan(experiment))
    scan = taken(engine)
    transitions.store_findings(engine, scan.lease, experiment, {jobs(engine, experiment)[0]: HIT})
    assert transitions.cancel_scan(engine, scan.id)
    assert not transitions.cancel_scan(engine, scan.id)
    with pytest.raises(FencedOutError):
        transitions.store_findings(engine, scan.lease, experiment, {jobs(engine, experiment)[1]: HIT})
    assert len(trace_findings(engine, scan.id)) == 1
    transitions.delete_scan(engine, scan.id)
    assert column(engine, "SELECT count(*) FROM findings") == [0]
    with pytest.raises(UnknownScanError):
        transitions.delete_scan(engine, scan.id)


def test_the_results_are_others_when_a_scan_ends(engine: Engine, experiment: int) -> None:
    version = "SELECT sum(results_version) FROM tallies"
    transitions.create_scan(engine, new_scan(experiment))
    (before,) = column(engine, version)
    transitions.end_scan(engine, taken(engine).lease, ScanStatus.SUCCEEDED)
    (after,) = column(engine, version)
    assert int(str(after)) == int(str(before)) + 1


def test_a_scan_of_some_traces_draws_them_and_always_the_same(engine: Engine, experiment: int) -> None:
    """Of six, the same three, however often: with one of them done, the other two are left to take."""
    made, _ = transitions.create_scan(engine, new_scan(experiment))
    all_of = jobs(engine, experiment)
    drawn = [each.job_id for each in some_traces(engine, experiment, 3)]
    assert len(set(drawn)) == 3
    assert [each.job_id for each in unscanned(engine, made, experiment, 3)] == drawn
    assert [each.job_id for each in some_traces(engine, experiment, 60)] == all_of
    transitions.store_findings(engine, taken(engine).lease, experiment, {drawn[0]: NONE})
    assert [each.job_id for each in unscanned(engine, made, experiment, 3)] == drawn[1:]


def test_a_chain_is_what_was_written_behind_its_prompt_with_what_was_forced_told_apart(engine: Engine) -> None:
    """The prompt says "0 + 1 = ?", which nobody scans; then "so", a forced "</think>", and the answer "7"."""
    experiment = running_experiment(engine, num_problems=1)
    succeed(engine, claimed(engine).lease, num_candidates=2)
    (trace,) = traces_to_scan(engine, jobs(engine, experiment))
    assert (trace.question, trace.reference, trace.answer) == ("0 + 1 = ?", "1", "7")
    runs = [[(run.text, run.phase.value, run.is_forced) for run in chain.runs] for chain in trace.chains]
    assert runs == [[("so", "thinking", False), ("</think>", "answer", True), ("7", "answer", False)]] * 2
    assert [chain.is_chosen for chain in trace.chains] == [True, False]
    assert WaitCount().find(trace.chains[0]).value == 0


def test_a_scan_is_found_by_number_or_name_and_else_those_that_there_are_are_named(
    engine: Engine, experiment: int
) -> None:
    made, _ = transitions.create_scan(engine, new_scan(experiment))
    found = scans(engine, experiment)
    assert scan_named(found, str(made)) == scan_named(found, "loop") == scan_named(found, None)
    with pytest.raises(UnknownScanError, match="no scan 'lop'; did you mean loop"):
        scan_named(found, "lop")
    with pytest.raises(UnknownScanError, match="not scanned yet"):
        scan_named((), None)


def test_a_scan_goes_with_its_experiment(engine: Engine, experiment: int) -> None:
    transitions.create_scan(engine, new_scan(experiment))
    transitions.store_findings(engine, taken(engine).lease, experiment, {jobs(engine, experiment)[0]: HIT})
    assert column(engine, f"DELETE FROM experiments WHERE id = {experiment} RETURNING id") == [experiment]
