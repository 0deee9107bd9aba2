"""Every filter of the list of traces, alone and with others, and the counts that stand beside them."""

from dataclasses import asdict, fields, replace
from functools import partial
from inspect import signature

import pytest
from sqlalchemy import Engine, event, text

from dashboard.trace.choice import FIELDS
from db import transitions
from db.opinions import Opinion, Rating
from db.queries import TraceCounts, TraceFilter, TraceOrder, count_traces, experiment, list_traces, neighbours
from db.queries.trace_filter import CONDITIONS
from db.search.terms import SearchError
from db.status import JobStatus
from overthink.cli.commands import find
from results.traces.question import TRACES
from scaling.scanners.matching import Text
from scaling.types import Trace, Unread, Verdict
from tests.integration.scenes import claimed, new_arm, running_experiment, scan_here, spent, star

# Jobs p0 … p3 of arm a succeed, p4 fails; those of arm b wait.
TOLD = [
    (Verdict.CORRECT, "Wait, 12*3=36", 0.9, 2, 0, None),
    (Verdict.WRONG, "wait no", 0.1, 0, 1, None),
    (Verdict.WRONG, "so it is", None, 0, 0, None),
    (Verdict.UNPARSED, "hm", 0.5, 1, 0, Unread.NOTHING),
]
PLANTED = """
UPDATE traces SET waits = {waits}, cuts = {cuts}, unread = {unread} WHERE job_id = {job};
UPDATE candidates SET score = {score} WHERE job_id = {job}
"""


@pytest.fixture
def told(engine: Engine) -> int:
    made = running_experiment(engine, num_problems=5, arms=[new_arm("a"), new_arm("b")])
    jobs = [claimed(engine) for _ in range(10)]
    for other in (job for job in jobs if job.arm_label == "b"):
        transitions.release(engine, other.lease, spent())
    *leases, last = [job.lease for job in jobs if job.arm_label == "a"]
    for job, (verdict, thinking, score, waits, cuts, unread) in zip(leases, TOLD, strict=True):
        trace, grades = star(verdict=verdict)
        prompt, think, *rest = trace.steps
        said = Trace((prompt, replace(think, text=thinking), *rest), trace.outcome)
        transitions.succeed(engine, job, said, grades, wall_seconds=1.0)
        values = {"waits": waits, "cuts": cuts, "score": score or "NULL", "job": job.job_id}
        with engine.begin() as connection:
            connection.execute(text(PLANTED.format(**values, unread=f"'{unread.value}'" if unread else "NULL")))
    transitions.fail_attempt(engine, last, "prompt of 3,029 tokens exceeds 1,024", spent(), retryable=False)
    transitions.read_words(engine, within_s=60)
    scan_here(engine, made, Text(text="wait"))
    say = partial(transitions.annotate_job, engine)
    say(leases[0].job_id, "ann", Opinion(rating=Rating.GOOD, tags=("neat",)))
    say(leases[1].job_id, "ann", Opinion(rating=Rating.GOOD, tags=("neat", "odd")))
    say(leases[1].job_id, "ann", Opinion(rating=Rating.POOR, tags=("odd",)))  # she thinks otherwise now
    say(leases[1].job_id, "bob", Opinion(rating=Rating.FAIR))
    return made


def found(engine: Engine, experiment_id: int, matching: TraceFilter, order: TraceOrder = TraceOrder.PROBLEM) -> str:
    """The problems' numbers of arm a's jobs that match."""
    page = list_traces(engine, experiment_id, matching, order)
    assert page.total == len(page.traces)
    return "".join(trace.problem_key[1:] for trace in page.traces if trace.arm_label == "a")


@pytest.mark.parametrize(
    ("matching", "expected"),
    [
        ({}, "01234"),
        ({"says": "wait"}, "01"),
        ({"says": '"12*3"'}, "0"),
        ({"says": "wait", "verdict": Verdict.WRONG}, "1"),
        ({"says": "wait no", "min_score": 0.5}, ""),
        ({"says": "a\x00b"}, ""),
        ({"min_score": 0.5}, "03"),
        ({"max_score": 0.5}, "13"),
        ({"min_waits": 1}, "03"),
        ({"max_waits": 0}, "12"),
        ({"thinking_cut": True}, "1"),
        ({"thinking_cut": False}, "023"),
        ({"unread": Unread.NOTHING}, "3"),
        ({"hit": 1}, "01"),
        ({"hit": 1, "verdict": Verdict.WRONG}, "1"),
        ({"rated": Rating.GOOD}, "0"),
        ({"rated": Rating.FAIR}, "1"),
        ({"rated": Rating.POOR, "tagged": "odd"}, "1"),
        ({"tagged": "neat"}, "0"),
        ({"status": JobStatus.FAILED}, "4"),
        ({"error": "prompt of N tokens exceeds N"}, "4"),
        ({"error": "prompt of N tokens"}, ""),
        ({"level": "level 1", "max_waits": 0, "question": "1 + 1"}, "1"),
    ],
    ids=str,
)
def test_a_filter_finds(engine: Engine, told: int, matching: dict[str, object], expected: str) -> None:
    assert found(engine, told, TraceFilter(**matching)) == expected  # type: ignore[arg-type]


