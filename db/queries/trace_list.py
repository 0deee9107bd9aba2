"""The list of an experiment's jobs with their traces: filtered, ordered, and walked from one to the next."""

import datetime as dt
from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy import Engine, TextClause, text

from db.engine import reading
from db.rows import read
from db.status import JobStatus
from db.text import storable_or_none
from scaling.types import Verdict


class TraceOrder(StrEnum):
    """How a list is ordered; ties by problem, arm, repeat."""

    PROBLEM = "problem"  # by problem, then arm, then repeat
    ARM = "arm"  # by arm, then problem, then repeat
    LEVEL = "level"  # by the problem's level; problems without one last
    VERDICT = "verdict"  # alike verdicts together; jobs without a trace last
    ANSWER = "answer"  # alike answers together; jobs without one last
    THINKING_TOKENS = "thinking_tokens"  # the longest thinking first; jobs without a trace last
    SHORTEST = "shortest"  # the shortest thinking first; jobs without a trace last
    FORCED_TOKENS = "forced_tokens"  # the most forced tokens first; jobs without a trace last
    SLOWEST = "slowest"  # the longest in seconds first; jobs without a trace last
    NEWEST = "newest"  # the latest to end first; jobs that have not ended last


BY_PROBLEM = "problems.position, arms.position, jobs.repeat, jobs.id"
ORDER_BY = {
    TraceOrder.PROBLEM: BY_PROBLEM,
    TraceOrder.ARM: "arms.position, problems.position, jobs.repeat, jobs.id",
    TraceOrder.LEVEL: f"problems.level NULLS LAST, {BY_PROBLEM}",
    TraceOrder.VERDICT: f"traces.verdict NULLS LAST, {BY_PROBLEM}",
    TraceOrder.ANSWER: f"traces.answer NULLS LAST, {BY_PROBLEM}",
    TraceOrder.THINKING_TOKENS: f"traces.thinking_tokens DESC NULLS LAST, {BY_PROBLEM}",
    TraceOrder.SHORTEST: f"traces.thinking_tokens NULLS LAST, {BY_PROBLEM}",
    TraceOrder.FORCED_TOKENS: f"traces.forced_tokens DESC NULLS LAST, {BY_PROBLEM}",
    TraceOrder.SLOWEST: f"traces.wall_seconds DESC NULLS LAST, {BY_PROBLEM}",
    TraceOrder.NEWEST: f"jobs.finished_at DESC NULLS LAST, {BY_PROBLEM}",
}

MATCHING = """
FROM jobs
JOIN arms ON arms.id = jobs.arm_id
JOIN problems ON problems.id = jobs.problem_id
LEFT JOIN traces ON traces.job_id = jobs.id
WHERE jobs.experiment_id = :experiment_id
  AND (CAST(:arm_id AS bigint) IS NULL OR jobs.arm_id = :arm_id)
  AND (CAST(:verdict AS text) IS NULL OR traces.verdict = :verdict)
  AND (CAST(:status AS text) IS NULL OR jobs.status = :status)
  AND (CAST(:level AS text) IS NULL OR problems.level = :level)
  AND (CAST(:problem_key AS text) IS NULL OR problems.key = :problem_key)
  AND (CAST(:text AS text) IS NULL OR strpos(lower(problems.key || ' ' || problems.question), lower(:text)) > 0)
  AND (CAST(:min_thinking_tokens AS integer) IS NULL OR traces.thinking_tokens >= :min_thinking_tokens)
  AND (CAST(:max_thinking_tokens AS integer) IS NULL OR traces.thinking_tokens <= :max_thinking_tokens)
"""

LEVELS = text("SELECT DISTINCT level FROM problems WHERE experiment_id = :experiment_id AND level IS NOT NULL")

COUNT = text(f"SELECT count(*) {MATCHING}")


