"""Accuracy against compute, each arm a mark of its own with its name beside it: the ranked list of arms is its legend.

Lines connect arms that differ in one number. Marks at one cost stand side by side, and names that have no room are left
to the list. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts.crowded import HEIGHT_PX, WIDTH_PX, Scale, Spot, side_by_side, text_places
from dashboard.charts.curve import Curve, Dash, marked_sweeps
from dashboard.charts.palette import Looks, see_through, symbol
from dashboard.charts.scaling import (
    Axes,
    ReferenceMark,
    add_published,
    front_line,
    hover,
    is_shown,
    on_front,
    requested_budgets,
    scatter,
)
from dashboard.charts.theme import cost_axis, error_bars, laid_out, log_range, share_axis, share_range
from dashboard.escaping import in_plotly
from results import ArmNames, Point

CALM = 0.45
"""How much of their arm's colour intervals and lines have: the marks are what is read."""


@dataclass(frozen=True, slots=True)
class Mark:
    """An arm on the plot: where it stands, which is a little aside where marks would cover one another."""

    point: Point
    x: float
    symbol: str
    text_place: str | None


def ranked_figure(
    curves: Sequence[Curve],
    points: Sequence[Point],
    axes: Axes,
    looks: Looks,
    names: ArmNames,
    published: Sequence[ReferenceMark] = (),
    *,
    has_front: bool = False,
    has_budgets: bool = False,
) -> go.Figure:
    """`points` are the arms' own; `curves` are theirs and those of k of their candidates, which keep a legend.

    A budget that was given stands as a short bar in its point's colour, where the axis counts thinking.
    """
    marks = marks_of(points, axes, names)
    of_k = [each for each in curves if each.dash is not Dash.RUN]
    shown = [each for curve in curves for each in curve.points if is_shown(each, axes)]
    given = [each for each in points if each.requested and each.is_drawable] if has_budgets else []
    figure = go.Figure([front_line(on_front(shown))] if has_front and shown else [])
    figure.add_traces(lines([each for each in curves if each.dash is Dash.RUN], marks, looks))
    figure.add_traces([scatter(curve, at, axes, looks) for at, curve in enumerate(of_k)])
    figure.add_traces([requested_budgets(given, looks)] if given else [])
    figure.add_traces([mark_trace(mark, axes, looks, names) for mark in marks])
    for position, each in enumerate(published):
        add_published(figure, each, "top left" if position % 2 else "top right")
    costs = [*(each.cost for each in shown), *(float(each.requested or 0) for each in given)]
    x = cost_axis(axes.x, costs, is_log=axes.is_log)
    return laid_out(figure, x=x, y=share_axis(axes.y, [each.value for each in shown]))


def marks_of(points: Sequence[Point], axes: Axes, names: ArmNames) -> tuple[Mark, ...]:
    """Of the arms' own points; those that a logarithmic axis cannot show have none."""
    shown = [each for each in points if each.is_drawable and (each.cost > 0 or not axes.is_log)]
    if not shown:
        return ()
    across, up = _scales(shown, axes)
    moves = side_by_side([across.px(each.cost) for each in shown])
    places = [across.moved(each.cost, move) for each, move in zip(shown, moves, strict=True)]
    spots = [
        Spot(across.px(x), up.length_px - up.px(each.value.value), names[each.arm.label])
        for each, x in zip(shown, places, strict=True)
    ]
    symbols = _symbols(shown)
    return tuple(
        Mark(each, x, symbols[each.arm.id], place)
        for each, x, place in zip(shown, places, text_places(spots), strict=True)
    )


def _scales(points: Sequence[Point], axes: Axes) -> tuple[Scale, Scale]:
    costs = [each.cost for each in points]
    left, right = log_range(costs) if axes.is_log else (0.0, 1.05 * max(costs) or 1.0)
    low, high = share_range([each.value for each in points])
    return Scale(left, right, WIDTH_PX, axes.is_log), Scale(low, high, HEIGHT_PX)


def _symbols(points: Sequence[Point]) -> dict[int, str]:
    """The arms of a sweep have one; those that stand alone are open."""
    found: dict[int, str] = {}
    for number, sweep in enumerate(marked_sweeps([each.arm for each in points])):
        for at in sweep.arms:
            found.setdefault(points[at].arm.id, symbol(number) if len(sweep.arms) > 1 else f"{symbol(number)}-open")
    return found


def lines(curves: Sequence[Curve], marks: Sequence[Mark], looks: Looks) -> list[go.Scatter]:
    """Of the sweeps. `meta` are the arms along it: one that is hidden is left out."""
    place = {mark.point.arm.id: mark for mark in marks}
    made = []
    for curve in curves:
        along = [place[each.arm.id] for each in curve.points if each.arm is not None and each.arm.id in place]
        if len(along) < 2:
            continue
        made.append(
            go.Scatter(
                name=in_plotly(f"line: {curve.name}"),
                x=[mark.x for mark in along],
                y=[mark.point.value.value for mark in along],
                mode="lines",
                line={"color": see_through(looks.colour(along[-1].point.arm), CALM), "width": 2},
                hoverinfo="skip",
                showlegend=False,
                meta={"arms": [mark.point.arm.label for mark in along]},
            )
        )
    return made


def mark_trace(mark: Mark, axes: Axes, looks: Looks, names: ArmNames) -> go.Scatter:
    """`meta` says whose it is, to the list of arms beside the plot."""
    point, colour = mark.point, looks.colour(mark.point.arm)
    is_open = mark.symbol.endswith("-open")
    line = {"width": 2.5 if is_open else 0, "color": colour}
    return go.Scatter(
        name=in_plotly(point.arm.label),
        x=[mark.x],
        y=[point.value.value],
        error_y={**error_bars([point.value], see_through(colour, CALM)), "width": 0, "thickness": 1.6},
        text=[in_plotly(names[point.arm.label]) if mark.text_place else ""],
        textposition=mark.text_place or "middle right",
        textfont={"size": 11.5},
        mode="markers+text",
        cliponaxis=False,
        marker={"color": colour, "size": 12 if is_open else 10, "symbol": mark.symbol, "line": line},
        customdata=[looks.door(point.arm)],
        hovertext=[hover(point, axes)],
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
        meta={"arm": point.arm.label},
    )
