"""What people say of an experiment and of its traces: the latest of each person, unless it is empty."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Engine, text

from db.engine import reading
from db.opinions import Rating
from db.rows import read
from db.status import JobStatus
from scaling.types import Verdict

LATEST = text("""
SELECT latest.*, arms.label AS arm_label, problems.key AS problem_key, problems.position AS problem, jobs.repeat,
    jobs.status, traces.verdict, traces.answer
FROM (
    SELECT DISTINCT ON (job_id, person) id, experiment_id, job_id, person, note, rating, tags, said_at,
        count(*) OVER (PARTITION BY job_id, person) - 1 AS earlier
    FROM annotations
    WHERE experiment_id = :experiment_id AND (CAST(:job_id AS bigint) IS NULL OR job_id = :job_id)
    ORDER BY job_id, person, id DESC
) AS latest
LEFT JOIN jobs ON jobs.id = latest.job_id
LEFT JOIN arms ON arms.id = jobs.arm_id
LEFT JOIN problems ON problems.id = jobs.problem_id
LEFT JOIN traces ON traces.job_id = jobs.id
WHERE note <> '' OR rating IS NOT NULL OR tags <> '{}'
ORDER BY latest.job_id IS NOT NULL, problems.position, arms.position, jobs.repeat, latest.job_id, latest.id
""")
EARLIER = text("""
SELECT note, rating, tags, said_at FROM annotations
WHERE experiment_id = :experiment_id AND job_id IS NOT DISTINCT FROM CAST(:job_id AS bigint) AND person = :person
ORDER BY id DESC OFFSET 1
""")
TAGS = text("""
SELECT tag FROM annotations CROSS JOIN unnest(tags) AS tag WHERE experiment_id = :experiment_id
GROUP BY tag ORDER BY count(*) DESC, tag LIMIT 100
""")


@dataclass(frozen=True, slots=True)
class Annotation:
    """What one person says now of an experiment (`job_id` is None, and all that a job has), or of one job.

    `earlier` counts what they said of it before.
    """

    experiment_id: int
    job_id: int | None
    person: str
    note: str
    rating: Rating | None
    tags: tuple[str, ...]
    said_at: dt.datetime
    earlier: int
    arm_label: str | None
    problem_key: str | None
    problem: int | None
    repeat: int | None
    status: JobStatus | None
    verdict: Verdict | None
    answer: str | None


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said once, and says no more."""

    note: str
    rating: Rating | None
    tags: tuple[str, ...]
    said_at: dt.datetime


def annotations(database: Engine, experiment_id: int, job_id: int | None = None) -> tuple[Annotation, ...]:
    """Of the experiment first, then of its jobs in the order of the data set; or of one job."""
    with reading(database) as connection:
        rows = connection.execute(LATEST, {"experiment_id": experiment_id, "job_id": job_id})
        return tuple(read(Annotation, row) for row in rows)


def said_earlier(database: Engine, experiment_id: int, job_id: int | None, person: str) -> tuple[Said, ...]:
    """What the person said before what they say now, latest first."""
    with reading(database) as connection:
        values = {"experiment_id": experiment_id, "job_id": job_id, "person": person}
        return tuple(read(Said, row) for row in connection.execute(EARLIER, values))


def annotation_tags(database: Engine, experiment_id: int) -> tuple[str, ...]:
    """Those that people gave its traces, the most frequent first."""
    with reading(database) as connection:
        return tuple(connection.execute(TAGS, {"experiment_id": experiment_id}).scalars())
