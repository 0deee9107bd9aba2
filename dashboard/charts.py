"""Typed curves in, Plotly figures out. No SQL, no statistics and no Streamlit here: pages compose them.

The way of optuna's `visualization`: what is drawn is a value that can be tested without drawing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import plotly.graph_objects as go

from dashboard.literal import in_plotly
from dashboard.palette import family_colour, symbol

HEIGHT_PX = 520


@dataclass(frozen=True, slots=True)
class Point:
    """One arm, or one k of a vote. Accuracy and its interval are shares; `tokens` is a mean per problem."""

    label: str
    mark: str
    """What stands beside the marker: the swept number. Empty: nothing."""
    tokens: float
    accuracy: float
    low: float
    high: float
    problems: int
    failed: int = 0
    truncated: int = 0
    unparsed: int = 0


class Dash(StrEnum):
    """How a curve is drawn says where it comes from. The values are Plotly's."""

    RUN = "solid"  # arms that were run
    VOTE = "dot"  # maj@k, read off the candidates of one arm
    ANY_RIGHT = "dash"  # pass@k, read off the candidates of one arm


@dataclass(frozen=True, slots=True)
class Curve:
    """Points to connect, in order. `tint` numbers the family's curves; its colours repeat after two."""

    name: str
    family: str
    points: tuple[Point, ...]
    tint: int = 0
    dash: Dash = Dash.RUN


def accuracy_figure(curves: Sequence[Curve], tokens: str, is_log2: bool) -> go.Figure:
    """Accuracy against `tokens` (the axis title) with error bars. Arms that stand alone are rings, on top of lines.

    A point at 0 tokens has no place on a logarithmic axis: see `left_out`.
    """
    figure = go.Figure()
    for position, curve in sorted(enumerate(curves), key=lambda each: len(each[1].points) == 1):
        figure.add_trace(scatter(curve, position, is_log2))
    figure.update_layout(
        height=HEIGHT_PX,
        margin={"l": 10, "r": 20, "t": 20, "b": 10},
        legend={"orientation": "h", "yanchor": "top", "y": -0.16, "x": 0, "title": None},
        hovermode="closest",
    )
    figure.update_yaxes(title="accuracy", tickformat=".0%", range=accuracy_range(curves), zeroline=False)
    figure.update_xaxes(title=tokens, **x_axis(curves, is_log2))
    return figure


def scatter(curve: Curve, position: int, is_log2: bool) -> go.Scatter:
    points = [point for point in curve.points if is_shown(point, is_log2)]
    colour = family_colour(curve.family, curve.tint)
    is_run, is_alone = curve.dash is Dash.RUN, len(curve.points) == 1
    return go.Scatter(
        name=in_plotly(curve.name),
        x=[point.tokens for point in points],
        y=[point.accuracy for point in points],
        error_y=error_bars(points, is_run),
        text=[in_plotly(point.mark) for point in points],
        hovertext=[hover(point) for point in points],
        hovertemplate="%{hovertext}<extra></extra>",
        mode="markers+text" if is_alone else "lines+markers+text",
        cliponaxis=False,
        textposition="bottom right" if curve.tint % 2 else "top left",
        textfont={"size": 11, "color": colour},
        line={"color": colour, "width": 2 if is_run else 1.5, "dash": curve.dash.value},
        marker=marker(curve, position, colour),
    )


def error_bars(points: Sequence[Point], is_run: bool) -> dict[str, object]:
    """The intervals; thinner for what was not run. Rounding must not make a bar negative."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [max(0.0, point.high - point.accuracy) for point in points],
        "arrayminus": [max(0.0, point.accuracy - point.low) for point in points],
        "thickness": 1.3 if is_run else 0.7,
        "width": 4 if is_run else 2,
    }


def marker(curve: Curve, position: int, colour: str) -> dict[str, object]:
    if curve.dash is not Dash.RUN:
        return {"color": colour, "size": 5, "symbol": "circle"}
    if len(curve.points) > 1:
        return {"color": colour, "size": 10, "symbol": symbol(position)}
    line = {"width": 2.5, "color": colour}
    return {"color": colour, "size": 14, "symbol": f"{symbol(position)}-open", "line": line}


def hover(point: Point) -> str:
    lines = [
        f"<b>{in_plotly(point.label)}</b>",
        f"accuracy {point.accuracy:.1%}  [{point.low:.1%}, {point.high:.1%}]",
        f"{point.tokens:,.1f} tokens per problem",
        f"n = {point.problems} problems",
    ]
    counts = {"failed": point.failed, "truncated": point.truncated, "unparsed": point.unparsed}
    lines += [f"{count} {name}" for name, count in counts.items() if count]
    return "<br>".join(lines)


def is_shown(point: Point, is_log2: bool) -> bool:
    return not is_log2 or point.tokens > 0


def left_out(curves: Sequence[Curve], is_log2: bool) -> tuple[str, ...]:
    """Labels of the points that a logarithmic axis cannot show."""
    return tuple(point.label for curve in curves for point in curve.points if not is_shown(point, is_log2))


def accuracy_range(curves: Sequence[Curve]) -> tuple[float, float]:
    """A little more than the intervals take, never beyond 0 and 1 by more than a marker."""
    lows = [point.low for curve in curves for point in curve.points]
    highs = [point.high for curve in curves for point in curve.points]
    if not lows:
        return (0.0, 1.0)
    return (max(-0.02, min(lows) - 0.05), min(1.03, max(highs) + 0.06))


def x_axis(curves: Sequence[Curve], is_log2: bool) -> dict[str, object]:
    """Linear from zero; or logarithmic with a tick at each power of two."""
    if not is_log2:
        return {"type": "linear", "rangemode": "tozero", "zeroline": False}
    tokens = [point.tokens for curve in curves for point in curve.points if point.tokens > 0]
    if not tokens:
        return {"type": "log"}
    powers = range(math.floor(math.log2(min(tokens))), math.ceil(math.log2(max(tokens))) + 1)
    ticks = [2.0**power for power in powers]
    margin = 0.06 * max(1.0, math.log10(max(tokens) / min(tokens)))
    bounds = (math.log10(min(tokens)) - margin, math.log10(max(tokens)) + margin)
    return {"type": "log", "tickvals": ticks, "ticktext": [f"{tick:g}" for tick in ticks], "range": bounds}
