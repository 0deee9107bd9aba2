"""Accuracy against compute: every arm, or k of its candidates, as a point: a share of problems, at a cost.

What k of an arm's candidates would have given stands at what these cost (`costs.cost_of_k_J`): of a search that is not
known, since a smaller one would have made others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from db.queries import Arm, ArmSamples, JobCounts
from results.columns import Column, Columns, Record, Table, estimate
from results.cost_notes import axis_notes
from results.costs import cost_J, cost_of_k_J, default_axis, is_bound, requested_thinking
from results.measurements import Measurements, correct_PR, shape_over, spread
from results.over_k import SCORED, Metric, OverK, had_they, over_k, shares
from results.questions import Question
from results.wording import UNKNOWN
from scaling.answers.voting import Aggregate
from scaling.compute.axes import Axis
from scaling.statistics import estimates
from scaling.statistics.estimates import Estimate, problem_means
from scaling.statistics.intervals import Floats
from scaling.types import Verdict

Booleans = NDArray[np.bool_]
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


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """On one axis, by one metric (None: by several). `notes` say which costs are not known and why, which are bounds,
    and what is not counted."""

    axis: Axis
    metric: Metric | None
    points: tuple[Point, ...]
    notes: tuple[str, ...] = ()

    @classmethod
    def together(cls, found: "Sequence[Points]") -> "Points":
        """Several answers on one axis as one."""
        if len(found) == 1:
            return found[0]
        notes = dict.fromkeys(chain.from_iterable(each.notes for each in found))
        return cls(found[0].axis, None, tuple(chain.from_iterable(each.points for each in found)), tuple(notes))


def points(
    measurements: Measurements,
    axis: Axis | None = None,
    metric: Metric = Metric.ACCURACY,
    aggregate: Aggregate | None = None,
) -> Points:
    """In arm order, k upwards; unless asked otherwise on the axis that suits the arms. `aggregate` as in `over_k`.

    Arms that have none of the metric (one candidate, no scores) have no point.
    """
    axis = axis or default_axis(measurements.experiment.arms, measurements.models)
    notes = axis_notes(measurements, axis, of_fewer=metric is not Metric.ACCURACY)
    return Points(axis, metric, tuple(points_by(measurements, axis, metric, aggregate)), notes)


def points_over_k(measurements: Measurements, aggregate: Aggregate | None = None) -> Points:
    """By every metric of k candidates."""
    made = (
        points_by(measurements, Axis.CANDIDATES, metric, aggregate if metric in SCORED else None)
        for metric in (Metric.MAJ, Metric.PASS, *SCORED)
    )
    return Points(Axis.CANDIDATES, None, tuple(chain.from_iterable(made)))


def points_by(measurements: Measurements, axis: Axis, metric: Metric, how: Aggregate | None) -> Iterator[Point]:
    for each in measurements.samples:
        if metric is Metric.ACCURACY:
            yield own_point(measurements, each, axis)
        elif each.job_id_J.size and each.num_candidates_J.min() > 1:
            values = over_k(measurements, each, metric, how)
            yield from (point for point in points_of_k(measurements, each, axis, metric, values) if point.value.n)


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


def columns(axis: Axis, metric: Metric | None) -> Columns[Point]:
    """Under the names of the axis and of the metric; of several metrics one column says which."""
    return (
        *((Column("metric", lambda it: it.metric, ""),) if metric is None else ()),
        Column("label", lambda it: it.arm.label, "arm"),
        Column("model", lambda it: it.arm.model),
        Column("strategy", lambda it: it.arm.strategy),
        Column("k", lambda it: it.k, "k", "of a job's candidates", needed=lambda rows: metric is not Metric.ACCURACY),
        *estimate("value", lambda it: it.value, metric or "share", "of problems"),
        Column("n", lambda it: it.value.n, "n", "problems with a result"),
        Column("failed", lambda it: it.jobs.failed, "failed", "jobs without a result; not in the share"),
        Column("truncated", lambda it: it.truncated, "truncated", "answers cut by their limit; not correct"),
        Column("unparsed", lambda it: it.unparsed, "unparsed", "no answer could be read; not correct"),
        Column("if_missing_wrong", lambda it: it.if_failed[0]),
        Column("if_missing_right", lambda it: it.if_failed[1]),
        Column("monte_carlo_error", lambda it: it.monte_carlo_error),
        Column("cost", lambda it: it.cost, axis.label, "a problem's mean", lambda it: cost_words(it, axis), itself),
        Column("cost_low", lambda it: it.cost_interval.low),
        Column("cost_high", lambda it: it.cost_interval.high),
        Column("cost_n", lambda it: it.cost_n),
        Column("cost_is_bound", lambda it: it.is_bound),
        Column(
            "requested", lambda it: it.requested, "requested", "the budget of thinking tokens that it was given",
            needed=lambda rows: axis is Axis.THINKING and any(it.requested is not None for it in rows),
        ),
    )  # fmt: skip


def itself(point: Point) -> Point:
    return point


def cost_words(point: Point, axis: Axis) -> str:
    if not point.cost_n:
        return UNKNOWN
    is_small_or_large = axis.is_scientific or axis is Axis.PRICE
    return f"{'≤ ' if point.is_bound else ''}{point.cost:{'.3g' if is_small_or_large else ',.1f'}}"


ORDER = ("label", "k", "cost", "requested", "value", "ci_low", "n", "failed", "truncated", "unparsed")


def table(found: Points) -> Table[Point]:
    several = ("metric",) if found.metric is None else ()
    notes = (*notes_of(found), *found.notes) if found.points else (nothing_to_show(found.metric),)
    return Table(columns(found.axis, found.metric), found.points, notes, (*several, *ORDER))


def notes_of(found: Points) -> Iterator[str]:
    """Jobs that are missing, what they could change, and costs that are not known."""
    jobs = {each.arm.id: each.jobs for each in found.points}.values()
    if waiting := sum(each.open for each in jobs):
        yield f"{waiting:,} jobs have not ended: figures are of those that have."
    if cancelled := sum(each.cancelled for each in jobs):
        yield f"{cancelled:,} jobs were cancelled: figures are of those that ran."
    for each in found.points:
        if each.jobs.failed and each.value.n:
            wrong, right = each.if_failed
            yield (
                f"{each.label}: {each.jobs.failed} failed jobs are left out; had they all been wrong or all right, "
                f"it would be {wrong:.1%} or {right:.1%}."
            )
        if 0 < each.cost_n < each.value.n:
            yield f"{each.arm.label}: {found.axis.label} known for {each.cost_n:,} of {each.value.n:,} problems."
    if error := max((each.monte_carlo_error for each in found.points), default=0.0):
        yield f"Some are Monte-Carlo means over subsets, with a standard error of {error:.2%} at most."


def nothing_to_show(metric: Metric | None) -> str:
    needs = {Metric.ACCURACY: "the experiment has no arms yet"} | dict.fromkeys(
        (None, Metric.PASS, Metric.MAJ), "no arm's finished jobs have several candidates"
    )
    said = needs.get(metric, "no arm has several candidates that a verifier scored")
    return f"No {metric or 'value of k candidates'}: {said}."


def document(measurements: Measurements, found: Points, sweeps: Sequence[Record]) -> Record:
    """As JSON. Of several experiments, `left_out` counts the problems of each that the others did not ask."""
    experiment, left_out, made = measurements.experiment, measurements.left_out, table(found)
    return {
        "experiment": experiment.id,
        "name": experiment.summary.name,
        "status": experiment.summary.status.value,
        "axis": found.axis.value,
        "axis_label": found.axis.label,
        "unit": found.axis.unit,
        "metric": found.metric,
        "figures": list(made.records),
        "sweeps": list(sweeps),
        "notes": list(found.notes),
        "experiments": list(left_out),
        "left_out": {str(each): count for each, count in left_out.items()},
    }


POINTS = Question("points", "Accuracy against compute", points, table)
OVER_K = Question("over-k", "What k candidates would have given", points_over_k, table)
