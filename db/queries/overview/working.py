"""What workers are at: the jobs that run, and one that waits in its place."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, text

from db.engine import reading
from db.rows import read

MOST_JOBS = 2_000

RUNNING = text("""
SELECT jobs.id, jobs.experiment_id, jobs.worker, arms.label AS arm_label, problems.key AS problem_key,
    CAST(extract(epoch FROM now() - jobs.started_at) AS double precision) AS seconds
FROM jobs JOIN arms ON arms.id = jobs.arm_id JOIN problems ON problems.id = jobs.problem_id
WHERE jobs.status = 'running' AND jobs.worker IS NOT NULL ORDER BY jobs.started_at, jobs.id LIMIT :most
""")

# As the claim goes through the jobs of one experiment.
QUEUED = text("""
SELECT jobs.id, jobs.experiment_id, jobs.model, arms.verifier, arms.label AS arm_label, problems.key AS problem_key,
    (SELECT count(*) FROM jobs AS others WHERE others.experiment_id = jobs.experiment_id AND others.status = 'queued'
        AND others.model = jobs.model AND others.id < jobs.id) AS before
FROM jobs JOIN arms ON arms.id = jobs.arm_id JOIN problems ON problems.id = jobs.problem_id
WHERE jobs.id = :job_id AND jobs.status = 'queued'
""")


@dataclass(frozen=True, slots=True)
class RunningJob:
    """`seconds` since it was claimed."""

    id: int
    experiment_id: int
    worker: str
    arm_label: str
    problem_key: str
    seconds: float


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """`before` are the jobs of its own experiment that are taken first."""

    id: int
    experiment_id: int
    model: str
    verifier: str | None
    arm_label: str
    problem_key: str
    before: int


def running_jobs(database: Engine) -> Mapping[str, tuple[RunningJob, ...]]:
    """By worker, the oldest first; MOST_JOBS at most."""
    found: dict[str, list[RunningJob]] = {}
    with reading(database) as connection:
        for row in connection.execute(RUNNING, {"most": MOST_JOBS}):
            found.setdefault(row.worker, []).append(read(RunningJob, row))
    return {worker: tuple(jobs) for worker, jobs in found.items()}


def queued_job(database: Engine, job_id: int) -> QueuedJob | None:
    """None: it does not wait, or there is none."""
    with reading(database) as connection:
        row = connection.execute(QUEUED, {"job_id": job_id}).one_or_none()
    return None if row is None else read(QueuedJob, row)
