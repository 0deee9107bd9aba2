"""Two curves compared at one budget of compute, paired by problem.

A curve is a sweep: at each of its settings every problem has an accuracy and a cost, on any axis of `compute`.
Accuracy at the budget is interpolated, linearly in cost, between the curve's settings. The interval resamples problems
(`bootstrap`): in each resample both curves' costs and accuracies are averaged anew over the same problems, and
interpolated anew, so it covers the uncertainty of where the points lie as well as of how high. A bootstrap has no width
where nothing is right, nothing wrong or nothing differs, and too little where it is only a few problems: there its
interval is joined to the one in closed form (`intervals`) of the problems' interpolated accuracies, costs taken as
known. Suffixes: P problems, S settings, B resamples.
"""

from dataclasses import dataclass

import numpy as np

from scaling.arrays import Floats
from scaling.statistics.bootstrap import expanded_percentiles, resampled_means
from scaling.statistics.estimates import Estimate
from scaling.statistics.intervals import (
    difference_interval,
    has_few_flips,
    has_few_rights_or_wrongs,
    joined,
    share_interval,
)


@dataclass(frozen=True, slots=True, eq=False)
class CostedCurve:
    """Accuracy and cost of each problem (its mean over repeats) under each setting, without NaN; rows are problems.

    One setting alone is a point, and is compared at its own mean cost only.
    """

    cost_PS: Floats
    correct_PS: Floats

    def __post_init__(self) -> None:
        if self.cost_PS.shape != self.correct_PS.shape or self.cost_PS.ndim != 2 or not self.cost_PS.size:
            raise ValueError(f"problems × settings expected in both, got {self.cost_PS.shape}, {self.correct_PS.shape}")
        if np.isnan(self.cost_PS + self.correct_PS).any():
            raise ValueError("a curve needs problems that every setting answered, at known cost; leave out the rest")

    @property
    def range(self) -> tuple[float, float]:
        """The budgets at which it has an accuracy."""
        cost_S = self.cost_PS.mean(axis=0)
        return float(cost_S.min()), float(cost_S.max())


@dataclass(frozen=True, slots=True)
class EqualCompute:
    """Accuracies at one budget, and second minus first."""

    budget: float
    first: Estimate
    second: Estimate
    difference: Estimate


def common_range(first: CostedCurve, second: CostedCurve) -> tuple[float, float] | None:
    """The budgets that both curves reach; None if there is none."""
    low, high = max(first.range[0], second.range[0]), min(first.range[1], second.range[1])
    return (low, high) if low <= high else None


@dataclass(frozen=True, slots=True, eq=False)
class Resampled:
    """Two curves with their settings' means in every resample, drawn once: any number of budgets can be asked for."""

    first: CostedCurve
    second: CostedCurve
    first_means: tuple[Floats, Floats]
    """Cost and accuracy, resamples × settings."""
    second_means: tuple[Floats, Floats]

    def at(self, budget: float) -> EqualCompute:
        """Nothing is extrapolated: a budget that a curve does not reach is refused."""
        for curve in (self.first, self.second):
            low, high = curve.range
            if not (low <= budget <= high or np.isclose(budget, [low, high]).any()):
                raise ValueError(f"budget {budget:g} is outside of a curve that goes from {low:g} to {high:g}")
        first_B, second_B = (_interpolate(budget, *means) for means in (self.first_means, self.second_means))
        first_P, second_P = (_interpolated(curve, budget) for curve in (self.first, self.second))
        return EqualCompute(
            budget,
            first=_share(first_P, first_B),
            second=_share(second_P, second_B),
            difference=_difference(second_P - first_P, second_B - first_B),
        )

    def along(self, num_budgets: int = 41) -> "tuple[EqualCompute, ...]":
        """At budgets in even proportions from where to where both curves reach; none where they do not."""
        both = common_range(self.first, self.second)
        if both is None:
            return ()
        spaced = np.geomspace if both[0] > 0 else np.linspace
        return tuple(self.at(float(budget)) for budget in np.unique(spaced(*both, num_budgets)))


def at_equal_compute(first: CostedCurve, second: CostedCurve, budget: float, seed: int = 0) -> EqualCompute:
    return resampled(first, second, seed).at(budget)


def resampled(first: CostedCurve, second: CostedCurve, seed: int = 0) -> Resampled:
    """Both over the same problems. A resample whose curve ends before a budget lends its last point."""
    if len(first.cost_PS) != len(second.cost_PS):
        raise ValueError(f"paired rows expected, got {len(first.cost_PS)} and {len(second.cost_PS)} problems")
    columns_PS = [first.cost_PS, first.correct_PS, second.cost_PS, second.correct_PS]
    means_BS = resampled_means(np.hstack(columns_PS), seed)
    cost_1, correct_1, cost_2, correct_2 = np.split(means_BS, np.cumsum([each.shape[1] for each in columns_PS])[:-1], 1)
    return Resampled(first, second, (cost_1, correct_1), (cost_2, correct_2))


def _share(accuracy_P: Floats, resampled_B: Floats) -> Estimate:
    interval = expanded_percentiles(resampled_B, accuracy_P.size)
    if has_few_rights_or_wrongs(accuracy_P):
        interval = joined(interval, share_interval(accuracy_P))
    return Estimate(float(accuracy_P.mean()), *interval, accuracy_P.size)


def _difference(differences_P: Floats, resampled_B: Floats) -> Estimate:
    interval = expanded_percentiles(resampled_B, differences_P.size)
    if has_few_flips(differences_P):
        interval = joined(interval, difference_interval(differences_P))
    return Estimate(float(differences_P.mean()), *interval, differences_P.size)


def _interpolated(curve: CostedCurve, budget: float) -> Floats:
    """Each problem's accuracy, on the way that the budget is between the settings' mean costs."""
    cost_S = curve.cost_PS.mean(axis=0)
    return _interpolate(budget, np.broadcast_to(cost_S, curve.cost_PS.shape), curve.correct_PS)


def _interpolate(budget: float, cost_BS: Floats, correct_BS: Floats) -> Floats:
    """Row by row what numpy.interp does for one row."""
    order_BS = cost_BS.argsort(axis=1)
    cost_BS = np.take_along_axis(cost_BS, order_BS, axis=1)
    correct_BS = np.take_along_axis(correct_BS, order_BS, axis=1)
    right_B1 = np.clip((cost_BS < budget).sum(axis=1, keepdims=True), 0, cost_BS.shape[1] - 1)
    left_B1 = np.maximum(right_B1 - 1, 0)
    cost_left, cost_right = (np.take_along_axis(cost_BS, at, axis=1)[:, 0] for at in (left_B1, right_B1))
    correct_left, correct_right = (np.take_along_axis(correct_BS, at, axis=1)[:, 0] for at in (left_B1, right_B1))
    gap = cost_right - cost_left
    way = np.divide(budget - cost_left, gap, out=np.ones_like(gap), where=gap > 0)
    accuracy_B: Floats = correct_left + np.clip(way, 0.0, 1.0) * (correct_right - correct_left)
    return accuracy_B
