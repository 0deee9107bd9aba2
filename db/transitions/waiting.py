"""What waits, and so deserves a bell."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Engine, text

from db.transitions.expansion import IS_LEFT, PATIENCE_S

COUNTED_AT_MOST = 1000
"""No further than anybody has slots: 100,000 queued jobs need no exact number to ring for."""

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
          AND (jobs.not_before IS NULL OR jobs.not_before <= now())
        LIMIT :at_most
    ) AS few
) AS ready
WHERE experiments.status = 'running'
GROUP BY needs.model, needs.verifier
HAVING sum(ready.jobs) > 0
""")

UNEXPANDED = text(f"SELECT id FROM experiments WHERE {IS_LEFT} ORDER BY priority DESC, created_at, id")


@dataclass(frozen=True, slots=True)
class Need:
    """What a worker must serve to run a job: its model, and the verifier that its arm asks, if any."""

    model: str
    verifier: str | None = None


def waiting_by_need(database: Engine) -> dict[Need, int]:
    """How many jobs may be claimed, counted up to COUNTED_AT_MOST for each experiment."""
    with database.connect() as connection:
        rows = connection.execute(WAITING, {"at_most": COUNTED_AT_MOST})
        return {Need(row.model, row.verifier): int(row.jobs) for row in rows}


def queued_experiments(database: Engine, now: dt.datetime | None = None) -> tuple[int, ...]:
    """Experiments to expand: the queued ones, and those whose expansion began and was given up."""
    with database.connect() as connection:
        return tuple(connection.execute(UNEXPANDED, {"patience_s": PATIENCE_S, "now": now}).scalars())
