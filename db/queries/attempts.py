"""The tries at a job, and what each spent."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, text

from db.counts import counts_of, unknown_of
from db.rows import read
from db.status import AttemptOutcome
from scaling.compute.spending import Unknown
from scaling.types import Counts

ATTEMPTS = text("SELECT * FROM attempts WHERE job_id = :job_id ORDER BY attempt")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a job and what it spent."""

    attempt: int
    worker: str
    outcome: AttemptOutcome
    error: str | None
    started_at: dt.datetime
    ended_at: dt.datetime | None
    spent: Counts
    unknown: Unknown | None
    """What it spent on top of that, at most; None: it is from before this was told."""
    is_settled: bool
    """Its worker has said its last word on it. Nobody will, if the worker was killed."""


def read_attempts(connection: Connection, job_id: int) -> tuple[Attempt, ...]:
    rows = connection.execute(ATTEMPTS, {"job_id": job_id})
    return tuple(read(Attempt, row, spent=counts_of(row), unknown=unknown_of(row)) for row in rows)
