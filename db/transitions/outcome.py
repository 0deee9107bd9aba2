"""How an attempt ends without a trace: with an error, or given back. Fenced by the attempt number.

With a trace: `db.transitions.success`.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Engine, TextClause, text

from db.counts import SPENDING_COLUMNS, spending_values
from db.errors import FencedOutError
from db.records import Lease
from db.status import MAX_FAILURES, AttemptOutcome, JobStatus
from db.text import storable
from db.transitions.journal import erased, keep
from db.transitions.tallies import added
from scaling.compute.spending import NOTHING_UNKNOWN, Unknown
from scaling.journal.entries import Entry
from scaling.types import Counts


def leaving(update: str) -> TextClause:
    """The guarded UPDATE of a job, which locks its attempt too: who tells of that is waited for, or comes too late."""
    return text(f"""
WITH changed AS (
    {update} WHERE id = :job_id AND attempt = :attempt AND status = 'running'
    RETURNING id, attempt, status
)
SELECT changed.status FROM changed
JOIN attempts ON attempts.job_id = changed.id AND attempts.attempt = changed.attempt
FOR UPDATE OF attempts
""")


FAIL = leaving("""
UPDATE jobs
SET failures = failures + :counted, error = :error, worker = NULL, heartbeat_at = NULL,
    status = CASE WHEN :retryable AND failures + :counted < :max_failures THEN 'queued' ELSE 'failed' END,
    not_before = CASE WHEN :retryable AND failures + :counted < :max_failures
        THEN now() + make_interval(secs => :retry_in_s) END,
    finished_at = CASE WHEN :retryable AND failures + :counted < :max_failures THEN NULL ELSE now() END
""")

RELEASE = leaving("UPDATE jobs SET status = 'queued', worker = NULL, heartbeat_at = NULL, not_before = NULL")

END_ATTEMPT = text(f"""
WITH told AS (
    SELECT job_id, attempt, generated_tokens FROM attempts
    WHERE job_id = :job_id AND attempt = :attempt AND outcome = 'running'
    FOR UPDATE
), ended AS (
    UPDATE attempts SET outcome = :outcome, error = :error, ended_at = now(), is_settled = true,
        {", ".join(f"{name} = :{name}" for name in SPENDING_COLUMNS)}
    FROM told
    WHERE attempts.job_id = told.job_id AND attempts.attempt = told.attempt
    RETURNING attempts.job_id, attempts.generated_tokens - told.generated_tokens AS tokens
), erased AS (
    {erased("ended")}
)
{added("SELECT jobs.experiment_id, 1 AS versions, ended.tokens FROM ended JOIN jobs ON jobs.id = ended.job_id")}
""")


MADE_BY = text(f"""
WITH made AS (
    UPDATE attempts SET provenances = CAST(:provenances AS integer[]) WHERE job_id = :job_id AND attempt = :attempt
    RETURNING job_id
)
{added("SELECT jobs.experiment_id, 1 AS versions, 0 AS tokens FROM made JOIN jobs ON jobs.id = made.job_id")}
""")


def made_by(database: Engine, lease: Lease, provenances: Sequence[int]) -> None:
    """What an attempt was made by, in order, where that is not what was known at its claim."""
    values = {"job_id": lease.job_id, "attempt": lease.attempt, "provenances": list(provenances)}
    with database.begin() as connection:
        connection.execute(MADE_BY, values)


def fail_attempt(
    database: Engine,
    lease: Lease,
    error: str,
    spent: Counts,
    retryable: bool,
    retry_in_s: float = 0.0,
    unknown: Unknown = NOTHING_UNKNOWN,
    journal: Sequence[Entry] = (),
    counts: bool = True,
) -> JobStatus:
    """running → queued again after `retry_in_s`, or → failed if it was the third failure or retrying cannot mend it.

    `counts` False: the job could not help it, and is tried again however often it happens. `journal`: what the next
    attempt goes on from, besides what was kept before. Returns what the job is now.
    FencedOutError if the job is not this attempt's any more.
    """
    values = {
        "error": storable(error),
        "counted": int(counts),
        "retryable": retryable,
        "retry_in_s": retry_in_s,
        "max_failures": MAX_FAILURES,
    }
    with database.begin() as connection:
        status = leave_running(connection, FAIL, lease, values)
        keep(connection, {lease: journal})
        end_attempt(connection, lease, AttemptOutcome.FAILED, spent, unknown, storable(error))
    return status


def release(
    database: Engine,
    lease: Lease,
    spent: Counts,
    unknown: Unknown = NOTHING_UNKNOWN,
    journal: Sequence[Entry] = (),
) -> None:
    """running → queued without a failure: the worker shuts down. `journal` as above.

    FencedOutError if the job is not this attempt's any more.
    """
    with database.begin() as connection:
        leave_running(connection, RELEASE, lease, {})
        keep(connection, {lease: journal})
        end_attempt(connection, lease, AttemptOutcome.RELEASED, spent, unknown, None)


def leave_running(
    connection: Connection, statement: TextClause, lease: Lease, values: Mapping[str, object]
) -> JobStatus:
    """Applies a guarded UPDATE to the lease's job; what the job is then, or FencedOutError if it is not ours."""
    fence = {"job_id": lease.job_id, "attempt": lease.attempt}
    status = connection.execute(statement, {**fence, **values}).scalar_one_or_none()
    if status is None:
        raise FencedOutError(f"attempt {lease.attempt} of job {lease.job_id} does not own the job any more")
    return JobStatus(status)


def end_attempt(
    connection: Connection, lease: Lease, outcome: AttemptOutcome, spent: Counts, unknown: Unknown, error: str | None
) -> None:
    """The last statement of its transaction, since it adds to the experiment's tally."""
    fence = {"job_id": lease.job_id, "attempt": lease.attempt}
    values = {"outcome": outcome, "error": error, **spending_values(spent, unknown)}
    connection.execute(END_ATTEMPT, {**fence, **values})
