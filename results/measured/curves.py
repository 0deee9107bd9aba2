"""The curve of an arm: what fewer candidates of a vote or a best of N would have given, and the arm as it ran.

Those are the majority and best-of-N curves of Snell et al.; choices are made among their points.
"""

from collections.abc import Sequence

from db.queries import ArmSamples
from results.measured.costs import strategy_of
from results.measured.measurements import Measurements
from results.measured.over_k import Metric, from_rollups
from results.measured.point import Point, own_point, points_of_k
from scaling.answers.voting import MAJORITY, NAIVE, WEIGHTED
from scaling.compute.axes import Axis
from scaling.statistics.sweeps import all_but
from scaling.strategy import Strategy

METRICS = {MAJORITY: Metric.MAJ, NAIVE: Metric.BEST, WEIGHTED: Metric.WEIGHTED}


def _curve(measurements: Measurements, samples: ArmSamples, axis: Axis) -> tuple[Point, ...]:
    """Fewest candidates first, the arm as it ran last. Only that one where fewer mean nothing."""
    own, metric = own_point(measurements, samples, axis), _metric_of_fewer(strategy_of(samples.arm))
    if metric is None or not samples.job_id_J.size:
        return (own,)
    of_k = points_of_k(measurements, samples, axis, metric, from_rollups(measurements.rollups(samples), metric))
    return (*(each for each in of_k if (each.k or 0) < samples.num_candidates_J.max()), own)


def _metric_of_fewer(strategy: Strategy) -> Metric | None:
    """How k candidates would have been chosen from; None where fewer mean nothing, or that way has no curve."""
    selection = strategy.selects_by
    return None if selection is None or strategy.fewer(1) is None else METRICS.get(selection)


def curves(measurements: Measurements, samples: Sequence[ArmSamples], axis: Axis) -> tuple[tuple[Point, ...], ...]:
    """One for each of these arms."""
    return tuple(_curve(measurements, each, axis) for each in samples)


def choosable(curves: Sequence[tuple[Point, ...]]) -> list[Point]:
    """Every arm, and what fewer samples of the longest curves would have given."""
    longest = {each[-1].arm.id for each in longest_curves(curves)}
    return [point for each in curves for point in (each if each[-1].arm.id in longest else each[-1:])]


def longest_curves(curves: Sequence[tuple[Point, ...]]) -> tuple[tuple[Point, ...], ...]:
    """Of those that differ in the number of samples only, the one that has most; arms that stand alone are none."""
    chosen: dict[tuple[object, ...], tuple[Point, ...]] = {}
    for each in sorted((each for each in curves if len(each) > 1), key=len):
        arm = each[-1].arm
        chosen[all_but(strategy_of(arm).draws_by, arm)] = each
    return tuple(chosen.values())
