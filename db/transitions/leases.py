"""Who holds a job: renewing leases and taking back those that ended. `spending` is about what they cost."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Engine, text

from db.records import Lease
from db.status import MAX_LOST_LEASES, JobStatus
from db.transitions.journal import ERASE
from db.transitions.tallies import added

# Jobs are locked in order; those still ours are renewed and returned. A worker that was taken for dead (it stood still,
# or was cut off) is alive again: one that has said goodbye beats no more.
HEARTBEAT = text("""
WITH beats AS (
    SELECT * FROM unnest(CAST(:job_ids AS bigint[]), CAST(:attempts AS integer[])) AS beats (job_id, attempt)
), alive AS (
    UPDATE workers SET heartbeat_at = coalesce(CAST(:now AS timestamptz), now()), stopped_at = NULL WHERE id = :worker
), locked AS (
    SELECT jobs.id FROM jobs WHERE jobs.id = ANY (CAST(:job_ids AS bigint[])) ORDER BY jobs.id FOR UPDATE
)
UPDATE jobs SET heartbeat_at = coalesce(CAST(:now AS timestamptz), now())
FROM beats JOIN locked ON locked.id = beats.job_id
WHERE jobs.id = beats.job_id AND jobs.attempt = beats.attempt AND jobs.status = 'running'
RETURNING jobs.id, jobs.attempt
""")

# Jobs that someone is just writing to are left for the next round.
FREE = text(f"""
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
), freed AS (
    UPDATE jobs
    SET lost_leases = lost_leases + 1, worker = NULL, heartbeat_at = NULL,
        status = CASE WHEN lost_leases + 1 >= :max_lost_leases THEN 'failed' ELSE 'queued' END,
        error = CASE WHEN lost_leases + 1 >= :max_lost_leases
            THEN 'lost its worker ' || (lost_leases + 1) || ' times: it seems to kill the worker that runs it'
            ELSE error END,
        finished_at = CASE WHEN lost_leases + 1 >= :max_lost_leases THEN coalesce(CAST(:now AS timestamptz), now()) END
    FROM expired
    WHERE jobs.id = expired.id
    RETURNING jobs.id, jobs.attempt, expired.worker, jobs.status, jobs.experiment_id
), tallied AS (
    {added("SELECT experiment_id, 1 AS versions, 0 AS tokens FROM freed")}
)
SELECT id, attempt, worker, status FROM freed
""")


@dataclass(frozen=True, slots=True)
class LostLease:
    """A lease that was taken back: from whom, and what the job is now (queued, or failed after ten)."""

    lease: Lease
    worker: str
    status: JobStatus


def heartbeat(
    database: Engine, worker: str, running: Iterable[Lease], now: dt.datetime | None = None
) -> frozenset[Lease]:
    """Renews the worker's leases in one statement.

    Returns the leases that are still ours; a job that is missing was cancelled or taken away: stop it.
    """
    leases = sorted(running)
    jobs = {"job_ids": [lease.job_id for lease in leases], "attempts": [lease.attempt for lease in leases]}
    with database.begin() as connection:
        rows = connection.execute(HEARTBEAT, {"worker": worker, "now": now, **jobs})
        return frozenset(Lease(row.id, row.attempt) for row in rows)


def free_expired_leases(database: Engine, lease_ttl_s: float, now: dt.datetime | None = None) -> tuple[LostLease, ...]:
    """Takes back the jobs whose heartbeat is older than `lease_ttl_s`; after ten lost leases a job has failed."""
    values = {"lease_ttl_s": lease_ttl_s, "max_lost_leases": MAX_LOST_LEASES, "now": now}
    with database.begin() as connection:
        rows = connection.execute(FREE, values).all()
        if failed := [row.id for row in rows if row.status == JobStatus.FAILED]:
            connection.execute(ERASE, {"job_ids": failed})
        return tuple(LostLease(Lease(row.id, row.attempt), row.worker, JobStatus(row.status)) for row in rows)
