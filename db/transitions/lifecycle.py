"""An experiment's lifecycle after expansion: cancel, pause, resume, retry, close; and edit, at any time."""

from collections.abc import Iterable

from sqlalchemy import Connection, Engine, text, update

from db.errors import UnknownExperimentError, WrongStatusError
from db.models import ExperimentRow
from db.signatures import signature_of
from db.status import CLOSED_EXPERIMENTS, ExperimentStatus
from db.text import storable, storable_or_none
from db.transitions.expansion import IS_PARTLY_LAID_OUT
from db.transitions.journal import ERASE_CANCELLED
from db.transitions.tallies import raise_versions, require_room
from scaling.spec import Edit

S = ExperimentStatus
REOPENED = frozenset({S.CANCELLED, S.FINISHED_WITH_FAILURES, S.CAPPED})
"""What some of its jobs can be run again in."""

# Locked first and changed in a second statement: only that one sees the attempt of a claim that was just committed.
LOCK_JOBS = text("""
SELECT count(*) FROM (
    SELECT FROM jobs WHERE experiment_id = :experiment_id AND status IN ('queued', 'running') ORDER BY id FOR UPDATE
) AS locked
""")

CANCEL_JOBS = text("""
WITH stopped AS (
    UPDATE attempts SET outcome = 'cancelled', ended_at = now()
    FROM jobs
    WHERE jobs.experiment_id = :experiment_id AND jobs.status = 'running'
      AND attempts.job_id = jobs.id AND attempts.attempt = jobs.attempt AND attempts.outcome = 'running'
)
UPDATE jobs SET status = 'cancelled', finished_at = now(), heartbeat_at = NULL
WHERE experiment_id = :experiment_id AND status IN ('queued', 'running')
""")

# Without a signature all that did not succeed; with one what failed with an error of it, looked at once it is locked.
REQUEUE_JOBS = text(f"""
WITH ended AS (
    SELECT id FROM jobs
    WHERE experiment_id = :experiment_id AND status IN ('failed', 'cancelled') AND (
        CAST(:signature AS text) IS NULL OR status = 'failed' AND {signature_of("error")} = :signature)
    ORDER BY id
    FOR UPDATE
)
UPDATE jobs SET status = 'queued', failures = 0, lost_leases = 0, not_before = NULL, error = NULL, finished_at = NULL,
    worker = NULL
FROM ended
WHERE jobs.id = ended.id
""")

EDIT = text("""
UPDATE experiments SET priority = coalesce(:priority, priority), notes = coalesce(:notes, notes),
    token_cap = CASE WHEN :is_uncapped THEN NULL ELSE coalesce(:token_cap, token_cap) END, tags = ARRAY(
    SELECT tag FROM unnest(tags || CAST(:tag AS text[])) WITH ORDINALITY AS kept (tag, place)
    WHERE tag <> ALL (CAST(:untag AS text[])) GROUP BY tag ORDER BY min(place))
WHERE id = :experiment_id
RETURNING id
""")

# No key changes: who only refers to the experiment (a new row of its tally) does not wait, and is not waited for.
LOCK = text("SELECT status FROM experiments WHERE id = :id FOR NO KEY UPDATE")

IS_LAID_OUT = text("SELECT num_laid_out > 0 OR expanded_at IS NOT NULL FROM experiments WHERE id = :experiment_id")

IS_WHOLLY_LAID_OUT = text("SELECT expanded_at IS NOT NULL FROM experiments WHERE id = :experiment_id")

IS_BEING_LAID_OUT = text(f"SELECT id FROM experiments WHERE id = :experiment_id AND {IS_PARTLY_LAID_OUT}")

# What is partly laid out waits for nobody's patience.
LEAVE_EXPANSION = text("UPDATE experiments SET expanding_since = NULL WHERE id = :experiment_id")

