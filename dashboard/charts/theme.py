"""What all plots have in common: size, margins, legend, intervals, axes, and what a click on a mark opens.

Text, grid and background are Streamlit's own theme, which follows the page into the dark; colours are the palette's.
"""

import json
import math
from collections.abc import Sequence

import plotly.graph_objects as go

from scaling.statistics.estimates import Estimate

HEIGHT_PX = 520
BESIDE_OTHERS_PX = 410
"""How high a plot is that shares its page with others."""
LOG_2 = math.log10(2)
LARGEST_COUNT = 1e7
"""From here on powers of ten stand at the axis; below, powers of two."""

Axis = dict[str, object]


def laid_out(figure: go.Figure, x: Axis, y: Axis, height_px: int = HEIGHT_PX) -> go.Figure:
    """The figure with our margins, legend and axes."""
    figure.update_layout(
        height=height_px,
        margin={"l": 10, "r": 20, "t": 20, "b": 10},
        legend={"orientation": "h", "yanchor": "top", "y": -0.16, "x": 0, "title": None},
        hovermode="closest",
    )
    figure.update_xaxes(**x)
    figure.update_yaxes(**y)
    return figure


def opens(arm: str, **filters: str | int) -> str:
    """A mark's custom data: the filters of the traces behind it, as the address of the list of traces has them."""
    return json.dumps({"arm": arm, **{name: str(value) for name, value in filters.items()}})


def error_bars(estimates: Sequence[Estimate], colour: str, *, is_thin: bool = False) -> dict[str, object]:
    """The intervals, upwards. Rounding must not make a bar negative."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [max(0.0, each.high - each.value) for each in estimates],
        "arrayminus": [max(0.0, each.value - each.low) for each in estimates],
        "color": colour,
        "thickness": 0.7 if is_thin else 1.3,
        "width": 2 if is_thin else 4,
    }


def in_points(estimate: Estimate) -> Estimate:
    """A difference of shares in percentage points."""
    return Estimate(100 * estimate.value, 100 * estimate.low, 100 * estimate.high, estimate.n)


def points_words(difference: Estimate) -> str:
    points = in_points(difference)
    return f"{points.value:+.1f} points  [{points.low:+.1f}, {points.high:+.1f}]"


def share_axis(title: str, estimates: Sequence[Estimate]) -> Axis:
    return {"title": title, "tickformat": ".0%", "range": share_range(estimates), "zeroline": False}


def share_range(estimates: Sequence[Estimate]) -> tuple[float, float]:
    """A little more than the intervals take, never beyond 0 and 1 by more than a marker."""
    known = [each for each in estimates if each.n]
    if not known:
        return (0.0, 1.0)
    return (max(-0.02, min(each.low for each in known) - 0.05), min(1.03, max(each.high for each in known) + 0.06))


def cost_axis(title: str, costs: Sequence[float], *, is_log: bool) -> Axis:
    """Linear from zero; or logarithmic with a tick at each power of two, of ten where numbers are large or tiny."""
    known = [cost for cost in costs if cost > 0]
    if not is_log:
        return {"title": title, "type": "linear", "rangemode": "tozero", "zeroline": False}
    if not known:
        return {"title": title, "type": "log"}
    bounds = log_range(known)
    if max(known) >= LARGEST_COUNT or max(known) < 0.1:
        return {"title": title, "type": "log", "range": bounds, "exponentformat": "power", "dtick": "D1"}
    low, high = bounds
    ticks = [2.0**power for power in range(math.ceil(low / LOG_2), math.floor(high / LOG_2) + 1)]
    return {
        "title": title,
        "type": "log",
        "tickvals": ticks,
        "ticktext": [f"{tick:g}" for tick in ticks],
        "range": bounds,
    }


def log_range(values: Sequence[float]) -> tuple[float, float]:
    """A little more than positive values take on a logarithmic axis, as powers of ten; never so little that fewer than
    two powers of two stand at it."""
    margin = 0.06 * max(1.0, math.log10(max(values) / min(values)))
    low, high = math.log10(min(values)) - margin, math.log10(max(values)) + margin
    first, last = math.ceil(low / LOG_2), math.floor(high / LOG_2)
    if last > first:
        return low, high
    return min(low, (last - (first == last)) * LOG_2 - margin), max(high, (first + (first == last)) * LOG_2 + margin)


def interval_words(estimate: Estimate) -> str:
    return f"{estimate.value:.1%}  [{estimate.low:.1%}, {estimate.high:.1%}]"
