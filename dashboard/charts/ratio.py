"""Sequential against parallel: accuracy by how a budget of attempts is shared [Snell §6, Fig. 7]."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts.palette import symbol
from dashboard.charts.theme import Axis, error_bars, interval_words, laid_out, opens, share_axis
from dashboard.escaping import in_plotly
from scaling.statistics.estimates import Estimate


@dataclass(frozen=True, slots=True)
class RatioMark:
    """An arm: `parallel` chains of `sequential` revisions."""

    arm: str
    sequential: int
    parallel: int
    share: Estimate


@dataclass(frozen=True, slots=True)
class RatioCurve:
    """Arms of one budget, most parallel first: over all problems, or in one bin."""

    name: str
    colour: str
    marks: tuple[RatioMark, ...]
    is_part: bool = False
    """Of one bin only."""


def ratio_figure(curves: Sequence[RatioCurve]) -> go.Figure:
    figure = go.Figure([line(curve, position) for position, curve in enumerate(curves)])
    marks = [mark for curve in curves for mark in curve.marks]
    ticks = {mark.sequential / mark.parallel: f"{mark.sequential} : {mark.parallel}" for mark in marks}
    x: Axis = {
        "title": "revisions in a chain : chains side by side",
        "type": "log",
        "tickvals": list(ticks),
        "ticktext": list(ticks.values()),
    }
    return laid_out(figure, x=x, y=share_axis("accuracy", [mark.share for mark in marks]))


def line(curve: RatioCurve, position: int) -> go.Scatter:
    shares = [mark.share for mark in curve.marks]
    return go.Scatter(
        name=in_plotly(curve.name),
        x=[mark.sequential / mark.parallel for mark in curve.marks],
        y=[share.value if share.n else None for share in shares],
        error_y=error_bars(shares, curve.colour, is_thin=curve.is_part),
        mode="lines+markers",
        line={"color": curve.colour, "width": 1.5 if curve.is_part else 3, "dash": "dot" if curve.is_part else "solid"},
        marker={"color": curve.colour, "size": 7 if curve.is_part else 10, "symbol": symbol(position)},
        customdata=[opens(mark.arm) for mark in curve.marks],
        hovertext=[hover(curve, mark) for mark in curve.marks],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def hover(curve: RatioCurve, mark: RatioMark) -> str:
    said = f"{interval_words(mark.share)}<br>n = {mark.share.n} problems" if mark.share.n else "no result yet"
    return f"<b>{in_plotly(mark.arm)}</b><br>{in_plotly(curve.name)}<br>accuracy {said}<br>click: its traces"
