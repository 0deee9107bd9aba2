"""The rollups that were kept of an arm's jobs: see `scaling.rollup`."""

from sqlalchemy import Engine, text

from db.engine import reading
from db.rollups import ROLLUP_COLUMNS, rollup_of
from scaling.rollup import Rollup

ROLLUPS = text(f"""
SELECT job_id, {", ".join(ROLLUP_COLUMNS)}
FROM rollups JOIN jobs ON jobs.id = rollups.job_id
WHERE jobs.arm_id = :arm_id
""")


def rollups(database: Engine, arm_id: int) -> dict[int, Rollup]:
    """By job. Jobs that ended before rollups were kept have none."""
    with reading(database) as connection:
        return {row.job_id: rollup_of(row) for row in connection.execute(ROLLUPS, {"arm_id": arm_id})}
