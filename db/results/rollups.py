"""The rollups of an arm's jobs, put together for the statistics over problems."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Engine

from db import queries
from db.queries import ArmSamples
from scaling.intervals import Floats
from scaling.rollup import Rollup, roll_up


@dataclass(frozen=True, slots=True, eq=False)
class ArmRollups:
    """Of each job in `samples`, in their order. `ks` are those that all jobs have."""

    samples: ArmSamples
    rollups: tuple[Rollup, ...]
    ks: tuple[int, ...]

    def at_ks(self, values_J: Sequence[Sequence[float] | None]) -> Floats:
        """One value of each job for each of `ks`, from values for each of its own; NaN for a job without."""
        values_JK = np.full((len(self.rollups), len(self.ks)), np.nan)
        for row, (rollup, values) in enumerate(zip(self.rollups, values_J, strict=True)):
            if values is not None:
                values_JK[row] = values if rollup.ks == self.ks else [values[rollup.ks.index(k)] for k in self.ks]
        return values_JK


def arm_rollups(database: Engine, samples: ArmSamples) -> ArmRollups:
    """Jobs that ended before rollups were kept are rolled up now, from their candidates."""
    job_ids = samples.job_id_J.tolist()
    rollups = queries.rollups(database, samples.arm.id)
    missing = [job_id for job_id in job_ids if job_id not in rollups]
    if missing:
        made = queries.candidates(database, samples.arm.id, missing)
        rollups |= {job.job_id: roll_up(job.ballot, job.step_scores_C, seed=job.job_id) for job in made}
    of_jobs = tuple(rollups[job_id] for job_id in job_ids)  # jobs may have ended since the samples were read
    return ArmRollups(samples, of_jobs, common_ks(of_jobs))


def common_ks(rollups: Sequence[Rollup]) -> tuple[int, ...]:
    """Those that every job has."""
    each = {rollup.ks for rollup in rollups}
    return tuple(sorted(set.intersection(*map(set, each)))) if each else ()
