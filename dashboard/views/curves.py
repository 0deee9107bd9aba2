"""Results as curves to draw: sweeps as lines, and what k candidates of an arm would have given as dotted ones. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from dashboard.charts.curve import Curve, Dash, Point
from dashboard.charts.palette import arm_colours
from db.queries import Arm
from results import Figure, Metric, Side, sweeps_of
from results.columns import csv_text
from results.costs import strategy_of
from results.settings import Setting
from scaling.statistics.lines import Sweep

Colours = Mapping[int, str]
"""Of each arm, by its id."""

DASHES = {
    Metric.ACCURACY: Dash.RUN,
    Metric.PASS: Dash.ANY_RIGHT,
    Metric.MAJ: Dash.VOTE,
    Metric.BEST: Dash.BEST,
    Metric.WEIGHTED: Dash.WEIGHTED,
}


def colours_of(arms: Sequence[Arm]) -> Colours:
    """The experiment's arms, whatever part of them is drawn: so an arm has its colour on every plot."""
    return dict(zip((arm.id for arm in arms), arm_colours([arm.strategy for arm in arms]), strict=True))


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """A sweep as it is drawn: its arms by their position, each with what stands beside it."""

    name: str
    marks: tuple[tuple[int, str], ...]


def marked_lines(arms: Sequence[Arm]) -> tuple[MarkedLine, ...]:
    """An arm on its own goes by its label. An arm on two lines is marked on one of them."""
    lines = sweeps_of(arms)
    last_line_of = {position: line for line in lines for position in line.arms}
    return tuple(
        MarkedLine(
            line.name if line.parameter else arms[line.arms[0]].label,
            tuple((at, swept_number(arms[at], line) if last_line_of[at] is line else "") for at in line.arms),
        )
        for line in lines
    )


def swept_number(arm: Arm, sweep: Sweep) -> str:
    return "" if sweep.parameter is None else str(arm.params[sweep.parameter])


def arm_curves(figures: Sequence[Figure], colours: Colours) -> tuple[Curve, ...]:
    """One curve for each sweep. Arms without a result or a known cost are left out, and curves without any arm."""
    ready = [figure for figure in figures if is_drawable(figure)]
    return tuple(
        Curve(line.name, tuple(drawn(ready[at], mark, colours) for at, mark in line.marks))
        for line in marked_lines([figure.arm for figure in ready])
    )


def without_budgets(curves: Sequence[Curve]) -> tuple[Curve, ...]:
    """For an axis that does not count thinking tokens, which budgets are given in."""
    return tuple(
        replace(curve, points=tuple(replace(point, requested=None) for point in curve.points)) for curve in curves
    )


def curves_over_k(metric: Metric, figures: Sequence[Figure], colours: Colours) -> tuple[Curve, ...]:
    """A curve for each arm that has the metric, k upwards. The k stands beside votes only: others have the same."""
    by_arm = groupby((figure for figure in figures if is_drawable(figure)), key=lambda figure: figure.arm.id)
    return tuple(
        Curve(
            f"{metric.value} · {its[0].arm.label}",
            tuple(drawn(each, str(each.k) if metric is Metric.MAJ else "", colours) for each in its),
            DASHES[metric],
        )
        for its in (list(group) for _, group in by_arm)
    )


def drawn(figure: Figure, mark: str, colours: Colours) -> Point:
    share, label = figure.share, figure.arm.label
    return Point(
        label=label if figure.k is None else f"{label}, k = {figure.k}",
        arm=label,
        mark=mark,
        cost=figure.cost.value,
        share=figure.estimate,
        colour=colours[figure.arm.id],
        k=figure.k,
        requested=figure.requested,
        failed=figure.jobs.failed,
        if_failed=(share.if_missing_wrong, share.if_missing_right) if figure.jobs.failed else None,
        truncated=figure.truncated,
        unparsed=figure.unparsed,
        is_bound=figure.is_bound,
    )


def side_curve(side: Side, colours: Colours) -> Curve:
    """A line of an equal-compute comparison, over the problems in common; votes of fewer samples as dotted ones."""
    is_of_arms = len({each.arm.id for each in side.settings}) > 1
    (sweep, *_) = sweeps_of([each.arm for each in side.settings])
    return Curve(
        side.line.name,
        tuple(
            Point(
                label=each.label,
                arm=each.arm.label,
                mark=swept_number(each.arm, sweep) if is_of_arms else number_of_candidates(each),
                cost=each.cost,
                share=each.figure.accuracy,
                colour=colours[each.arm.id],
                k=each.k,
            )
            for each in side.settings
        ),
        Dash.RUN if side.settings[0].k is None else Dash.VOTE,
    )


def number_of_candidates(setting: Setting) -> str:
    """That k is, or that the arm draws; empty for an arm that draws one, or whose candidates depend on one another."""
    return str(setting.k or strategy_of(setting.arm).num_samples or "")


def is_drawable(figure: Figure) -> bool:
    return bool(figure.estimate.n and figure.cost.n)


def without_cost(figures: Sequence[Figure]) -> tuple[str, ...]:
    """Labels of the arms that have results but no known cost on the axis."""
    unknown = [figure.arm.label for figure in figures if figure.estimate.n and not figure.cost.n]
    return tuple(dict.fromkeys(unknown))


def curves_csv(curves: Sequence[Curve], cost_name: str) -> str:
    """Every number behind a plot of curves."""
    return csv_text([row for curve in curves for row in curve_rows(curve, cost_name)])


def curve_rows(curve: Curve, cost_name: str) -> Iterator[dict[str, object]]:
    for point in curve.points:
        wrong, right = point.if_failed or (point.share.value, point.share.value)
        yield {
            "curve": curve.name,
            "arm": point.arm,
            "k": point.k,
            cost_name: point.cost,
            "cost_is_bound": point.is_bound,
            "requested_thinking_tokens": point.requested,
            "share": point.share.value,
            "ci_low": point.share.low,
            "ci_high": point.share.high,
            "problems": point.share.n,
            "failed": point.failed,
            "share_if_failed_wrong": wrong,
            "share_if_failed_right": right,
            "truncated": point.truncated,
            "unparsed": point.unparsed,
        }
