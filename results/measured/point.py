"""A point: an arm as it ran, or k of its candidates, as a share of problems at a cost.

What k of an arm's candidates would have given stands at what these cost (`costs.cost_of_k_J`): of a search that is not
known, since a smaller one would have made others.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from db.queries import Arm, ArmSamples, JobCounts
from results.measured.costs import cost_J, cost_of_k_J, is_bound, requested_thinking
from results.measured.measurements import Measurements, correct_PR, shape_over, spread
from results.measured.over_k import Metric, OverK, had_they, shares
from scaling.arrays import Floats
from scaling.compute.axes import Axis
from scaling.statistics import estimates
from scaling.statistics.estimates import Estimate, problem_means
from scaling.types import Verdict

Booleans = NDArray[np.bool_]
NO_PROBLEMS: Floats = np.empty(0)
NO_JOBS = JobCounts(0, 0, 0, 0, 0)


@dataclass(frozen=True, eq=False)
class Point:
    """An arm as it ran (`k` None), or k of its candidates: what each problem got, and what it cost on some axis.

    Means over a problem's repeats; NaN: no result, no known cost. What clouds it are the arm's jobs: `if_failed` is the
    value had those without a result all been wrong, and all right. `requested` is the budget of thinking tokens that
    the arm was given. `is_bound`: some jobs cost at most what is told. `monte_carlo_error` is 0 where the value is
    exact.
    """

    arm: Arm
    k: int | None
    value_P: Floats
    cost_P: Floats
    metric: Metric = Metric.ACCURACY
    jobs: JobCounts = NO_JOBS
    if_failed: tuple[float, float] = (np.nan, np.nan)
    truncated: int = 0
    unparsed: int = 0
    requested: int | None = None
    is_bound: bool = False
    monte_carlo_error: float = 0.0

    @property
    def label(self) -> str:
        return self.arm.label if self.k is None else f"{self.arm.label}, k = {self.k}"

    @cached_property
    def value(self) -> Estimate:
        return estimates.share(self.value_P[:, None])

    @cached_property
    def cost(self) -> float:
        """The mean over the problems where it is known; NaN if it is for none."""
        return float(self.cost_P[~np.isnan(self.cost_P)].mean()) if self.cost_n else np.nan

    @property
    def cost_n(self) -> int:
        return int((~np.isnan(self.cost_P)).sum())

    @cached_property
    def cost_interval(self) -> Estimate:
        """Draws resamples."""
        return estimates.mean(self.cost_P[:, None])

    @property
    def is_known_P(self) -> Booleans:
        """Of which problems there is a result, and a known cost."""
        return ~np.isnan(self.cost_P + self.value_P)

    @property
    def is_drawable(self) -> bool:
        return bool(self.value.n and self.cost_n)

    def on(self, is_kept_P: Booleans) -> "Point":
        """With nothing known of the other problems, and nothing told of jobs."""
        value_P, cost_P = (np.where(is_kept_P, each_P, np.nan) for each_P in (self.value_P, self.cost_P))
        return Point(self.arm, self.k, value_P, cost_P, self.metric)

    def summed(self) -> "Point":
        """Without what each problem got: a page keeps many of them. Of costs there may still be resamples to draw."""
        light = replace(self, value_P=NO_PROBLEMS)
        vars(light)["value"] = self.value
        return light


def own_point(measurements: Measurements, samples: ArmSamples, axis: Axis) -> Point:
    models, accuracy = measurements.models, estimates.accuracy(correct_PR(samples, shape_over([samples])))
    return Point(
        arm=samples.arm,
        k=None,
        value_P=problem_means(correct_PR(samples, measurements.shape)),
        cost_P=problem_means(spread(samples, cost_J(samples, axis, models), measurements.shape)),
        jobs=samples.jobs,
        if_failed=(accuracy.if_missing_wrong, accuracy.if_missing_right),
        truncated=samples.count(Verdict.TRUNCATED),
        unparsed=samples.count(Verdict.UNPARSED),
        requested=requested_thinking(samples.arm),
        is_bound=is_bound(samples, axis, models),
    )


def points_of_k(
    measurements: Measurements, samples: ArmSamples, axis: Axis, metric: Metric, values: OverK
) -> Iterator[Point]:
    """One for each k."""
    models, rollups, shape = measurements.models, measurements.rollups(samples), measurements.shape
    own, errors = own_point(measurements, samples, axis), values.monte_carlo_errors(samples)
    for k, value_J, error in zip(values.ks, values.values_JK.T, errors, strict=True):
        value_PR, costs_J = spread(samples, value_J, shape), cost_of_k_J(samples, k, axis, models, rollups)
        yield replace(
            own,
            k=k,
            metric=metric,
            value_P=shares(value_PR),
            cost_P=problem_means(spread(samples, costs_J, shape)),
            if_failed=(had_they(samples.failed, value_PR, 0.0), had_they(samples.failed, value_PR, 1.0)),
            requested=None,
            monte_carlo_error=error,
        )
