"""What scans found, as everybody reads it: the numbers worked by hand, and the commands."""

import csv
import io
import json

import pytest
from sqlalchemy import Engine

from db import queries, transitions
from db.errors import UnknownScanError
from db.queries.scanning import scans
from db.status import ScanStatus
from db.transitions.scans import NewScan
from overthink.cli.exits import Exit
from results import Measurements
from results.findings.question import FINDINGS
from results.scans.question import SCANS, ArmHits
from scaling.scanners.chain_text import Place
from scaling.scanners.scanner import Finding
from scaling.types import Verdict
from tests.cli import Overthink, document, overthink, service
from tests.integration.scenes import claimed, new_arm, running_experiment, succeed

__all__ = ["overthink", "service"]


def found(hits: int, of: int = 1, value: float = 0.0, is_chosen_hit: bool | None = None) -> Finding:
    is_hit = hits > 0 if is_chosen_hit is None else is_chosen_hit
    places = (Place((0, 0), 3, 7, "=cmd wait"),) if hits else ()
    return Finding(of, hits, value or float(hits), is_hit, places)


UNTOLD = Finding(0, 0, None, None, why="the pattern took longer than 0.5 s")


@pytest.fixture
def scanned(engine: Engine) -> int:
    """Two problems under two arms with two repeats; by (arm, problem, repeat): verdict and finding.

    a: p0 correct with a hit (2 of 4 chains), p0 wrong without; p1 wrong with one, p1 untold and correct.
    b: p0 correct without, twice; p1 wrong with one of four, not the chosen one; p1 correct without.
    """
    right, wrong = Verdict.CORRECT, Verdict.WRONG
    told = {
        ("a", "p0", 0): (right, found(2, 4)),
        ("a", "p0", 1): (wrong, found(0)),
        ("a", "p1", 0): (wrong, found(1, value=3.0)),
        ("a", "p1", 1): (right, UNTOLD),
        ("b", "p0", 0): (right, found(0)),
        ("b", "p0", 1): (right, found(0)),
        ("b", "p1", 0): (wrong, found(1, 4, is_chosen_hit=False)),
        ("b", "p1", 1): (right, found(0)),
    }
    experiment = running_experiment(engine, num_problems=2, arms=[new_arm("a"), new_arm("b")], repeats=2)
    findings = {}
    for _ in told:
        job = claimed(engine)
        verdict, finding = told[job.arm_label, job.problem.id, job.repeat]
        succeed(engine, job.lease, verdict=verdict)
        findings[job.job_id] = finding
    transitions.close_finished_experiments(engine)
    new = NewScan(experiment, "wait_count", "wait_count", {"scanner": "wait_count"}, "v1", "d", "ann")
    transitions.create_scan(engine, new)
    scan = transitions.claim_scan(engine, "w", [], {"wait_count": "v1"})
    assert scan is not None
    transitions.store_findings(engine, scan.lease, experiment, findings)
    transitions.end_scan(engine, scan.lease, ScanStatus.SUCCEEDED)
    return experiment


def measured(engine: Engine, experiment: int) -> Measurements:
    return Measurements(engine, queries.experiment(engine, experiment))


def by_label(engine: Engine, experiment: int) -> dict[str, ArmHits]:
    return {row.label: row for row in SCANS.answer(measured(engine, experiment)).arms}


def test_shares_are_means_over_problems_of_chains_with_a_hit(engine: Engine, scanned: int) -> None:
    """a: p0 has (2/4 + 0) / 2, p1 has 1, of the one that is told; b: p0 none, p1 (1/4 + 0) / 2."""
    rows = by_label(engine, scanned)
    assert rows["a"].hit.value == pytest.approx((0.25 + 1.0) / 2)
    assert rows["b"].hit.value == pytest.approx((0.0 + 0.125) / 2)
    assert rows["a"].value.value == pytest.approx((2 / 2 + 3.0) / 2)
    assert (rows["a"].traces, rows["a"].untold, rows["b"].untold) == (4, 1, 0)


def test_accuracy_is_held_against_the_hit_of_the_chain_that_speaks_for_the_job(engine: Engine, scanned: int) -> None:
    """a: with a hit p0 right and p1 wrong; without, p0 wrong. b: none with one, and three of four right without."""
    rows = by_label(engine, scanned)
    assert (rows["a"].correct_with.value, rows["a"].correct_with.n) == (0.5, 2)
    assert (rows["a"].correct_without.value, rows["a"].correct_without.n) == (0.0, 1)
    assert rows["b"].correct_with.n == 0
    assert rows["b"].correct_without.value == pytest.approx((1.0 + 0.5) / 2)


def test_within_problems_only_those_count_that_have_traces_of_both_kinds(engine: Engine, scanned: int) -> None:
    """a: p0 alone has both, 1 − 0. b has none with a hit: over both it is p0 under a, and no arm against another."""
    rows = by_label(engine, scanned)
    assert (rows["a"].within.value, rows["a"].within.n) == (1.0, 1)
    assert rows["b"].within.n == 0
    assert (rows["all arms"].within.value, rows["all arms"].within.n) == (1.0, 1)


