"""The list of an experiment's jobs with their traces: filtered, counted, ordered, and walked from one to the next."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import Connection, Engine, TextClause, text

from db.engine import reading
from db.queries.scanning.hits import ScanHit, scan_hits
from db.queries.trace_filter import TABLES, Matching, TraceFilter, matching_jobs
from db.rows import read
from db.search.found import searching
from db.search.hits import Hit, hits_of
from db.search.terms import terms_of
from db.status import JobStatus
from scaling.types import Unread, Verdict


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
    BEST_SCORE = "best_score"  # the best score of the chosen candidate first; jobs without one last
    WORST_SCORE = "worst_score"  # the worst score first; jobs without one last
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
    TraceOrder.BEST_SCORE: f"chosen.score DESC NULLS LAST, {BY_PROBLEM}",
    TraceOrder.WORST_SCORE: f"chosen.score NULLS LAST, {BY_PROBLEM}",
    TraceOrder.SLOWEST: f"traces.wall_seconds DESC NULLS LAST, {BY_PROBLEM}",
    TraceOrder.NEWEST: f"jobs.finished_at DESC NULLS LAST, {BY_PROBLEM}",
}

LEVELS = text("SELECT DISTINCT level FROM problems WHERE experiment_id = :experiment_id AND level IS NOT NULL")


def count_query(matching: Matching) -> TextClause:
    source = matching.source("traces.verdict")
    return text(f"{matching.before} SELECT jobs.status, traces.verdict, count(*) {source} GROUP BY 1, 2")


def page_query(matching: Matching, order: TraceOrder) -> TextClause:
    """What a row shows is read of the page's jobs only."""
    return text(f"""
        {matching.before}
        SELECT jobs.id AS job_id, jobs.arm_id, arms.label AS arm_label, problems.key AS problem_key,
            problems.position AS problem, left(problems.question, 200) AS question, problems.answer AS reference,
            problems.level, problems.subject, jobs.repeat, jobs.status, jobs.attempt, jobs.error, jobs.finished_at,
            traces.verdict, traces.answer, traces.is_tie, traces.num_candidates, traces.thinking_tokens,
            traces.forced_tokens, traces.generated_tokens, traces.seconds, traces.wall_seconds, traces.waits,
            traces.cuts, traces.unread, chosen.score
        FROM (
            SELECT jobs.id {matching.source(ORDER_BY[order])}
            ORDER BY {ORDER_BY[order]}
            LIMIT CAST(:limit AS bigint) OFFSET :offset
        ) AS page
        JOIN jobs ON jobs.id = page.id {" ".join(TABLES.values())}
        ORDER BY {ORDER_BY[order]}
        """)


def neighbours_query(matching: Matching, order: TraceOrder) -> TextClause:
    return text(f"""
        {matching.before}
        SELECT previous, next, position, total FROM (
            SELECT jobs.id, lag(jobs.id) OVER ordered AS previous, lead(jobs.id) OVER ordered AS next,
                row_number() OVER ordered AS position, count(*) OVER () AS total
            {matching.source(ORDER_BY[order])}
            WINDOW ordered AS (ORDER BY {ORDER_BY[order]})
        ) AS walk
        WHERE id = :job_id
        """)


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
    waits: int | None
    cuts: int | None
    unread: Unread | None
    score: float | None
    """Of the chosen candidate."""
    hit: Hit | None
    """Where it says what was looked for; None: nothing was."""
    found: ScanHit | None = None
    """What the scan found whose hits are listed; None: none are."""

    @property
    def place(self) -> Hit | None:
        """What was looked for, or else the scan's first hit."""
        return self.hit or (self.found.place if self.found else None)


@dataclass(frozen=True, slots=True)
class TracePage:
    """A page of the list; `total` counts all that match."""

    total: int
    traces: tuple[TraceSummary, ...]


@dataclass(frozen=True, slots=True)
class TraceCounts:
    """How many jobs match, by their status and the verdict of their trace."""

    jobs: Mapping[tuple[JobStatus, Verdict | None], int]

    def of(self, verdict: Verdict | None = None, status: JobStatus | None = None) -> int:
        """None: any."""
        return sum(
            number
            for (of_status, of_verdict), number in self.jobs.items()
            if verdict in (None, of_verdict) and status in (None, of_status)
        )


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
    limit: int | None = 50,
    offset: int = 0,
) -> TracePage:
    """A page of the experiment's jobs, without ids and step texts; without a limit all of them. Raises SearchError."""
    with searching(database) as connection:
        total = _counted(connection, experiment_id, matching).of()
        return TracePage(total, _rows(connection, experiment_id, matching, order, limit, offset))


def list_rows(
    database: Engine, experiment_id: int, matching: TraceFilter, order: TraceOrder, limit: int, offset: int
) -> tuple[TraceSummary, ...]:
    """The same page, without counting all of it."""
    with searching(database) as connection:
        return _rows(connection, experiment_id, matching, order, limit, offset)


def count_traces(database: Engine, experiment_id: int, matching: TraceFilter) -> TraceCounts:
    """Of all that match, whatever status and verdict the filter asks for. Raises SearchError."""
    with searching(database) as connection:
        return _counted(connection, experiment_id, replace(matching, verdict=None, status=None))


def _counted(connection: Connection, experiment_id: int, wanted: TraceFilter | None) -> TraceCounts:
    matching = matching_jobs(experiment_id, wanted)
    rows = connection.execute(count_query(matching), matching.values)
    return TraceCounts({(JobStatus(status), verdict and Verdict(verdict)): number for status, verdict, number in rows})


def _rows(
    connection: Connection,
    experiment_id: int,
    wanted: TraceFilter | None,
    order: TraceOrder,
    limit: int | None,
    offset: int,
) -> tuple[TraceSummary, ...]:
    matching = matching_jobs(experiment_id, wanted)
    values = {**matching.values, "limit": limit, "offset": offset}
    rows = connection.execute(page_query(matching, order), values).all()
    wanted, jobs = wanted or TraceFilter(), [row.job_id for row in rows]
    hits = hits_of(connection, jobs, terms_of(wanted.says)) if wanted.says else {}
    found = {} if wanted.hit is None else scan_hits(connection, jobs, wanted.hit)
    return tuple(read(TraceSummary, row, hit=hits.get(row.job_id), found=found.get(row.job_id)) for row in rows)


def levels(database: Engine, experiment_id: int) -> tuple[str, ...]:
    """The levels that its problems have, sorted; none if they have none."""
    with reading(database) as connection:
        return tuple(sorted(connection.execute(LEVELS, {"experiment_id": experiment_id}).scalars()))


def neighbours(
    database: Engine,
    experiment_id: int,
    job_id: int,
    wanted: TraceFilter | None = None,
    order: TraceOrder = TraceOrder.PROBLEM,
) -> Neighbours:
    """What `list_traces` with the same filter and order has before and after this job. Raises SearchError."""
    matching = matching_jobs(experiment_id, wanted)
    with searching(database) as connection:
        row = connection.execute(neighbours_query(matching, order), {**matching.values, "job_id": job_id}).one_or_none()
    return Neighbours(None, None, None, None) if row is None else Neighbours(*row)
