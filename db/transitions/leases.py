"""Who holds a job: renewing leases, taking back those that ended, and what lost attempts spent."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, text

from db.counts import COUNT_COLUMNS, count_values
from db.records import Lease
from db.status import MAX_LOST_LEASES, JobStatus
from scaling.types import Counts

SPENDING = ", ".join(f"{name} = beats.{name}" for name in COUNT_COLUMNS)
COLUMN_TYPES = {name: "double precision" if name.endswith("seconds") else "integer" for name in COUNT_COLUMNS}
COUNT_ARRAYS = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in COLUMN_TYPES.items())

# `beats` is what the worker says it runs. Jobs are locked in order; those still ours are renewed and returned.
# Spending is written for attempts that were lost or cancelled meanwhile too: it was spent all the same.
HEARTBEAT = text(f"""
WITH beats AS (
    SELECT * FROM unnest(CAST(:job_ids AS bigint[]), CAST(:attempts AS integer[]), {COUNT_ARRAYS})
        AS beats (job_id, attempt, {", ".join(COUNT_COLUMNS)})
), alive AS (
    UPDATE workers SET heartbeat_at = coalesce(CAST(:now AS timestamptz), now()) WHERE id = :worker
), locked AS (
    SELECT jobs.id FROM jobs WHERE jobs.id = ANY (CAST(:job_ids AS bigint[])) ORDER BY jobs.id FOR UPDATE
), spent AS (
    UPDATE attempts SET {SPENDING}
    FROM beats JOIN locked ON locked.id = beats.job_id
    WHERE attempts.job_id = beats.job_id AND attempts.attempt = beats.attempt AND attempts.outcome <> 'succeeded'
)
UPDATE jobs SET heartbeat_at = coalesce(CAST(:now AS timestamptz), now())
FROM beats JOIN locked ON locked.id = beats.job_id
WHERE jobs.id = beats.job_id AND jobs.attempt = beats.attempt AND jobs.status = 'running'
RETURNING jobs.id, jobs.attempt
""")

RECORD_SPENDING = text(f"""
UPDATE attempts SET {", ".join(f"{name} = :{name}" for name in COUNT_COLUMNS)}
WHERE job_id = :job_id AND attempt = :attempt AND outcome <> 'succeeded'
""")

# Jobs that someone is just writing to are left for the next round.
FREE = text("""
WITH expired AS (
    SELECT id, attempt, worker FROM jobs
    WHERE status = 'running'
      AND heartbeat_at < coalesce(CAST(:now AS timestamptz), now()) - make_interval(secs => :lease_ttl_s)
    ORDER BY id
    FOR UPDATE SKIP LOCKED
), lost AS (
    UPDATE attempts SET outcome = 'lost', ended_at = coalesce(CAST(:now AS timestamptz), now())
    FROM expired
    WHERE attempts.job_id = expired.id AND attempts.attempt = expired.attempt AND attempts.outcome = 'running'
)
UPDATE jobs
SET lost_leases = lost_leases + 1, worker = NULL, heartbeat_at = NULL,
    status = CASE WHEN lost_leases + 1 >= :max_lost_leases THEN 'failed' ELSE 'queued' END,
    error = CASE WHEN lost_leases + 1 >= :max_lost_leases
        THEN 'lost its worker ' || (lost_leases + 1) || ' times: it seems to kill the worker that runs it'
        ELSE error END,
    finished_at = CASE WHEN lost_leases + 1 >= :max_lost_leases THEN coalesce(CAST(:now AS timestamptz), now()) END
FROM expired
WHERE jobs.id = expired.id
RETURNING jobs.id, jobs.attempt, expired.worker, jobs.status
""")


@dataclass(frozen=True, slots=True)
class LostLease:
    """A lease that was taken back: from whom, and what the job is now (queued, or failed after ten)."""

    lease: Lease
    worker: str
    status: JobStatus


def heartbeat(
    database: Engine, worker: str, running: Mapping[Lease, Counts], now: dt.datetime | None = None
) -> frozenset[Lease]:
    """Renews the worker's leases and records what each attempt has spent so far, in one statement.

    Returns the leases that are still ours; a job that is missing was cancelled or taken away: stop it.
    """
    leases = sorted(running)
    spent = [count_values(running[lease]) for lease in leases]
    arrays = {name: [values[name] for values in spent] for name in COUNT_COLUMNS}
    jobs = {"job_ids": [lease.job_id for lease in leases], "attempts": [lease.attempt for lease in leases]}
    with database.begin() as connection:
        rows = connection.execute(HEARTBEAT, {"worker": worker, "now": now, **jobs, **arrays})
        return frozenset(Lease(row.id, row.attempt) for row in rows)


def record_spending(database: Engine, lease: Lease, spent: Counts) -> None:
    """The last word on what a cancelled or fenced-out attempt spent. Leaves everything else as it is."""
    with database.begin() as connection:
        connection.execute(RECORD_SPENDING, {"job_id": lease.job_id, "attempt": lease.attempt, **count_values(spent)})


def free_expired_leases(database: Engine, lease_ttl_s: float, now: dt.datetime | None = None) -> tuple[LostLease, ...]:
    """Takes back the jobs whose heartbeat is older than `lease_ttl_s`; after ten lost leases a job has failed."""
    values = {"lease_ttl_s": lease_ttl_s, "max_lost_leases": MAX_LOST_LEASES, "now": now}
    with database.begin() as connection:
        rows = connection.execute(FREE, values)
        return tuple(LostLease(Lease(row.id, row.attempt), row.worker, JobStatus(row.status)) for row in rows)
