"""Figures: each a share of problems with its interval, at a cost, with all that could cloud it beside it.

The arm's own accuracy, or what fewer of its candidates would have given, at what these cost (`costs.cost_of_k_J`): of a
search that is not known, since a smaller one would have made others.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from db.models import JsonObject
from db.queries import Arm, ArmSamples, JobCounts, RollupColumns
from results.costs import cost_J, cost_of_k_J, is_bound, requested_thinking
from results.measurements import Measurements, correct_PR, shape_over, spread
from results.over_k import BoundedAtK, Metric, curve_over_k
from scaling.answers.voting import Aggregate
from scaling.compute.axes import Axis
from scaling.statistics import estimates
from scaling.statistics.estimates import Accuracy, Estimate
from scaling.types import Verdict


@dataclass(frozen=True, slots=True)
class Figure:
    """`k` None: the arm's own answers. `cost` is a mean over problems; its n is smaller where some costs are unknown.

    `share` is the metric with its interval, and with the bounds that failed jobs leave. `requested` is the budget of
    thinking tokens that the arm was given. `monte_carlo_error` is 0 where the figure is exact.
    """

    arm: Arm
    k: int | None
    cost: Estimate
    share: Accuracy
    jobs: JobCounts
    truncated: int
    unparsed: int
    requested: int | None
    monte_carlo_error: float = 0.0
    is_bound: bool = False
    """Some jobs cost at most what is told."""

    @property
    def estimate(self) -> Estimate:
        return self.share.estimate


def figures(measurements: Measurements, axis: Axis, metric: Metric, how: Aggregate | None = None) -> tuple[Figure, ...]:
    """In arm order, k upwards. Arms that have none of the metric (one candidate, no scores) have no figure.

    `how` puts a candidate's step scores together, and needs all candidates, one job's after the other; None: the score
    that the strategy itself chose by, read off the jobs' rollups.
    """
    samples, models = measurements.samples, measurements.models
    if metric is Metric.ACCURACY:
        return tuple(own_figure(each, axis, models) for each in samples)
    several = [each for each in samples if each.num_candidates_J.size and each.num_candidates_J.min() > 1]
    return tuple(
        figure
        for each in several
        for figure in figures_by_k(
            each, curve_over_k(measurements, each, metric, how), axis, models, measurements.rollups(each)
        )
    )


def own_figure(samples: ArmSamples, axis: Axis, models: JsonObject | None) -> Figure:
    shape = shape_over([samples])
    return Figure(
        arm=samples.arm,
        k=None,
        cost=estimates.mean(spread(samples, cost_J(samples, axis, models), shape)),
        share=estimates.accuracy(correct_PR(samples, shape)),
        jobs=samples.jobs,
        truncated=samples.count(Verdict.TRUNCATED),
        unparsed=samples.count(Verdict.UNPARSED),
        requested=requested_thinking(samples.arm),
        is_bound=is_bound(samples, axis, models),
    )


def figures_by_k(
    samples: ArmSamples,
    curve: Sequence[BoundedAtK],
    axis: Axis,
    models: JsonObject | None,
    rollups: RollupColumns,
) -> tuple[Figure, ...]:
    whole, shape = own_figure(samples, axis, models), shape_over([samples])
    return tuple(
        replace(
            whole,
            k=each.at.k,
            cost=estimates.mean(spread(samples, cost_of_k_J(samples, each.at.k, axis, models, rollups), shape)),
            share=each.share,
            requested=None,
            monte_carlo_error=each.at.standard_error,
        )
        for each in curve
        if each.at.estimate.n
    )
