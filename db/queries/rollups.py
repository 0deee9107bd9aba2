"""The rollups that were kept of an arm's jobs, column by column: see `scaling.statistics.rollup`."""

from dataclasses import dataclass

import numpy as np
from sqlalchemy import Engine, text

from db.engine import reading
from scaling.arrays import Floats, Integers

# Of arrays of one shape PostgreSQL makes an array of one more dimension; what is not known is NaN in it.
ROLLUPS = text("""
SELECT ks, array_agg(job_id) AS job_id, array_agg(weighted_error) AS weighted_error,
    array_agg(mean_final_score) AS mean_final_score,
    array_agg(ARRAY[pass_at_k, maj_at_k, coalesce(best_of_k, unknown), coalesce(weighted_of_k, unknown),
        coalesce(longest_of_k, unknown)]) AS shares
FROM jobs
JOIN rollups ON rollups.job_id = jobs.id
CROSS JOIN LATERAL array_fill(CAST('NaN' AS double precision), ARRAY[cardinality(ks)]) AS unknown
WHERE jobs.arm_id = :arm_id
GROUP BY ks
""")


@dataclass(frozen=True, slots=True, eq=False)
class RollupColumns:
    """The rollups of jobs, at the `ks` that all of them have. Suffixes: J the jobs, K the ks.

    M are pass@k, maj@k, best-of-k, weighted best-of-k, and the tokens on the longest of k paths. NaN: not scored, or
    not known.
    """

    ks: tuple[int, ...]
    job_id_J: Integers
    shares_JMK: Floats
    weighted_error_J: Floats
    mean_final_score_J: Floats

    @property
    def pass_JK(self) -> Floats:
        return self.shares_JMK[:, 0]

    @property
    def maj_JK(self) -> Floats:
        return self.shares_JMK[:, 1]

    @property
    def best_JK(self) -> Floats:
        return self.shares_JMK[:, 2]

    @property
    def weighted_JK(self) -> Floats:
        return self.shares_JMK[:, 3]

    @property
    def longest_JK(self) -> Floats:
        return self.shares_JMK[:, 4]


def rollups(database: Engine, arm_id: int) -> tuple[RollupColumns, ...]:
    """For each set of ks that some of its jobs have. Jobs that ended before rollups were kept have none."""
    with reading(database) as connection:
        return tuple(
            RollupColumns(
                ks=tuple(row.ks),
                job_id_J=np.array(row.job_id, dtype=np.int64),
                shares_JMK=np.array(row.shares, dtype=np.float64),
                weighted_error_J=np.array(row.weighted_error, dtype=np.float64),
                mean_final_score_J=np.array(row.mean_final_score, dtype=np.float64),
            )
            for row in connection.execute(ROLLUPS, {"arm_id": arm_id})
        )