# First locked, then looked at in a second statement: a retry that was just committed is seen.
LOCK_OPEN = text("""
SELECT id FROM experiments WHERE status IN ('running', 'paused') ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
""")
CLOSE = text("""
UPDATE experiments
SET finished_at = now(), status = CASE
    WHEN EXISTS (SELECT FROM jobs WHERE jobs.experiment_id = experiments.id AND jobs.status <> 'succeeded')
    THEN 'finished_with_failures' ELSE 'succeeded' END
WHERE id = ANY (:locked) AND expanded_at IS NOT NULL AND NOT EXISTS (
    SELECT FROM jobs WHERE jobs.experiment_id = experiments.id AND jobs.status IN ('queued', 'running'))
RETURNING id, status
""")


def cancel_experiment(database: Engine, experiment_id: int) -> bool:
    """Cancels the experiment and its queued and running jobs; workers learn of it from their next heartbeat.

    False if it was cancelled already; WrongStatusError if it is closed otherwise.
    """
    with database.begin() as connection:
        before = locked_status(connection, experiment_id)
        if before is S.CANCELLED:
            return False
        require(experiment_id, before, set(S) - CLOSED_EXPERIMENTS, "cancelled")
        cancel_jobs(connection, experiment_id)
        change(connection, experiment_id, S.CANCELLED, finished=True)
        return True


def fail_expansion(database: Engine, experiment_id: int, error: str) -> bool:
    """expanding → failed, with the reason. One that is partly laid out fails too, and its open jobs are cancelled.

    False if it is not being expanded any more.
    """
    with database.begin() as connection:
        locked_status(connection, experiment_id)
        if connection.execute(IS_BEING_LAID_OUT, {"experiment_id": experiment_id}).one_or_none() is None:
            return False
        cancel_jobs(connection, experiment_id)
        change(connection, experiment_id, S.FAILED, finished=True, error=storable(error))
        return True


def cancel_jobs(connection: Connection, experiment_id: int) -> None:
    """Those that are open; the experiment is locked."""
    connection.execute(LOCK_JOBS, {"experiment_id": experiment_id})
    connection.execute(CANCEL_JOBS, {"experiment_id": experiment_id})
    connection.execute(ERASE_CANCELLED, {"experiment_id": experiment_id})


def retry_experiment(database: Engine, experiment_id: int) -> int:
    """Queues the failed and cancelled jobs again and reopens the experiment; returns how many jobs. Raises
    WrongStatusError, of one that has spent its cap too.

    One that was never expanded (expansion failed, or cancelled before it) is queued for expansion again: 0 jobs. One
    that was stopped in the middle of it goes on there.
    """
    with database.begin() as connection:
        before = locked_status(connection, experiment_id)
        allowed = {S.FAILED, S.CANCELLED, S.FINISHED_WITH_FAILURES, S.CAPPED, S.RUNNING, S.PAUSED}
        require(experiment_id, before, allowed, "retried")
        require_room(connection, experiment_id)
        num_jobs = requeue_jobs(connection, experiment_id)
        if before not in {S.RUNNING, S.PAUSED}:
            is_laid_out = connection.execute(IS_LAID_OUT, {"experiment_id": experiment_id}).scalar_one()
            connection.execute(LEAVE_EXPANSION, {"experiment_id": experiment_id})
            before = S.RUNNING if is_laid_out else S.QUEUED
        change(connection, experiment_id, before, finished=False)
        return num_jobs


def retry_failures(database: Engine, experiment_id: int, signature: str) -> int:
    """Queues again the jobs that failed with an error of this signature (`db.signatures`), and nothing else; returns
    how many. Where there is one the experiment is reopened. Raises WrongStatusError as `retry_experiment`, and of one
    that was stopped before all of its jobs were laid out: to reopen it would be to lay them out."""
    with database.begin() as connection:
        before = locked_status(connection, experiment_id)
        require(experiment_id, before, REOPENED | {S.RUNNING, S.PAUSED}, "retried")
        require_room(connection, experiment_id)
        if before in REOPENED:
            require_laid_out(connection, experiment_id)
        num_jobs = requeue_jobs(connection, experiment_id, signature)
        if num_jobs:
            change(connection, experiment_id, S.RUNNING if before in REOPENED else before, finished=False)
        return num_jobs