def test_every_field_of_a_filter_has_its_condition(engine: Engine, told: int) -> None:
    arm = experiment(engine, told).arms[0].id
    everything = TraceFilter(
        arm, Verdict.CORRECT, JobStatus.SUCCEEDED, "level 0", "p0", "0 + 1", 0, 99, "wait", 0.5, 1.0, 1, 2, False,
        hit=1, rated=Rating.GOOD, tagged="neat",
    )  # fmt: skip
    assert CONDITIONS.keys() == {field.name for field in fields(TraceFilter)}
    assert [name for name, value in asdict(everything).items() if value is None] == ["unread", "error"]
    assert found(engine, told, everything) == "0"
    assert found(engine, told, replace(everything, unread=Unread.CUT)) == ""


def test_page_python_and_command_filter_by_the_same() -> None:
    known = {field.name for field in fields(TraceFilter)} - {"arm_id"} | {"arm"}
    flags = signature(find.traces).parameters.keys() - {"experiment", "as_json", "as_csv"}
    assert TRACES.options.keys() - {"order", "limit"} == known
    assert flags == TRACES.options.keys()
    assert {field for field, _ in FIELDS.values()} == known - {"arm"}


def test_scores_order_and_what_has_none_comes_last(engine: Engine, told: int) -> None:
    assert found(engine, told, TraceFilter(), TraceOrder.BEST_SCORE) == "03124"
    assert found(engine, told, TraceFilter(), TraceOrder.WORST_SCORE) == "13024"


def test_counts_are_under_the_other_filters(engine: Engine, told: int) -> None:
    """Of ten jobs five wait."""
    arm = experiment(engine, told).arms[0].id
    everything = count_traces(engine, told, TraceFilter(verdict=Verdict.WRONG, status=JobStatus.FAILED))
    assert everything.jobs == {
        (JobStatus.SUCCEEDED, Verdict.CORRECT): 1,
        (JobStatus.SUCCEEDED, Verdict.WRONG): 2,
        (JobStatus.SUCCEEDED, Verdict.UNPARSED): 1,
        (JobStatus.FAILED, None): 1,
        (JobStatus.QUEUED, None): 5,
    }
    assert (everything.of(), everything.of(Verdict.WRONG), everything.of(status=JobStatus.FAILED)) == (10, 2, 1)
    assert count_traces(engine, told, TraceFilter(arm_id=arm)).of() == 5
    assert count_traces(engine, told, TraceFilter(says="wait")) == TraceCounts(
        {(JobStatus.SUCCEEDED, Verdict.CORRECT): 1, (JobStatus.SUCCEEDED, Verdict.WRONG): 1}
    )


def test_a_row_shows_the_place_and_neighbours_are_those_that_say_it(engine: Engine, told: int) -> None:
    first, second = list_traces(engine, told, TraceFilter(says="wait")).traces
    assert first.hit and second.hit
    assert (first.hit.said, first.hit.after, second.hit.said) == ("Wait", ", 12*3=36", "wait")
    around = neighbours(engine, told, first.job_id, TraceFilter(says="wait"))
    assert (around.next, around.position, around.total) == (second.job_id, 1, 2)


def test_under_a_scan_a_row_shows_what_it_found_and_where(engine: Engine, told: int) -> None:
    """`Wait, 12*3=36` and `wait no`: the rule's hit is their first word."""
    first, second = list_traces(engine, told, TraceFilter(hit=1)).traces
    assert first.found and second.found and first.place and second.place
    assert (first.found.hits, first.found.chains, first.found.value, first.found.label) == (1, 1, 1.0, None)
    assert (first.hit, first.place.said, first.place.after) == (None, "Wait", ", 12*3=36")
    assert (second.place.before, second.place.said, second.place.after) == ("", "wait", " no")


def test_findings_and_texts_are_read_for_those_filters_only(engine: Engine, told: int) -> None:
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    assert all(trace.found is None and trace.hit is None for trace in list_traces(engine, told).traces)
    assert asked and not any("findings" in each or "steps" in each for each in asked)
    list_traces(engine, told, TraceFilter(hit=1))
    assert any("findings" in each and "steps" in each for each in asked)


def test_what_cannot_be_looked_for_is_said(engine: Engine, told: int) -> None:
    with pytest.raises(SearchError, match="no letter and no digit"):
        list_traces(engine, told, TraceFilter(says="=="))
