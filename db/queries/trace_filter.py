"""Which jobs of an experiment are listed: conditions, and the tables that they look into.

A filter is a field of `TraceFilter` and a line in `CONDITIONS`. Only what is asked for stands in a statement, so that
PostgreSQL plans for it and joins no table for nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from db.opinions import Rating
from db.search.found import with_words
from db.search.terms import terms_of, texts_have, values_of
from db.signatures import signature_of
from db.status import JobStatus
from db.text import storable_or_none
from scaling.types import Unread, Verdict


@dataclass(frozen=True, slots=True)
class TraceFilter:
    """Which jobs to list; None: any. `question` is looked for in the problem's id and question, whatever the case;
    `says` in what the trace says (`db.search.terms`).

    A verdict, a number of tokens and whatever else is a trace's is had only by jobs that succeeded. Tokens are those of
    all its candidates together, the score is that of the chosen one, Waits are those that were really forced.
    """

    arm_id: int | None = None
    verdict: Verdict | None = None
    status: JobStatus | None = None
    level: str | None = None
    problem: str | None = None
    question: str | None = None
    min_thinking_tokens: int | None = None
    max_thinking_tokens: int | None = None
    says: str | None = None
    min_score: float | None = None
    max_score: float | None = None
    min_waits: int | None = None
    max_waits: int | None = None
    thinking_cut: bool | None = None
    unread: Unread | None = None
    hit: int | None = None
    """The scan that has a hit in it."""
    rated: Rating | None = None
    """That somebody gives it; so too with a tag. What they say now counts, not what they said before."""
    tagged: str | None = None
    error: str | None = None
    """The signature (`db.signatures`) of the error that it failed with."""


TABLES = {
    "traces": "LEFT JOIN traces ON traces.job_id = jobs.id",
    "chosen": "LEFT JOIN candidates AS chosen ON chosen.job_id = jobs.id AND chosen.chosen",
    "arms": "JOIN arms ON arms.id = jobs.arm_id",
    "problems": "JOIN problems ON problems.id = jobs.problem_id",
}
"""What may stand beside a job, by the name that conditions and orders call it by."""
SAID_NOW = """jobs.id IN (SELECT job_id FROM (
    SELECT DISTINCT ON (job_id, person) job_id, rating, tags FROM annotations
    WHERE annotations.experiment_id = :experiment_id AND job_id IS NOT NULL
    ORDER BY job_id, person, id DESC
) AS said_now WHERE {})"""

CONDITIONS = {
    "arm_id": "jobs.arm_id = :arm_id",
    "verdict": "traces.verdict = :verdict",
    "status": "jobs.status = :status",
    "level": "problems.level = :level",
    "problem": "problems.key = :problem",
    "question": "strpos(lower(problems.key || ' ' || problems.question), lower(:question)) > 0",
    "min_thinking_tokens": "traces.thinking_tokens >= :min_thinking_tokens",
    "max_thinking_tokens": "traces.thinking_tokens <= :max_thinking_tokens",
    "says": "jobs.id IN (SELECT said.job_id FROM said)",
    "min_score": "chosen.score >= :min_score",
    "max_score": "chosen.score <= :max_score",
    "min_waits": "traces.waits >= :min_waits",
    "max_waits": "traces.waits <= :max_waits",
    "thinking_cut": "(traces.cuts > 0) = :thinking_cut",
    "unread": "traces.unread = :unread",
    "hit": "jobs.id IN (SELECT job_id FROM findings WHERE scan_id = :hit AND hits > 0)",
    "rated": SAID_NOW.format("rating = :rated"),
    "tagged": SAID_NOW.format(":tagged = ANY (tags)"),
    "error": f"jobs.status = 'failed' AND {signature_of('jobs.error')} = :error",
}
"""Of each field of `TraceFilter`. Each table is called by its name in TABLES."""


@dataclass(frozen=True, slots=True)
class Matching:
    """Parts of a statement over the experiment's jobs that match. `before` stands before its SELECT."""

    before: str
    conditions: tuple[str, ...]
    values: Mapping[str, object]

    def source(self, *others: str) -> str:
        """FROM and WHERE, with the tables that the conditions, or these other pieces of SQL, look into."""
        where = ("jobs.experiment_id = :experiment_id", *self.conditions)
        joins = " ".join(joined((*where, *others)))
        return f"FROM jobs {joins} WHERE {' AND '.join(where)}"


def joined(pieces: Iterable[str]) -> list[str]:
    said = " ".join(pieces)
    return [join for table, join in TABLES.items() if f"{table}." in said]


def matching_jobs(experiment_id: int, wanted: TraceFilter | None) -> Matching:
    """Raises SearchError for a text that cannot be looked for."""
    asked = {name: value for name, value in asdict(wanted or TraceFilter()).items() if value is not None}
    typed = {name: storable_or_none(value) if isinstance(value, str) else value for name, value in asked.items()}
    conditions = tuple(CONDITIONS[name] for name in asked)
    values = {"experiment_id": experiment_id, **typed}
    if "says" not in asked:
        return Matching("", conditions, values)
    terms = terms_of(str(values.pop("says")))
    before = f"""
    WITH said AS MATERIALIZED (
        SELECT worded.job_id FROM ({with_words(experiment_id)}) AS worded WHERE {texts_have(terms, "worded.job_id")}
    )"""
    return Matching(before, conditions, {**values, **values_of(terms)})
