"""What `results --axis --metric` prints for machines: one entry per figure. Missing is null; keys are never renamed."""

from collections.abc import Sequence
from typing import TypedDict

from overthink.cli.documents import known
from results import Figure, Joined, MeasuredSweep, Measurements, Metric
from scaling.compute.axes import Axis
from scaling.statistics.estimates import Estimate


class FigureDocument(TypedDict):
    """`value` is the metric, over `n` problems; `k` is null for an arm's own answers.

    `cost` is the mean over `cost_n` problems whose cost is known, in the axis' unit; an upper bound where
    `cost_is_bound` says so. `requested` is the budget of thinking tokens that the arm was given. The bounds take what
    is missing as wrong, as right.
    """

    label: str
    model: str
    strategy: str
    k: int | None
    value: float | None
    ci_low: float | None
    ci_high: float | None
    n: int
    failed: int
    truncated: int
    unparsed: int
    if_missing_wrong: float | None
    if_missing_right: float | None
    monte_carlo_error: float
    cost: float | None
    cost_low: float | None
    cost_high: float | None
    cost_n: int
    cost_is_bound: bool
    requested: int | None


class IntervalDocument(TypedDict):
    value: float | None
    ci_low: float | None
    ci_high: float | None


class SweepDocument(TypedDict):
    """s1's metrics over `n` problems that every setting answered; `best` is the label of the best setting."""

    sweep: str
    arms: list[str]
    n: int
    control: float | None
    scaling_per_doubling: IntervalDocument
    scaling_per_1k_tokens: IntervalDocument
    performance: IntervalDocument
    best: str


class FiguresDocument(TypedDict):
    """`axis` is its name; `notes` say which costs are not known and why, which are bounds, and what is not counted.

    Of several experiments, `left_out` counts the problems of each that the others did not ask: figures are over the
    rest.
    """

    experiment: int
    name: str
    status: str
    axis: str
    axis_label: str
    unit: str
    metric: str
    figures: list[FigureDocument]
    sweeps: list[SweepDocument]
    notes: list[str]
    experiments: list[int]
    left_out: dict[str, int]


def figures_document(
    measurements: Measurements,
    axis: Axis,
    metric: Metric,
    figures: Sequence[Figure],
    sweeps: Sequence[SweepDocument],
    notes: Sequence[str],
) -> FiguresDocument:
    experiment = measurements.experiment
    left_out = measurements.left_out if isinstance(measurements, Joined) else {experiment.id: 0}
    return {
        "experiment": experiment.id,
        "name": experiment.summary.name,
        "status": experiment.summary.status.value,
        "axis": axis.value,
        "axis_label": axis.label,
        "unit": axis.unit,
        "metric": metric.value,
        "figures": [figure_document(figure) for figure in figures],
        "sweeps": list(sweeps),
        "notes": list(notes),
        "experiments": list(left_out),
        "left_out": {str(each): count for each, count in left_out.items()},
    }


def figure_document(figure: Figure) -> FigureDocument:
    value, cost, bounds = figure.estimate, figure.cost, figure.share
    return {
        "label": figure.arm.label,
        "model": figure.arm.model,
        "strategy": figure.arm.strategy,
        "k": figure.k,
        "value": known(value.value),
        "ci_low": known(value.low),
        "ci_high": known(value.high),
        "n": value.n,
        "failed": figure.jobs.failed,
        "truncated": figure.truncated,
        "unparsed": figure.unparsed,
        "if_missing_wrong": known(bounds.if_missing_wrong),
        "if_missing_right": known(bounds.if_missing_right),
        "monte_carlo_error": figure.monte_carlo_error,
        "cost": known(cost.value),
        "cost_low": known(cost.low),
        "cost_high": known(cost.high),
        "cost_n": cost.n,
        "cost_is_bound": figure.is_bound,
        "requested": figure.requested,
    }


def sweep_document(sweep: MeasuredSweep) -> SweepDocument:
    metrics = sweep.metrics
    return {
        "sweep": sweep.name,
        "arms": list(sweep.labels),
        "n": metrics.performance.n,
        "control": known(metrics.control),
        "scaling_per_doubling": interval_document(metrics.scaling_per_doubling),
        "scaling_per_1k_tokens": interval_document(metrics.scaling_per_1k_tokens),
        "performance": interval_document(metrics.performance),
        "best": sweep.best,
    }


def interval_document(estimate: Estimate) -> IntervalDocument:
    return {"value": known(estimate.value), "ci_low": known(estimate.low), "ci_high": known(estimate.high)}