def requeue_jobs(connection: Connection, experiment_id: int, signature: str | None = None) -> int:
    """The experiment is locked."""
    values = {"experiment_id": experiment_id, "signature": signature}
    return connection.execute(REQUEUE_JOBS, values).rowcount


def require_laid_out(connection: Connection, experiment_id: int) -> None:
    if not connection.execute(IS_WHOLLY_LAID_OUT, {"experiment_id": experiment_id}).scalar_one():
        raise WrongStatusError(
            f"experiment {experiment_id} was stopped before all of its jobs were laid out; retry all of it"
        )


def pause_experiment(database: Engine, experiment_id: int) -> None:
    """running → paused: what runs goes on, nothing more is claimed. WrongStatusError from any other status."""
    with database.begin() as connection:
        require(experiment_id, locked_status(connection, experiment_id), {S.RUNNING}, "paused")
        change(connection, experiment_id, S.PAUSED, finished=False)


def resume_experiment(database: Engine, experiment_id: int) -> None:
    """paused → running. WrongStatusError from any other status."""
    with database.begin() as connection:
        require(experiment_id, locked_status(connection, experiment_id), {S.PAUSED}, "resumed")
        change(connection, experiment_id, S.RUNNING, finished=False)


def close_finished_experiments(database: Engine) -> dict[int, ExperimentStatus]:
    """Closes the experiments whose last job has ended; returns what each became."""
    with database.begin() as connection:
        locked = list(connection.execute(LOCK_OPEN).scalars())
        closed = {row.id: ExperimentStatus(row.status) for row in connection.execute(CLOSE, {"locked": locked})}
        raise_versions(connection, *closed)
        return closed


def edit_experiment(database: Engine, experiment_id: int, edit: Edit) -> None:
    """In any status. A priority counts from the next claim on, for jobs that wait already too; a cap from the next
    second on."""
    values = {
        "experiment_id": experiment_id,
        "priority": edit.priority,
        "is_uncapped": edit.no_token_cap,
        "token_cap": edit.token_cap,
        "notes": storable_or_none(edit.notes),
        "tag": [storable(tag) for tag in edit.tag],
        "untag": [storable(tag) for tag in edit.untag],
    }
    with database.begin() as connection:
        if connection.execute(EDIT, values).scalar_one_or_none() is None:
            raise unknown(experiment_id)


def unknown(experiment_id: int) -> UnknownExperimentError:
    return UnknownExperimentError(f"there is no experiment {experiment_id}; `overthink status` lists them")


def locked_status(connection: Connection, experiment_id: int) -> ExperimentStatus:
    """The experiment's status, which nobody can change until the transaction ends."""
    row = connection.execute(LOCK, {"id": experiment_id}).one_or_none()
    if row is None:
        raise unknown(experiment_id)
    return ExperimentStatus(row.status)


def require(experiment_id: int, status: ExperimentStatus, allowed: Iterable[ExperimentStatus], done: str) -> None:
    if status not in allowed:
        expected = ", ".join(sorted(each.shown for each in allowed))
        raise WrongStatusError(
            f"experiment {experiment_id} is {status.shown} and cannot be {done}: that takes one that is {expected}"
        )


def change(
    connection: Connection, experiment_id: int, status: ExperimentStatus, *, finished: bool, error: str | None = None
) -> None:
    finished_at = text("now()") if finished else None
    statement = update(ExperimentRow).where(ExperimentRow.id == experiment_id)
    connection.execute(statement.values(status=status, finished_at=finished_at, error=error))
    raise_versions(connection, experiment_id)
