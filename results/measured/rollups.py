"""The rollups of an arm's jobs, put together for the statistics over problems."""

from collections.abc import Iterator, Sequence

import numpy as np
from sqlalchemy import Engine

from db import queries
from db.queries import ArmSamples, RollupColumns
from scaling.arrays import Integers
from scaling.statistics.rollup import Rollup, roll_up


def arm_rollups(database: Engine, samples: ArmSamples) -> RollupColumns:
    """Of each job in `samples`, in their order. Jobs that ended before rollups were kept are rolled up now, from their
    candidates."""
    kept = queries.rollups(database, samples.arm.id)
    known = np.concatenate([each.job_id_J for each in kept]) if kept else ()
    missing = np.setdiff1d(samples.job_id_J, known).tolist()
    return together(samples.job_id_J, [*kept, *_rolled_up_now(database, samples.arm.id, missing)])


def _rolled_up_now(database: Engine, arm_id: int, job_ids: Sequence[int]) -> Iterator[RollupColumns]:
    for job in queries.candidates(database, arm_id, job_ids) if job_ids else ():
        yield columns_of(job.job_id, roll_up(job.ballot, job.step_scores_C, seed=job.job_id))


def columns_of(job_id: int, rollup: Rollup) -> RollupColumns:
    """Of one job."""
    unscored = (np.nan,) * len(rollup.ks)
    best, weighted = rollup.best_of_k or unscored, rollup.weighted_of_k or unscored
    shares = (rollup.pass_at_k, rollup.maj_at_k, best, weighted, rollup.longest_of_k or unscored)
    return RollupColumns(
        ks=rollup.ks,
        job_id_J=np.array([job_id], dtype=np.int64),
        shares_JMK=np.array([shares], dtype=np.float64),
        weighted_error_J=np.array([rollup.weighted_error], dtype=np.float64),
        mean_final_score_J=np.array([rollup.mean_final_score], dtype=np.float64),
    )


def together(job_id_J: Integers, parts: Sequence[RollupColumns]) -> RollupColumns:
    """These jobs in this order; each is in one of the parts, which may have others: jobs that ended meanwhile."""
    parts = [part for part in parts if np.isin(part.job_id_J, job_id_J).any()]
    ks = tuple(sorted(set.intersection(*(set(part.ks) for part in parts)))) if parts else ()
    at_ks = [part.shares_JMK[:, :, [part.ks.index(k) for k in ks]] for part in parts]
    have_J = np.concatenate([np.empty(0, dtype=np.int64), *(part.job_id_J for part in parts)])
    order_J = have_J.argsort()
    at_J = order_J[np.searchsorted(have_J, job_id_J, sorter=order_J)]
    return RollupColumns(
        ks=ks,
        job_id_J=job_id_J,
        shares_JMK=np.concatenate([np.empty((0, 5, len(ks))), *at_ks])[at_J],
        weighted_error_J=np.concatenate([np.empty(0), *(part.weighted_error_J for part in parts)])[at_J],
        mean_final_score_J=np.concatenate([np.empty(0), *(part.mean_final_score_J for part in parts)])[at_J],
    )