def test_hits_are_counted_by_verdict(engine: Engine, scanned: int) -> None:
    """Of correct traces: 2 + 3, one with a hit; of wrong ones 2 + 1, one with a hit."""
    (*_, together) = SCANS.table(SCANS.answer(measured(engine, scanned))).records
    assert (together["correct"], together["correct_with_hit"]) == (5, 1)
    assert (together["wrong"], together["wrong_with_hit"]) == (3, 1)


def test_a_reader_is_told_that_it_is_association_and_what_is_missing(engine: Engine, scanned: int) -> None:
    notes = " ".join(SCANS.table(SCANS.answer(measured(engine, scanned))).notes)
    assert "wait_count: 8 of 8 traces, 3 with a hit" in notes
    assert "Nothing could be said of 1 traces" in notes
    assert "association, not effect" in notes


def test_each_trace_has_its_line_with_the_place_of_its_first_hit(engine: Engine, scanned: int) -> None:
    rows = FINDINGS.table(FINDINGS.answer(measured(engine, scanned))).records
    assert len(rows) == 8
    hits = FINDINGS.table(FINDINGS.answer(measured(engine, scanned), hits=True)).records
    assert [(row["label"], row["problem"], row["repeat"]) for row in hits] == [
        ("a", "p0", 0),
        ("a", "p1", 0),
        ("b", "p1", 0),
    ]
    first = hits[0]
    assert (first["hits"], first["chains"], first["value"], first["chosen_hit"]) == (2, 4, 2.0, True)
    assert (first["path"], first["start"], first["end"], first["words"]) == ("0.0", 3, 7, "=cmd wait")
    assert next(row for row in rows if row["value"] is None)["why"] == UNTOLD.why


def test_terminal_json_and_csv_have_the_scan_by_its_name(service: Overthink, engine: Engine, scanned: int) -> None:
    told = service("results", "scene", "--view", "scans", "--option", "scan=wait_count")
    assert (told.code, "accuracy with a hit" in told.out, "all arms" in told.out) == (Exit.OK, True, True)
    rows = json.loads(service("results", "scene", "--view", "scans", "--json").out)["rows"]
    assert [row["label"] for row in rows] == ["a", "b", "all arms"]
    in_csv = list(csv.DictReader(io.StringIO(service("results", "scene", "--view", "findings", "--csv").out)))
    assert in_csv[0]["words"] == "'=cmd wait", "what a spreadsheet would take for a formula is quoted"


def test_a_scan_that_is_not_there_is_named_with_those_that_are(service: Overthink, scanned: int) -> None:
    said = service("results", "scene", "--view", "scans", "--option", "scan=waits")
    assert said.code == Exit.BAD_INPUT
    assert "there is no scan 'waits'" in said.err and "There are: wait_count" in said.err


def test_an_experiment_that_was_not_scanned_says_how_to(engine: Engine) -> None:
    experiment = running_experiment(engine)
    with pytest.raises(UnknownScanError, match="not scanned yet: `overthink scan` does it"):
        SCANS.answer(measured(engine, experiment))


def test_a_scan_is_handed_in_listed_cancelled_and_deleted_by_commands(
    service: Overthink, engine: Engine, scanned: int
) -> None:
    made = document(service("scan", "scene", "--pattern", "a+", "--set", "part=answer", "--name", "as", "--json"))
    assert (made["name"], made["status"], made["scanned"], made["traces"]) == ("as", "queued", 0, 8)
    assert made["scanner"] == {
        "scanner": "regex", "whose": "own", "part": "answer", "pattern": "a+", "ignore_case": False,
    }  # fmt: skip
    assert "looks through 8 traces" in service("scan", "scene", "--rule", "loop").out
    assert [each["name"] for each in document(service("scans", "scene", "--json"))["scans"]] == [
        "loop",
        "as",
        "wait_count",
    ]
    service("scans", "scene", "--cancel", "as")
    assert scans(engine, scanned)[1].status is ScanStatus.CANCELLED
    service("scans", "scene", "--delete", "as")
    assert [each.name for each in scans(engine, scanned)] == ["loop", "wait_count"]
    assert "wait_count" in service("scans", "scene").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "one of --rule, --text, --pattern, --judge and --log-probs"),
        (("--rule", "wait_cout"), "there is no scanner 'wait_cout'; did you mean wait_count?"),
        (("--rule", "regex"), "--rule regex needs more: give --pattern instead"),
        (("--pattern", "("), "is no regular expression"),
        (("--rule", "loop", "--set", "least_words=many"), "loop: least_words:"),
        (("--judge", "big"), "--judge MODEL and --prompt FILE belong together"),
        (("--judge", "big", "--prompt", "nowhere.txt"), "the prompt nowhere.txt cannot be read"),
    ],
)
def test_what_cannot_be_scanned_for_is_said(
    service: Overthink, scanned: int, words: tuple[str, ...], said: str
) -> None:
    answer = service("scan", "scene", *words)
    assert answer.code == Exit.BAD_INPUT
    assert said in " ".join(answer.err.split())
