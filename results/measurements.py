"""An experiment with what was measured of it: read once, whatever is computed from it."""

from collections.abc import Iterator
from threading import Lock

from sqlalchemy import Engine

from db import queries
from db.models import JsonObject
from db.queries import ArmSamples, ArmTotals, ExperimentDetail, JobCandidates, RollupColumns
from results.rollups import arm_rollups


class Measurements:
    """All that results are made of. As of when it was made: jobs that end later are not in it.

    Rollups are read when they are first asked for, and kept. Threads may share one.
    """

    def __init__(
        self, database: Engine, experiment: ExperimentDetail, samples: tuple[ArmSamples, ...] | None = None
    ) -> None:
        self.experiment = experiment
        self.samples = queries.arm_samples(database, experiment.id) if samples is None else samples
        """In arm order."""
        self._database = database
        self._rollups: dict[int, RollupColumns] = {}
        self._reading = Lock()

    @property
    def models(self) -> JsonObject | None:
        return self.experiment.models

    def totals(self) -> tuple[ArmTotals, ...]:
        """In arm order, as of now."""
        return queries.arm_totals(self._database, self.experiment.id)

    def problem_keys(self) -> tuple[str, ...]:
        """What the data set calls each problem, by position."""
        return queries.problem_keys(self._database, self.experiment.id)

    def problem_contents(self) -> tuple[str, ...]:
        """The digest of what each problem asks, by position."""
        return queries.problem_contents(self._database, self.experiment.id)

    def rollups(self, samples: ArmSamples) -> RollupColumns:
        """Of the arm's jobs, in their order."""
        with self._reading:
            if samples.arm.id not in self._rollups:
                self._rollups[samples.arm.id] = arm_rollups(self._database, samples)
            return self._rollups[samples.arm.id]

    def candidates(self, samples: ArmSamples) -> Iterator[JobCandidates]:
        """Of the arm's jobs, in their order, read anew each time: they are too many to keep."""
        return queries.candidates(self._database, samples.arm.id, samples.job_id_J.tolist())
