"""One job opened: its problem, arm, attempts and candidates. Its tree is `nodes`'s, its texts and ids are `steps`'s."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text

from db.counts import counts_of
from db.engine import reading
from db.errors import UnknownJobError
from db.paths import parse_path
from db.problems import problem_of
from db.queries.attempts import Attempt, read_attempts
from db.queries.experiments import Arm
from db.queries.trace_candidates import StoredCandidate, read_candidates
from db.rows import read
from db.status import AttemptOutcome, JobStatus
from scaling.types import Counts, Path, Problem, Verdict

JOB = text("SELECT * FROM jobs WHERE id = :job_id")
ARM = text("SELECT arms.* FROM arms JOIN jobs ON jobs.arm_id = arms.id WHERE jobs.id = :job_id")
PROBLEM = text("SELECT problems.* FROM problems JOIN jobs ON jobs.problem_id = problems.id WHERE jobs.id = :job_id")
TRACE = text("SELECT * FROM traces WHERE job_id = :job_id")


@dataclass(frozen=True, slots=True)
class StoredTrace:
    """What the job produced: totals and the candidates. Its tree is `nodes`'s, its texts are `steps`'s."""

    verdict: Verdict
    answer: str | None
    answer_key: str | None
    chosen_path: Path
    is_tie: bool
    is_text_repaired: bool
    counts: Counts
    wall_seconds: float
    created_at: dt.datetime
    candidates: tuple[StoredCandidate, ...]

    @property
    def chosen_candidate(self) -> StoredCandidate:
        return next(each for each in self.candidates if each.chosen)


@dataclass(frozen=True, slots=True)
class TraceDetail:
    """A job with everything around it. `trace` is None until it succeeds."""

    job_id: int
    experiment_id: int
    problem_id: int
    status: JobStatus
    repeat: int
    error: str | None
    arm: Arm
    problem: Problem
    attempts: tuple[Attempt, ...]
    trace: StoredTrace | None

    @property
    def stored_by(self) -> int | None:
        """The attempt that stored the trace; None without one."""
        return next((each.attempt for each in self.attempts if each.outcome is AttemptOutcome.SUCCEEDED), None)


def trace(database: Engine, job_id: int) -> TraceDetail:
    """Raises UnknownJobError."""
    values = {"job_id": job_id}
    with reading(database) as connection:
        job = connection.execute(JOB, values).one_or_none()
        if job is None:
            raise UnknownJobError(f"there is no job {job_id}")
        return read(
            TraceDetail,
            job,
            job_id=job.id,
            arm=read(Arm, connection.execute(ARM, values).one()),
            problem=problem_of(connection.execute(PROBLEM, values).one()),
            attempts=read_attempts(connection, job_id),
            trace=read_trace(connection, job_id),
        )


def read_trace(connection: Connection, job_id: int) -> StoredTrace | None:
    values = {"job_id": job_id}
    row = connection.execute(TRACE, values).one_or_none()
    if row is None:
        return None
    return read(
        StoredTrace,
        row,
        chosen_path=parse_path(row.chosen_path),
        counts=counts_of(row),
        candidates=read_candidates(connection, job_id),
    )
