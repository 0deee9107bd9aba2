"""The arms ranked by accuracy, and the best of them held against each other one.

Whichever arm is best is known from the same answers that are compared then. So its differences are adjusted for all
pairs of arms, of which any might have been looked at, and not only for those with the best.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, inf

from db.queries import Arm
from results.comparisons import Comparison, compare
from results.measured.costs import default_axis
from results.measured.measurements import Measurements
from results.measured.point import Point, own_point
from results.words.arm_names import ArmNames, arm_names
from scaling.compute.axes import Axis
from scaling.statistics.comparisons import PairedDifference, together

LEAST_SHARE = 0.5
"""Of the problems that the furthest arm has a result for: with fewer an arm is not yet ranked."""


@dataclass(frozen=True, slots=True, eq=False)
class Rival:
    """An arm beside the best. `result` is the best minus it, None where they have no problem in common."""

    point: Point
    result: PairedDifference | None

    @property
    def is_beaten(self) -> bool:
        return self.result is not None and self.result.is_clear


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """`best` is None until an arm has a result; `rivals` are the other ranked arms, the most accurate first. Of all
    `arms`, those that are not ranked have no result, or too few. `is_open`: jobs are still to come."""

    axis: Axis
    arms: tuple[Arm, ...]
    best: Point | None
    rivals: tuple[Rival, ...]
    is_open: bool

    @property
    def names(self) -> ArmNames:
        return arm_names(self.arms)

    @property
    def num_ranked(self) -> int:
        return len(self.rivals) + (self.best is not None)

    @property
    def beaten(self) -> tuple[Rival, ...]:
        return tuple(each for each in self.rivals if each.is_beaten)

    @property
    def level(self) -> tuple[Rival, ...]:
        """Those that these problems cannot tell from the best."""
        return tuple(each for each in self.rivals if not each.is_beaten)


def found(measurements: Measurements, axis: Axis | None = None) -> Found:
    """Costs are told on `axis`, by default the one that suits the arms."""
    arms = measurements.experiment.arms
    axis = axis or default_axis(arms, measurements.models)
    samples = {each.arm.id: each for each in measurements.samples}
    points = _ranked([own_point(measurements, each, axis) for each in measurements.samples])
    compared = [compare(measurements, samples[each.arm.id], samples[points[0].arm.id]) for each in points[1:]]
    rivals = tuple(map(Rival, (each.summed() for each in points[1:]), _adjusted(compared)))
    is_open = any(each.jobs.open for each in measurements.samples)
    return Found(axis, tuple(arms), points[0].summed() if points else None, rivals, is_open)


def rank(point: Point) -> tuple[float, float]:
    """The most accurate first, without results last; of equally accurate ones the cheapest, unknown costs last."""
    return (-point.value.value if point.value.n else inf), (point.cost if point.cost_n else inf)


def _ranked(points: Sequence[Point]) -> list[Point]:
    """Those with enough results."""
    most = max((each.value.n for each in points), default=0)
    enough = [each for each in points if each.value.n and each.value.n >= LEAST_SHARE * most]
    return sorted(enough, key=rank)


def _adjusted(compared: Sequence[Comparison]) -> list[PairedDifference | None]:
    results = together([each.result for each in compared], among=comb(len(compared) + 1, 2))
    return [each if each.common_problems else None for each in results]
