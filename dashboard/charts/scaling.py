"""The plot that everything is about: accuracy against compute, with intervals. The plot over k is the same."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts.curve import Curve, Dash, Point
from dashboard.charts.palette import GREY, symbol
from dashboard.charts.theme import cost_axis, error_bars, interval_words, laid_out, opens, share_axis
from dashboard.escaping import in_plotly
from results.wording import amount


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


def accuracy_figure(
    curves: Sequence[Curve], axes: Axes, front: Sequence[Point] = (), marks: Sequence[ReferenceMark] = ()
) -> go.Figure:
    """Shares against `axes`, with error bars. Arms that stand alone are rings, on top of lines.

    `front` are the points that no other beats on both axes, in order of cost. A budget that was given stands as a short
    bar in its point's colour, where the axis counts thinking. A point at cost 0 has no place on a logarithmic axis: see
    `left_out`.
    """
    figure = go.Figure()
    if front:
        figure.add_trace(front_line([point for point in front if is_shown(point, axes)]))
    for position, curve in sorted(enumerate(curves), key=lambda each: (each[1].is_strong, len(each[1].points) == 1)):
        figure.add_trace(scatter(curve, position, axes))
    requests = [point for curve in curves for point in curve.points if point.requested]
    if requests:
        figure.add_trace(requested_budgets(requests))
    for position, mark in enumerate(marks):
        add_mark(figure, mark, "top left" if position % 2 else "top right")
    points = [point for curve in curves for point in curve.points]
    costs = [cost for point in points for cost in (point.cost, point.requested or point.cost)]
    return laid_out(
        figure,
        x=cost_axis(axes.x, costs, is_log=axes.is_log),
        y=share_axis(axes.y, [point.share for point in points]),
    )


def scatter(curve: Curve, position: int, axes: Axes) -> go.Scatter:
    points = [point for point in curve.points if is_shown(point, axes)]
    is_run, is_alone = curve.dash is Dash.RUN, len(curve.points) == 1
    return go.Scatter(
        name=in_plotly(curve.name),
        x=[point.cost for point in points],
        y=[point.share.value for point in points],
        error_y=error_bars([point.share for point in points], curve.colour, is_thin=not is_run),
        text=[in_plotly(point.mark) for point in points],
        customdata=[opens(point.arm, **point.home) if point.arm else None for point in points],
        hovertext=[hover(point, axes) for point in points],
        hovertemplate="%{hovertext}<extra></extra>",
        mode="markers+text" if is_alone else "lines+markers+text",
        cliponaxis=False,
        textposition="bottom right" if position % 2 else "top left",
        textfont={"size": 11, "color": curve.colour},
        line={"color": curve.colour, "width": line_width(curve), "dash": curve.dash.value},
        marker=marker(curve, points, position),
    )


def line_width(curve: Curve) -> float:
    return 4.0 if curve.is_strong else 2.0 if curve.dash is Dash.RUN else 1.5


def marker(curve: Curve, points: Sequence[Point], position: int) -> dict[str, object]:
    colours = [point.colour for point in points]
    if curve.is_strong:
        return {"color": colours, "size": 13, "symbol": "star"}
    if curve.dash is not Dash.RUN:
        return {"color": colours, "size": 5, "symbol": "circle"}
    if len(curve.points) > 1:
        return {"color": colours, "size": 10, "symbol": symbol(position)}
    line = {"width": 2.5, "color": colours}
    return {"color": colours, "size": 14, "symbol": f"{symbol(position)}-open", "line": line}


def front_line(front: Sequence[Point]) -> go.Scatter:
    """Steps: so much accuracy can be had for so much compute, and for no less."""
    return go.Scatter(
        name="Pareto front",
        x=[point.cost for point in front],
        y=[point.share.value for point in front],
        mode="lines",
        line={"shape": "hv", "color": GREY, "width": 7},
        opacity=0.35,
        hoverinfo="skip",
    )


def requested_budgets(points: Sequence[Point]) -> go.Scatter:
    """Each budget that was given, at the height of what it brought: beyond it lies an overshoot."""
    colours = [point.colour for point in points]
    return go.Scatter(
        name="budget given",
        x=[point.requested for point in points],
        y=[point.share.value for point in points],
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 13, "color": colours, "line": {"width": 2, "color": colours}},
        hovertext=[f"{in_plotly(point.label)}<br>given {point.requested:,} thinking tokens" for point in points],
        hovertemplate="%{hovertext}<extra></extra>",
        customdata=[opens(point.arm, **point.home) for point in points],
    )


def add_mark(figure: go.Figure, mark: ReferenceMark, place: str) -> None:
    figure.add_hline(
        y=mark.accuracy,
        line={"dash": "dot", "width": 1, "color": GREY},
        annotation={"text": f"published: {in_plotly(mark.label)}", "font": {"size": 11, "color": GREY}},
        annotation_position=place,
    )


def hover(point: Point, axes: Axes) -> str:
    lines = [
        f"<b>{in_plotly(point.label)}</b>",
        f"{axes.y} {interval_words(point.share)}",
        f"{'at most ' if point.is_bound else ''}{amount(point.cost)} {axes.unit} per problem",
        f"n = {point.share.n} problems",
    ]
    counts = {"failed": point.failed, "truncated": point.truncated, "unparsed": point.unparsed}
    lines += [f"{count} {name}" for name, count in counts.items() if count]
    if point.if_failed is not None:
        lines.append(f"had they failed wrong {point.if_failed[0]:.1%}, right {point.if_failed[1]:.1%}")
    return "<br>".join([*lines, *(["click: its traces"] if point.arm else [])])


def is_shown(point: Point, axes: Axes) -> bool:
    return not axes.is_log or point.cost > 0


def left_out(curves: Sequence[Curve], axes: Axes) -> tuple[str, ...]:
    """Labels of the points that a logarithmic axis cannot show."""
    return tuple(point.label for curve in curves for point in curve.points if not is_shown(point, axes))
