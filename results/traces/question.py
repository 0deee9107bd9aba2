"""The traces of an experiment, and its jobs without one: filtered and ordered as the page's list of them is."""

from dataclasses import dataclass

from db.opinions import Rating
from db.queries import TraceFilter, TraceOrder, TraceSummary, failure_named
from db.queries.scanning import scan_named
from db.status import JobStatus
from results.columns import Column, Columns, Table, any_of, lifted
from results.measured.measurements import Measurements, find_arm
from results.questions import Question
from results.traces.places import PLACE
from results.wording import UNKNOWN
from scaling.types import Unread, Verdict


@dataclass(frozen=True, slots=True)
class Listed:
    """`total` counts all that match, whatever the limit."""

    total: int
    traces: tuple[TraceSummary, ...]


def traces(
    measurements: Measurements,
    arm: str | None = None,
    verdict: Verdict | None = None,
    status: JobStatus | None = None,
    level: str | None = None,
    problem: str | None = None,
    question: str | None = None,
    says: str | None = None,
    min_thinking_tokens: int | None = None,
    max_thinking_tokens: int | None = None,
    min_score: float | None = None,
    max_score: float | None = None,
    min_waits: int | None = None,
    max_waits: int | None = None,
    thinking_cut: bool | None = None,
    unread: Unread | None = None,
    rated: Rating | None = None,
    tagged: str | None = None,
    error: str | None = None,
    hit: str | None = None,
    order: TraceOrder = TraceOrder.PROBLEM,
    limit: int | None = None,
) -> Listed:
    """What `TraceFilter` says; an arm by label or number, a scan by number or name, an error by a part of it.

    Raises UnknownArmError, UnknownScanError, UnknownFailureError, SearchError.
    """
    wanted = TraceFilter(
        arm_id=None if arm is None else find_arm(measurements.experiment.arms, arm).id,
        hit=None if hit is None else scan_named(measurements.scans(), hit).id,
        error=None if error is None else failure_named(measurements.failures(), error).signature,
        verdict=verdict, status=status, level=level, problem=problem, question=question, says=says,
        min_thinking_tokens=min_thinking_tokens, max_thinking_tokens=max_thinking_tokens,
        min_score=min_score, max_score=max_score, min_waits=min_waits, max_waits=max_waits,
        thinking_cut=thinking_cut, unread=unread, rated=rated, tagged=tagged,
    )  # fmt: skip
    page = measurements.traces(wanted, order, limit)
    return Listed(page.total, page.traces)


COLUMNS: Columns[TraceSummary] = (
    Column("job", lambda it: it.job_id, "job", show=str),
    Column("label", lambda it: it.arm_label, "arm"),
    Column("problem", lambda it: it.problem_key, "problem"),
    Column("question", lambda it: it.question),
    Column("level", lambda it: it.level, "level", needed=any_of(lambda it: it.level)),
    Column("subject", lambda it: it.subject),
    Column("repeat", lambda it: it.repeat, "repeat", needed=any_of(lambda it: it.repeat)),
    Column("status", lambda it: it.status),
    Column("verdict", lambda it: it.verdict, "verdict", "or what it is instead", of=lambda it: it.verdict or it.status),
    Column("answer", lambda it: it.answer, "answer"),
    Column("reference", lambda it: it.reference, "expected"),
    Column("unread", lambda it: it.unread, "why unread", needed=any_of(lambda it: it.unread)),
    Column("candidates", lambda it: it.num_candidates),
    Column("tie", lambda it: it.is_tie),
    Column("thinking_tokens", lambda it: it.thinking_tokens, "thinking", "tokens, of all candidates together"),
    Column("forced_tokens", lambda it: it.forced_tokens, "forced", needed=any_of(lambda it: it.forced_tokens)),
    Column("generated_tokens", lambda it: it.generated_tokens),
    Column("waits", lambda it: it.waits, "Waits", "really forced", needed=any_of(lambda it: it.waits)),
    Column("thinking_cuts", lambda it: it.cuts),
    Column("score", lambda it: it.score, "score", "of the chosen one", needed=any_of(lambda it: it.score is not None)),
    Column("seconds", lambda it: it.wall_seconds, "seconds"),
    Column("finished_at", lambda it: it.finished_at and it.finished_at.isoformat()),
    Column("error", lambda it: it.error, "error", needed=any_of(lambda it: it.error)),
    Column(
        "hits", lambda it: it.found and it.found.hits, "hits", "chains with a hit of the scan",
        lambda found: f"{found.hits:,} / {found.chains:,}" if found else UNKNOWN, lambda it: it.found,
        any_of(lambda it: it.found),
    ),
    Column(
        "value", lambda it: it.found and it.found.value, "number", "the scan's, a chain's mean",
        needed=any_of(lambda it: it.found),
    ),
    Column(
        "judged", lambda it: it.found and it.found.label, "says", "the judge",
        needed=any_of(lambda it: it.found and it.found.label),
    ),
    Column("why", lambda it: it.found and it.found.why),
    *lifted("", PLACE, lambda it: it.place),
)  # fmt: skip


def table(found: Listed) -> Table[TraceSummary]:
    return Table(COLUMNS, found.traces, (_how_many(found),))


def _how_many(found: Listed) -> str:
    """Which are not shown, if any are not."""
    shown = len(found.traces)
    if shown < found.total:
        return f"{shown:,} of {found.total:,} traces; a higher limit shows more."
    return "1 trace." if shown == 1 else f"{shown:,} traces."


TRACES = Question("traces", "Which traces?", traces, table, command="traces", is_live=True)
