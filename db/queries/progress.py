"""How far an experiment is, and when it will be done."""

from dataclasses import dataclass

from sqlalchemy import Engine, text

from db.engine import reading
from db.queries.experiments import ONE, JobCounts, unknown
from db.rows import read
from db.status import ExperimentStatus

RECENT_S = 60.0
"""How far back the throughput looks."""

RECENT = text("""
SELECT count(*) AS jobs,
    CASE WHEN count(*) = count(traces.generated_tokens)
        THEN coalesce(sum(traces.generated_tokens), 0) END AS generated_tokens,
    least(CAST(:recent_s AS double precision), extract(epoch FROM now() - min(experiments.started_at))) AS seconds
FROM experiments
JOIN jobs ON jobs.experiment_id = experiments.id
JOIN traces ON traces.job_id = jobs.id
WHERE experiments.id = :experiment_id AND jobs.finished_at > now() - make_interval(secs => :recent_s)
""")

LOST = text("""
SELECT count(*) FROM attempts JOIN jobs ON jobs.id = attempts.job_id
WHERE jobs.experiment_id = :experiment_id AND attempts.outcome = 'lost'
""")

# The spans of all attempts, laid over one another: what stands still between two runs of it is in none.
WORKED = text("""
SELECT sum(extract(epoch FROM ended_at - least(ended_at, greatest(started_at, covered_until)))) FROM (
    SELECT started_at, ended_at, max(ended_at) OVER (
        ORDER BY started_at, ended_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS covered_until
    FROM (
        SELECT attempts.started_at, greatest(attempts.started_at, coalesce(attempts.ended_at, now())) AS ended_at
        FROM attempts JOIN jobs ON jobs.id = attempts.job_id WHERE jobs.experiment_id = :experiment_id
    ) AS spans
) AS laid
""")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an experiment is. Recent: the last minute, or since its first claim if that is less ago."""

    status: ExperimentStatus
    error: str | None
    jobs: JobCounts
    lost_attempts: int
    recent_jobs: int
    recent_generated_tokens: int | None
    """None: the engine of some of these jobs does not report them."""
    recent_seconds: float | None
    """None: nothing has been claimed yet, or nothing ended recently."""
    kept_tokens: int | None
    """Generated for its traces; None: some engine counts none."""

    @property
    def jobs_per_s(self) -> float | None:
        return self.recent_jobs / self.recent_seconds if self.recent_seconds else None

    @property
    def generated_tokens_per_s(self) -> float | None:
        tokens = self.recent_generated_tokens
        return None if tokens is None or not self.recent_seconds else tokens / self.recent_seconds

    @property
    def eta_s(self) -> float | None:
        """Seconds until the last job ends at the recent rate; None if there is no rate to go by."""
        if not self.jobs.open:
            return 0.0
        return self.jobs.open / self.jobs_per_s if self.jobs_per_s else None


def progress(database: Engine, experiment_id: int) -> Progress:
    """Raises UnknownExperimentError."""
    values = {"experiment_id": experiment_id}
    with reading(database) as connection:
        row = connection.execute(ONE, values).one_or_none()
        if row is None:
            raise unknown(connection, experiment_id)
        recent = connection.execute(RECENT, {**values, "recent_s": RECENT_S}).one()
        lost = connection.execute(LOST, values).scalar_one()
        pace = {f"recent_{name}": value for name, value in recent._mapping.items()}
        return read(Progress, row, jobs=read(JobCounts, row), lost_attempts=lost, **pace)


def worked_s(database: Engine, experiment_id: int) -> float | None:
    """Seconds during which at least one of its jobs was being run; None: none ever was."""
    with reading(database) as connection:
        seconds = connection.execute(WORKED, {"experiment_id": experiment_id}).scalar_one()
    return None if seconds is None else float(seconds)
