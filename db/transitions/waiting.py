"""What waits, and so deserves a bell."""

import datetime as dt

from sqlalchemy import Engine, text

# Counted no further than anybody has slots: 100,000 queued jobs need no exact number to ring for.
WAITING = text("""
SELECT arms.model, sum(ready.jobs) AS jobs
FROM (SELECT DISTINCT experiment_id, model FROM arms) AS arms
JOIN experiments ON experiments.id = arms.experiment_id AND experiments.status = 'running'
CROSS JOIN LATERAL (
    SELECT count(*) AS jobs FROM (
        SELECT FROM jobs
        WHERE jobs.experiment_id = arms.experiment_id AND jobs.model = arms.model AND jobs.status = 'queued'
          AND (jobs.not_before IS NULL OR jobs.not_before <= coalesce(CAST(:now AS timestamptz), now()))
        LIMIT :at_most
    ) AS few
) AS ready
GROUP BY arms.model
HAVING sum(ready.jobs) > 0
""")

UNEXPANDED = text("""
SELECT id FROM experiments
WHERE status = 'queued'
   OR (status = 'expanding'
       AND expanding_since < coalesce(CAST(:now AS timestamptz), now()) - make_interval(secs => :patience_s))
ORDER BY priority DESC, created_at, id
""")


def waiting_by_model(database: Engine, at_most: int = 1000, now: dt.datetime | None = None) -> dict[str, int]:
    """How many jobs may be claimed on each model, counted up to `at_most` for each experiment."""
    with database.connect() as connection:
        rows = connection.execute(WAITING, {"at_most": at_most, "now": now})
        return {row.model: int(row.jobs) for row in rows}


def queued_experiments(database: Engine, patience_s: float = 60.0, now: dt.datetime | None = None) -> tuple[int, ...]:
    """Experiments to expand: the queued ones, and those whose expansion began over `patience_s` ago and never ended."""
    with database.connect() as connection:
        return tuple(connection.execute(UNEXPANDED, {"patience_s": patience_s, "now": now}).scalars())
