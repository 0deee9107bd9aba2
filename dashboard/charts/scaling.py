"""The plot that everything is about: accuracy against compute, with intervals. The plot over k is the same."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts.curve import Curve, Dash, Drawable
from dashboard.charts.palette import GREY, Looks, symbol
from dashboard.charts.theme import HEIGHT_PX, cost_axis, error_bars, interval_words, laid_out, share_axis
from dashboard.escaping import in_plotly
from results import Metric, Point
from results.wording import amount
from scaling.compute.axes import Axis
from scaling.statistics.pareto import pareto_front


@dataclass(frozen=True, slots=True)
class ReferenceMark:
    """A published accuracy: a line across the plot, labelled as such. It was not measured here."""

    label: str
    accuracy: float


@dataclass(frozen=True, slots=True)
class Axes:
    """What is drawn to the right and upwards. `unit` names one point's cost when it is hovered over."""

    x: str
    unit: str
    y: str = "accuracy"
    is_log: bool = True

    @classmethod
    def of(cls, axis: Axis, *, is_log: bool) -> "Axes":
        return cls(f"mean {axis.label} per problem{axis.in_unit}", axis.unit, is_log=is_log)


def accuracy_figure(
    curves: Sequence[Curve],
    axes: Axes,
    looks: Looks,
    marks: Sequence[ReferenceMark] = (),
    *,
    has_front: bool = False,
    has_budgets: bool = False,
    height_px: int = HEIGHT_PX,
) -> go.Figure:
    """Shares against `axes`, with error bars. Arms that stand alone are rings, on top of lines.

    A budget that was given stands as a short bar in its point's colour, where the axis counts thinking. A point at cost
    0 has no place on a logarithmic axis: see `left_out`.
    """
    figure = go.Figure()
    points = [point for curve in curves for point in curve.points]
    if has_front and (front := on_front(points)):
        figure.add_trace(front_line([point for point in front if is_shown(point, axes)]))
    for position, curve in sorted(enumerate(curves), key=lambda each: (each[1].is_strong, len(each[1].points) == 1)):
        figure.add_trace(scatter(curve, position, axes, looks))
    given = [each for each in points if isinstance(each, Point) and each.requested] if has_budgets else []
    if given:
        figure.add_trace(requested_budgets(given, looks))
    for position, mark in enumerate(marks):
        add_published(figure, mark, "top left" if position % 2 else "top right")
    costs = [*(point.cost for point in points), *(float(point.requested or 0) for point in given)]
    return laid_out(
        figure,
        x=cost_axis(axes.x, costs, is_log=axes.is_log),
        y=share_axis(axes.y, [point.value for point in points]),
        height_px=height_px,
    )


def scatter(curve: Curve, position: int, axes: Axes, looks: Looks) -> go.Scatter:
    shown = [each for each in zip(curve.points, curve.marks, strict=True) if is_shown(each[0], axes)]
    points = [point for point, _ in shown]
    colours = [curve.colour or looks.colour(point.arm) for point in curve.points]
    return go.Scatter(
        name=in_plotly(looks.name(curve.name)),
        x=[point.cost for point in points],
        y=[point.value.value for point in points],
        error_y=error_bars([point.value for point in points], colours[-1], is_thin=curve.dash is not Dash.RUN),
        text=[in_plotly(mark) for _, mark in shown],
        customdata=[looks.door(point.arm) for point in points],
        hovertext=[hover(point, axes) for point in points],
        hovertemplate="%{hovertext}<extra></extra>",
        mode="markers+text" if len(curve.points) == 1 else "lines+markers+text",
        cliponaxis=False,
        textposition="bottom right" if position % 2 else "top left",
        textfont={"size": 11},
        line={"color": colours[-1], "width": _line_width(curve), "dash": curve.dash.value},
        marker=_marker(curve, [curve.colour or looks.colour(point.arm) for point in points], position),
    )


def _line_width(curve: Curve) -> float:
    return 4.0 if curve.is_strong else 2.0 if curve.dash is Dash.RUN else 1.5


def _marker(curve: Curve, colours: Sequence[str], position: int) -> dict[str, object]:
    if curve.is_strong:
        return {"color": colours, "size": 13, "symbol": "star"}
    if curve.dash is not Dash.RUN:
        return {"color": colours, "size": 5, "symbol": "circle"}
    if len(curve.points) > 1:
        return {"color": colours, "size": 10, "symbol": symbol(position)}
    line = {"width": 2.5, "color": colours}
    return {"color": colours, "size": 14, "symbol": f"{symbol(position)}-open", "line": line}


def on_front(points: Sequence[Drawable]) -> list[Drawable]:
    """Those that no other beats on both axes, in order of cost."""
    return [points[at] for at in pareto_front([it.cost for it in points], [it.value.value for it in points])]


def front_line(front: Sequence[Drawable]) -> go.Scatter:
    """Steps: so much accuracy can be had for so much compute, and for no less."""
    return go.Scatter(
        name="Pareto front",
        x=[point.cost for point in front],
        y=[point.value.value for point in front],
        mode="lines",
        line={"shape": "hv", "color": GREY, "width": 7},
        opacity=0.35,
        hoverinfo="skip",
    )


def requested_budgets(points: Sequence[Point], looks: Looks) -> go.Scatter:
    """Each budget that was given, at the height of what it brought: beyond it lies an overshoot."""
    colours = [looks.colour(point.arm) for point in points]
    return go.Scatter(
        name="budget given",
        x=[point.requested for point in points],
        y=[point.value.value for point in points],
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 13, "color": colours, "line": {"width": 2, "color": colours}},
        hovertext=[f"{in_plotly(point.label)}<br>given {point.requested:,} thinking tokens" for point in points],
        hovertemplate="%{hovertext}<extra></extra>",
        customdata=[looks.door(point.arm) for point in points],
    )


def add_published(figure: go.Figure, mark: ReferenceMark, place: str) -> None:
    figure.add_hline(
        y=mark.accuracy,
        line={"dash": "dot", "width": 1, "color": GREY},
        annotation={"text": f"published: {in_plotly(mark.label)}", "font": {"size": 11}},
        annotation_position=place,
    )


def hover(point: Drawable, axes: Axes) -> str:
    is_bound = isinstance(point, Point) and point.is_bound
    lines = [
        f"<b>{in_plotly(point.label)}</b>",
        f"{axes.y} {interval_words(point.value)}",
        f"{'at most ' if is_bound else ''}{amount(point.cost)} {axes.unit} per problem",
        f"n = {point.value.n} problems",
    ]
    if isinstance(point, Point):
        if point.metric is Metric.MAJ:
            lines.append("ties: the mean over all draws; the arm itself drew once")
        counts = {"failed": point.jobs.failed, "truncated": point.truncated, "unparsed": point.unparsed}
        lines += [f"{count} {name}" for name, count in counts.items() if count]
        if point.jobs.failed:
            lines.append("had they failed wrong {:.1%}, right {:.1%}".format(*point.if_failed))
    return "<br>".join([*lines, *(["click: its traces"] if point.arm else [])])


def is_shown(point: Drawable, axes: Axes) -> bool:
    return not axes.is_log or point.cost > 0


def left_out(curves: Sequence[Curve], axes: Axes) -> tuple[str, ...]:
    """Labels of the points that a logarithmic axis cannot show."""
    return tuple(point.label for curve in curves for point in curve.points if not is_shown(point, axes))
