"""What waits, and so deserves a bell."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Engine, text

# Counted no further than anybody has slots: 100,000 queued jobs need no exact number to ring for.
# Arms that ask a verifier are counted by verifier: not every worker that serves the model can run them.
WAITING = text("""
SELECT needs.model, needs.verifier, sum(ready.jobs) AS jobs
FROM experiments
CROSS JOIN LATERAL (
    SELECT experiment_id, model, verifier, array_agg(id) AS arm_ids FROM arms
    WHERE arms.experiment_id = experiments.id GROUP BY experiment_id, model, verifier
) AS needs
CROSS JOIN LATERAL (
    SELECT count(*) AS jobs FROM (
        SELECT FROM jobs
        WHERE jobs.experiment_id = needs.experiment_id AND jobs.model = needs.model AND jobs.status = 'queued'
          AND jobs.arm_id = ANY (needs.arm_ids)
          AND (jobs.not_before IS NULL OR jobs.not_before <= coalesce(CAST(:now AS timestamptz), now()))
        LIMIT :at_most
    ) AS few
) AS ready
WHERE experiments.status = 'running'
GROUP BY needs.model, needs.verifier
HAVING sum(ready.jobs) > 0
""")

UNEXPANDED = text("""
SELECT id FROM experiments
WHERE status = 'queued'
   OR (status = 'expanding'
       AND expanding_since < coalesce(CAST(:now AS timestamptz), now()) - make_interval(secs => :patience_s))
ORDER BY priority DESC, created_at, id
""")


@dataclass(frozen=True, slots=True)
class Need:
    """What a worker must serve to run a job: its model, and the verifier that its arm asks, if any."""

    model: str
    verifier: str | None = None


def waiting_by_need(database: Engine, at_most: int = 1000, now: dt.datetime | None = None) -> dict[Need, int]:
    """How many jobs may be claimed, counted up to `at_most` for each experiment."""
    with database.connect() as connection:
        rows = connection.execute(WAITING, {"at_most": at_most, "now": now})
        return {Need(row.model, row.verifier): int(row.jobs) for row in rows}


def waiting_by_model(database: Engine, at_most: int = 1000, now: dt.datetime | None = None) -> dict[str, int]:
    """How many jobs may be claimed on each model, by workers that serve what they need."""
    jobs: Counter[str] = Counter()
    for need, number in waiting_by_need(database, at_most, now).items():
        jobs[need.model] += number
    return dict(jobs)


def queued_experiments(database: Engine, patience_s: float = 60.0, now: dt.datetime | None = None) -> tuple[int, ...]:
    """Experiments to expand: the queued ones, and those whose expansion began over `patience_s` ago and never ended."""
    with database.connect() as connection:
        return tuple(connection.execute(UNEXPANDED, {"patience_s": patience_s, "now": now}).scalars())
