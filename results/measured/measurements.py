"""An experiment with what was measured of it: read once, whatever is computed from it.

Its arms are found by what people call them, and their jobs put in their place among problems × repeats, as the
statistics take them. NaN: no result.
"""

from collections.abc import Iterator, Mapping, Sequence
from threading import Lock

import numpy as np
from sqlalchemy import Engine

from db import queries
from db.models import JsonObject
from db.queries import (
    Annotation,
    Arm,
    ArmSamples,
    ArmTotals,
    ExperimentDetail,
    Failures,
    JobCandidates,
    MadeBy,
    RollupColumns,
    StoredJudgement,
    TraceFilter,
    TraceOrder,
    TracePage,
    scanning,
)
from results.errors import UnknownArmError
from results.measured.rollups import arm_rollups
from scaling.arrays import Floats
from scaling.errors import nearest

MOST_NEAR = 3


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
        self._others: dict[int, Measurements] = {}
        self._reading = Lock()

    @property
    def models(self) -> JsonObject | None:
        return self.experiment.models

    @property
    def left_out(self) -> Mapping[int, int]:
        """By experiment, the problems that are not looked at."""
        return {self.experiment.id: 0}

    @property
    def shape(self) -> tuple[int, int]:
        """Problems × repeats that hold every job of every arm."""
        return self.experiment.num_problems, shape_over(self.samples)[1]

    def own(self, samples: ArmSamples) -> ArmSamples:
        """Of the arm over all its own problems, whichever of them others were asked."""
        return samples

    def of_another(self, experiment: str) -> "Measurements":
        """By id or name: read once, until jobs of it end."""
        detail = queries.experiment(self._database, experiment)
        if detail.id not in self._others or self._others[detail.id].experiment != detail:
            self._others[detail.id] = Measurements(self._database, detail)
        return self._others[detail.id]

    def totals(self) -> tuple[ArmTotals, ...]:
        """In arm order, as of now."""
        return queries.arm_totals(self._database, self.experiment.id)

    def made_by(self) -> tuple[MadeBy, ...]:
        """The states of code and servers that made the attempts, as of now."""
        return queries.made_by(self._database, self.experiment.id)

    def scans(self) -> tuple[scanning.Scan, ...]:
        """Newest first, as of now."""
        return scanning.scans(self._database, self.experiment.id)

    def arm_findings(self, scan_id: int) -> dict[int, scanning.ArmFindings]:
        """By arm, as of now."""
        return scanning.arm_findings(self._database, scan_id)

    def trace_findings(self, scan_id: int, only_hits: bool = False) -> tuple[scanning.TraceFinding, ...]:
        """By arm, problem and repeat, as of now."""
        return scanning.trace_findings(self._database, scan_id, only_hits=only_hits)

    def failures(self) -> tuple[Failures, ...]:
        """Why jobs failed, as of now."""
        return queries.failures(self._database, self.experiment.id)

    def traces(self, matching: TraceFilter, order: TraceOrder, limit: int | None) -> TracePage:
        """As of now; without a limit, all of them. Raises SearchError."""
        return queries.list_traces(self._database, self.experiment.id, matching, order, limit)

    def annotations(self) -> tuple[Annotation, ...]:
        """What people say of it and of its traces, as of now."""
        return queries.annotations(self._database, self.experiment.id)

    def judgements(self) -> tuple[StoredJudgement, ...]:
        """Which of two of its traces people preferred, as of now."""
        return queries.judgements(self._database, self.experiment.id)

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


def find_arm(arms: Sequence[Arm], reference: str) -> Arm:
    """By its label, or its number from 1. UnknownArmError names the nearest labels, then all."""
    for number, arm in enumerate(arms, start=1):
        if reference in (arm.label, str(number)):
            return arm
    near = nearest(reference, [arm.label for arm in arms], MOST_NEAR)
    hint = f"Did you mean {' or '.join(map(repr, near))}? " if near else ""
    listed = "\n".join(f"  {number}  {arm.label}" for number, arm in enumerate(arms, start=1)) or "  none yet"
    raise UnknownArmError(f"there is no arm {reference!r}. {hint}Give a label or a number:\n{listed}")


def two_arms(measurements: Measurements, first: str, second: str | None) -> tuple[Arm, Arm]:
    """By label or number; without a second, the last. Raises UnknownArmError."""
    arms = [each.arm for each in measurements.samples]
    return find_arm(arms, first), find_arm(arms, second or str(len(arms)))


def labelled(samples: Sequence[ArmSamples], reference: str) -> ArmSamples:
    """The samples of an arm, by its label or number."""
    found = find_arm([each.arm for each in samples], reference)
    return next(each for each in samples if each.arm.id == found.id)


def shape_over(samples: Sequence[ArmSamples]) -> tuple[int, int]:
    """Problems × repeats that hold every job with a result or a failure."""
    problems = [each.problem_J.max(initial=-1) for each in samples]
    repeats = [each.repeat_J.max(initial=0) for each in samples]
    failed = [cell for each in samples for cell in each.failed]
    return (
        int(max([*problems, *(problem for problem, _ in failed)], default=-1)) + 1,
        int(max([*repeats, *(repeat for _, repeat in failed)], default=0)) + 1,
    )


def correct_PR(samples: ArmSamples, shape: tuple[int, int]) -> Floats:
    return spread(samples, samples.correct_J, shape)


def spread(samples: ArmSamples, values_J: np.ndarray, shape: tuple[int, int]) -> Floats:
    """One value per job, in its place among problems × repeats."""
    values_PR = np.full(shape, np.nan)
    values_PR[samples.problem_J, samples.repeat_J] = values_J
    return values_PR
