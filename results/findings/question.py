"""What a scan found, trace by trace: its numbers, and where its hits stand."""

from dataclasses import dataclass
from operator import attrgetter

from db.queries.scanning import Scan, TraceFinding, scan_named
from results.columns import Column, Columns, Table, any_of, itself
from results.measured.measurements import Measurements
from results.questions import Question
from results.wording import shown

MOST_SHOWN = 60
"""Characters of a place that people read in a table."""


@dataclass(frozen=True, slots=True)
class Findings:
    """By arm, problem and repeat."""

    scan: Scan
    traces: tuple[TraceFinding, ...]


def findings(measurements: Measurements, scan: str | None = None, hits: bool = False) -> Findings:
    """`hits`: only traces that have one. `scan` by number or name; without one, the newest. Raises UnknownScanError."""
    chosen = scan_named(measurements.scans(), scan)
    return Findings(chosen, measurements.trace_findings(chosen.id, only_hits=hits))


def first_words(found: TraceFinding) -> str:
    """What the first hit says, on one line; of a judge, its reason; or why nothing can be said."""
    words = found.places[0].words if found.places else found.why or ""
    joined = " ".join(words.split())
    return joined if len(joined) <= MOST_SHOWN else f"{joined[: MOST_SHOWN - 1]}…"


COLUMNS: Columns[TraceFinding] = (
    Column("job", lambda it: it.job_id, "job", show=str),
    Column("label", lambda it: it.arm, "arm", has_arms=True),
    Column("problem", lambda it: it.problem, "problem"),
    Column("repeat", lambda it: it.repeat, "repeat", needed=any_of(lambda it: it.repeat)),
    Column("verdict", lambda it: it.verdict, "verdict"),
    Column("answer", lambda it: it.answer, "answer"),
    Column("reference", lambda it: it.reference, "expected"),
    Column("chains", lambda it: it.chains),
    Column(
        "hits", lambda it: it.hits, "hits", "chains with a hit, of all",
        lambda it: f"{it.hits:,} / {it.chains:,}", itself,
    ),
    Column("value", lambda it: it.value, "number", "a chain's mean"),
    Column("chosen_hit", lambda it: it.is_chosen_hit, "chosen chain", "whether it has a hit", shown),
    Column("judged", lambda it: it.label, "says", "the judge", needed=any_of(lambda it: it.label)),
    Column("why", lambda it: it.why),
    *(
        Column(
            f"{phase}_log_prob", attrgetter(f"{phase}_log_prob"), f"{phase}, nats",
            f"mean log-prob of the model's own tokens, {phase}",
            needed=any_of(lambda it: it.thinking_log_prob is not None),
        )
        for phase in ("thinking", "answer")
    ),
    Column("words", first_words, "where"),
    Column("path", lambda it: it.places[0].path if it.places else None),
    Column("start", lambda it: it.places[0].start if it.places else None),
    Column("end", lambda it: it.places[0].end if it.places else None),
    Column("forced", lambda it: it.places[0].forced if it.places else None),
)  # fmt: skip
"""Where the first hit stands; characters are code points of the step's text."""


def table(found: Findings) -> Table[TraceFinding]:
    return Table(COLUMNS, found.traces, (f"Scan {found.scan.id}, {found.scan.name}.",))


FINDINGS = Question("findings", "What did a scan find in each trace?", findings, table)
