"""An experiment that has spent its cap of tokens is stopped: what has ended is kept, what is open is cancelled.

Spending is told once a second at the latest, and workers ask as often: what is generated meanwhile comes on top.
"""

from sqlalchemy import Engine, text

from db.status import ExperimentStatus
from db.transitions.lifecycle import cancel_jobs, change, locked_status
from db.transitions.tallies import SPENT

HAS_MORE_TO_DO = """(expanded_at IS NULL OR EXISTS (
    SELECT FROM jobs WHERE jobs.experiment_id = experiments.id AND jobs.status IN ('queued', 'running')))
"""

AT_CAP = f"""
SELECT id FROM experiments
WHERE token_cap IS NOT NULL AND status IN ('expanding', 'running', 'paused')
  AND token_cap <= {SPENT} AND {HAS_MORE_TO_DO}
"""
ALL_AT_CAP = text(f"{AT_CAP} ORDER BY id")
IS_AT_CAP = text(f"{AT_CAP} AND id = :experiment_id")


def stop_at_cap(database: Engine) -> tuple[int, ...]:
    """Stops every open experiment that has generated as many tokens as it may, or more; returns which."""
    with database.begin() as connection:
        found = connection.execute(ALL_AT_CAP).scalars().all()
    return tuple(each for each in found if _stop(database, each))


def _stop(database: Engine, experiment_id: int) -> bool:
    """False if somebody raised its cap, or ended it, meanwhile."""
    with database.begin() as connection:
        locked_status(connection, experiment_id)
        if connection.execute(IS_AT_CAP, {"experiment_id": experiment_id}).one_or_none() is None:
            return False
        cancel_jobs(connection, experiment_id)
        change(connection, experiment_id, ExperimentStatus.CAPPED, finished=True)
        return True
