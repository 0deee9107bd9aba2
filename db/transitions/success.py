"""Jobs that succeed: traces of several stored together, each fenced by its own attempt's number, in one statement.

Where any has a journal, a second one erases it, in the same round trip. It cannot be part of the first: what a telling
kept while that waited for the attempt's row is seen by a later statement only.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from sqlalchemy import Engine, TextClause, text

from db.counts import SPENDING_COLUMNS, spending_values
from db.engine import at_once, in_one_trip
from db.errors import FencedOutError
from db.models import Base, CandidateRow, GradeRow, RollupRow, StepRow, TraceRow
from db.records import Grade, Lease
from db.transitions.journal import ERASE
from db.transitions.tallies import added
from db.transitions.trace_rows import trace_rows
from scaling.compute.spending import NOTHING_UNKNOWN, Unknown
from scaling.types import Counts, Trace

BY_THE_DATABASE = {"created_at", "graded_at"}


def inserted(model: type[Base]) -> str:
    """The INSERT of those rows of the parameter of the table's name whose jobs were left by their own attempts."""
    columns = [name for name in model.__table__.columns.keys() if name not in BY_THE_DATABASE]  # noqa: SIM118
    table = model.__tablename__
    return f"""
    INSERT INTO {table} ({", ".join(columns)})
    SELECT {", ".join(f"rows.{name}" for name in columns)}
    FROM json_populate_recordset(CAST(NULL AS {table}), CAST(:{table} AS json)) AS rows
    JOIN left_running ON left_running.job_id = rows.job_id
    """


# Jobs are locked in order, then their attempts, then the tallies. Who does not own its job changes nothing.
SUCCEED = text(f"""
WITH told AS MATERIALIZED (
    SELECT job_id, attempt, {", ".join(SPENDING_COLUMNS)}
    FROM json_populate_recordset(CAST(NULL AS attempts), CAST(:attempts AS json))
), locked AS MATERIALIZED (
    SELECT jobs.id FROM jobs JOIN told ON told.job_id = jobs.id ORDER BY jobs.id FOR UPDATE OF jobs
), left_running AS (
    UPDATE jobs SET status = 'succeeded', finished_at = now(), heartbeat_at = NULL, error = NULL
    FROM told JOIN locked ON locked.id = told.job_id
    WHERE jobs.id = told.job_id AND jobs.attempt = told.attempt AND jobs.status = 'running'
    RETURNING jobs.id AS job_id, jobs.attempt, jobs.experiment_id
), before AS (
    SELECT attempts.job_id, attempts.attempt, attempts.generated_tokens, left_running.experiment_id
    FROM attempts JOIN left_running USING (job_id, attempt)
    WHERE attempts.outcome = 'running'
    FOR UPDATE OF attempts
), ended AS (
    UPDATE attempts SET outcome = 'succeeded', ended_at = now(), is_settled = true,
        {", ".join(f"{name} = told.{name}" for name in SPENDING_COLUMNS)}
    FROM told JOIN before USING (job_id, attempt)
    WHERE attempts.job_id = told.job_id AND attempts.attempt = told.attempt
    RETURNING attempts.job_id, before.experiment_id, attempts.generated_tokens - before.generated_tokens AS tokens
), traced AS ({inserted(TraceRow)}
), stepped AS ({inserted(StepRow)}
), answered AS ({inserted(CandidateRow)}
), graded AS ({inserted(GradeRow)}
), rolled_up AS ({inserted(RollupRow)}
), tallied AS (
    {added("SELECT experiment_id, 1 AS versions, tokens FROM ended")}
)
SELECT job_id FROM left_running
""")


@dataclass(frozen=True, slots=True)
class Success:
    """What is stored of a job that succeeded: rows by their table, as JSON without its brackets."""

    lease: Lease
    rows: Mapping[str, str]
    has_journal: bool = True
    """False: nothing was ever kept of what its attempts were told."""

    @property
    def characters(self) -> int:
        return sum(map(len, self.rows.values()))


def success(
    lease: Lease,
    trace: Trace,
    grades: Sequence[Grade],
    wall_seconds: float,
    spent: Counts | None = None,
    unknown: Unknown = NOTHING_UNKNOWN,
    has_journal: bool = True,
) -> Success:
    """`grades` holds one grade for each candidate; ValueError otherwise. `spent` None: what stands in the trace."""
    rows = trace_rows(lease, trace, grades, wall_seconds)
    ended = {"job_id": lease.job_id, "attempt": lease.attempt}
    tables = {
        "attempts": [ended | spending_values(trace.counts if spent is None else spent, unknown)],
        "traces": [rows.trace],
        "steps": rows.steps,
        "candidates": rows.candidates,
        "grades": rows.grades,
        "rollups": [rows.rollup],
    }
    return Success(lease, {name: as_json(each)[1:-1] for name, each in tables.items()}, has_journal)


def succeed(
    database: Engine,
    lease: Lease,
    trace: Trace,
    grades: Sequence[Grade],
    wall_seconds: float,
    spent: Counts | None = None,
    unknown: Unknown = NOTHING_UNKNOWN,
) -> None:
    """running → succeeded, with trace, steps, candidates, grades and rollup: all at once, or nothing. See `success`.

    FencedOutError if the job is not this attempt's any more. After a DatabaseUnavailableError, call it again: if the
    first call was committed after all, the second is fenced out.
    """
    require_owned(lease, succeed_together(database, [success(lease, trace, grades, wall_seconds, spent, unknown)]))


def require_owned(lease: Lease, owned: frozenset[Lease]) -> None:
    if lease not in owned:
        raise FencedOutError(f"attempt {lease.attempt} of job {lease.job_id} does not own the job any more")


def succeed_together(database: Engine, successes: Sequence[Success]) -> frozenset[Lease]:
    """The same for several jobs in one transaction; the leases that owned their jobs: of the others nothing is kept.

    If one of them cannot be stored none is, and a DBAPIError is raised: each may be tried alone then.
    """
    if len({each.lease.job_id for each in successes}) < len(successes):  # two attempts at one job, one of them too late
        return frozenset[Lease]().union(*(succeed_together(database, [each]) for each in successes))
    rows_of = {name: f"[{','.join(each.rows[name] for each in successes)}]" for name in successes[0].rows}
    statements: list[tuple[TextClause, Mapping[str, object]]] = [(SUCCEED, rows_of)]
    if any(each.has_journal for each in successes):
        statements.append((ERASE, {"job_ids": [each.lease.job_id for each in successes]}))
    with at_once(database) as connection:
        owned = {job_id for (job_id,) in in_one_trip(connection, *statements)[0]}
    return frozenset(each.lease for each in successes if each.lease.job_id in owned)


def as_json(rows: Sequence[Mapping[str, object]]) -> str:
    """What JSON has no number for is spelled as PostgreSQL reads it."""
    try:
        return json.dumps(rows, ensure_ascii=False, allow_nan=False)
    except ValueError:
        return json.dumps(spelled(rows), ensure_ascii=False)


def spelled(value: object) -> object:
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {name: spelled(each) for name, each in value.items()}
    return [spelled(each) for each in value] if isinstance(value, list | tuple) else value
