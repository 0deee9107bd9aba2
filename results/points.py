"""Accuracy against compute: every arm, or k of its candidates, as a point on any axis."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from results.columns import Column, Columns, Record, Table, estimate, itself
from results.measured.cost_notes import axis_notes
from results.measured.costs import default_axis
from results.measured.measurements import Measurements
from results.measured.over_k import SCORED, Metric, over_k
from results.measured.point import Point, own_point, points_of_k
from results.questions import Question
from results.wording import UNKNOWN
from scaling.answers.voting import Aggregate
from scaling.compute.axes import Axis

OF_K = (Metric.MAJ, Metric.PASS, *SCORED)


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
    return Points(axis, metric, _kept(_points_by(measurements, axis, metric, aggregate)), notes)


def _points_over_k(
    measurements: Measurements, aggregate: Aggregate | None = None, metrics: tuple[Metric, ...] = OF_K
) -> Points:
    """By these metrics of k candidates."""
    made = (
        _points_by(measurements, Axis.CANDIDATES, metric, aggregate if metric in SCORED else None)
        for metric in OF_K
        if metric in metrics
    )
    return Points(Axis.CANDIDATES, None, _kept(chain.from_iterable(made)))


def _kept(made: Iterable[Point]) -> tuple[Point, ...]:
    return tuple(each.summed() for each in made)


def _points_by(measurements: Measurements, axis: Axis, metric: Metric, how: Aggregate | None) -> Iterator[Point]:
    for each in measurements.samples:
        if metric is Metric.ACCURACY:
            yield own_point(measurements, each, axis)
        elif each.job_id_J.size and each.num_candidates_J.min() > 1:
            values = over_k(measurements, each, metric, how)
            yield from (point for point in points_of_k(measurements, each, axis, metric, values) if point.value.n)


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
        Column("cost", lambda it: it.cost, axis.label, "a problem's mean", lambda it: _cost_words(it, axis), itself),
        Column("cost_low", lambda it: it.cost_interval.low),
        Column("cost_high", lambda it: it.cost_interval.high),
        Column("cost_n", lambda it: it.cost_n),
        Column("cost_is_bound", lambda it: it.is_bound),
        Column(
            "requested", lambda it: it.requested, "requested", "the budget of thinking tokens that it was given",
            needed=lambda rows: axis is Axis.THINKING and any(it.requested is not None for it in rows),
        ),
    )  # fmt: skip


def _cost_words(point: Point, axis: Axis) -> str:
    if not point.cost_n:
        return UNKNOWN
    is_small_or_large = axis.is_scientific or axis is Axis.PRICE
    return f"{'≤ ' if point.is_bound else ''}{point.cost:{'.3g' if is_small_or_large else ',.1f'}}"


ORDER = ("label", "k", "cost", "requested", "value", "ci_low", "n", "failed", "truncated", "unparsed")


def table(found: Points) -> Table[Point]:
    several = ("metric",) if found.metric is None else ()
    notes = (*notes_of(found), *found.notes) if found.points else (_nothing_to_show(found.metric),)
    return Table(columns(found.axis, found.metric), found.points, notes, (*several, *ORDER))


TIES = (
    "maj@k is the mean over all draws of a vote's ties; in the arm's own accuracy one draw decided each, so that maj@k "
    "of all of its candidates may lie a little beside it."
)


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
    if any(each.metric is Metric.MAJ for each in found.points):
        yield TIES
    if error := max((each.monte_carlo_error for each in found.points), default=0.0):
        yield f"Some are Monte-Carlo means over subsets, with a standard error of {error:.2%} at most."


def _nothing_to_show(metric: Metric | None) -> str:
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
OVER_K = Question("over-k", "What k candidates would have given", _points_over_k, table)