def page_query(order: TraceOrder) -> TextClause:
    return text(f"""
        SELECT jobs.id AS job_id, jobs.arm_id, arms.label AS arm_label, problems.key AS problem_key,
            problems.position AS problem, left(problems.question, 200) AS question, problems.answer AS reference,
            problems.level, problems.subject, jobs.repeat, jobs.status, jobs.attempt, jobs.error, jobs.finished_at,
            traces.verdict, traces.answer, traces.is_tie, traces.num_candidates, traces.thinking_tokens,
            traces.forced_tokens, traces.generated_tokens, traces.seconds, traces.wall_seconds
        {MATCHING}
        ORDER BY {ORDER_BY[order]}
        LIMIT :limit OFFSET :offset
        """)


def neighbours_query(order: TraceOrder) -> TextClause:
    return text(f"""
        SELECT previous, next, position, total FROM (
            SELECT jobs.id, lag(jobs.id) OVER ordered AS previous, lead(jobs.id) OVER ordered AS next,
                row_number() OVER ordered AS position, count(*) OVER () AS total
            {MATCHING}
            WINDOW ordered AS (ORDER BY {ORDER_BY[order]})
        ) AS walk
        WHERE id = :job_id
        """)


@dataclass(frozen=True, slots=True)
class TraceFilter:
    """Which jobs to list; None: any. `text` is looked for in the problem's id and question, whatever the case.

    A verdict or a number of thinking tokens is had only by jobs that succeeded.
    """

    arm_id: int | None = None
    verdict: Verdict | None = None
    status: JobStatus | None = None
    level: str | None = None
    problem_key: str | None = None
    text: str | None = None
    min_thinking_tokens: int | None = None
    max_thinking_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class TraceSummary:
    """One line of the list. What the trace says is None for a job without one."""

    job_id: int
    arm_id: int
    arm_label: str
    problem: int
    problem_key: str
    question: str
    """Its first 200 characters."""
    reference: str
    level: str | None
    subject: str | None
    repeat: int
    status: JobStatus
    attempt: int
    error: str | None
    finished_at: dt.datetime | None
    verdict: Verdict | None
    answer: str | None
    is_tie: bool | None
    num_candidates: int | None
    thinking_tokens: int | None
    forced_tokens: int | None
    generated_tokens: int | None
    seconds: float | None
    wall_seconds: float | None


@dataclass(frozen=True, slots=True)
class TracePage:
    """A page of the list; `total` counts all that match."""

    total: int
    traces: tuple[TraceSummary, ...]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The jobs before and after one in a filtered list. `position` is from 1; all None if it does not match."""

    previous: int | None
    next: int | None
    position: int | None
    total: int | None


def list_traces(
    database: Engine,
    experiment_id: int,
    matching: TraceFilter | None = None,
    order: TraceOrder = TraceOrder.PROBLEM,
    limit: int = 50,
    offset: int = 0,
) -> TracePage:
    """A page of the experiment's jobs, without ids and step texts."""
    values = {"experiment_id": experiment_id, **filter_values(matching)}
    with reading(database) as connection:
        total = connection.execute(COUNT, values).scalar_one()
        rows = connection.execute(page_query(order), {**values, "limit": limit, "offset": offset})
        return TracePage(total, tuple(read(TraceSummary, row) for row in rows))


def levels(database: Engine, experiment_id: int) -> tuple[str, ...]:
    """The levels that its problems have, sorted; none if they have none."""
    with reading(database) as connection:
        return tuple(sorted(connection.execute(LEVELS, {"experiment_id": experiment_id}).scalars()))


def neighbours(
    database: Engine,
    experiment_id: int,
    job_id: int,
    matching: TraceFilter | None = None,
    order: TraceOrder = TraceOrder.PROBLEM,
) -> Neighbours:
    """What `list_traces` with the same filter and order has before and after this job."""
    values = {"experiment_id": experiment_id, "job_id": job_id, **filter_values(matching)}
    with reading(database) as connection:
        row = connection.execute(neighbours_query(order), values).one_or_none()
    return Neighbours(None, None, None, None) if row is None else Neighbours(*row)


def filter_values(matching: TraceFilter | None) -> dict[str, object]:
    """What people type may hold characters that PostgreSQL refuses even to look for."""
    wanted = matching or TraceFilter()
    typed = {name: storable_or_none(getattr(wanted, name)) for name in ("text", "level", "problem_key")}
    return {**asdict(wanted), **typed}
