"""Accuracy by difficulty: a group of bars for each bin, one bar for each arm."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts.palette import GREY
from dashboard.charts.theme import HEIGHT_PX, error_bars, interval_words, laid_out, opens
from dashboard.escaping import in_plotly
from scaling.statistics.estimates import Estimate


@dataclass(frozen=True, slots=True)
class Bars:
    """One arm: its accuracy in each bin, easiest first."""

    arm: str
    colour: str
    by_bin: tuple[Estimate, ...]


def bars_figure(arms: Sequence[Bars], bins: Sequence[str]) -> go.Figure:
    """`bins` are their names. A bar that has no height is drawn as its interval: nothing was right there."""
    figure = go.Figure([bars(arm, bins) for arm in arms])
    figure.update_layout(barmode="group", bargap=0.18, bargroupgap=0.06)
    y = {"title": "accuracy", "tickformat": ".0%", "range": (0.0, 1.03), "zeroline": True}
    return laid_out(figure, x={"title": None, "type": "category"}, y=y, height_px=HEIGHT_PX)


def bars(arm: Bars, bins: Sequence[str]) -> go.Bar:
    return go.Bar(
        name=in_plotly(arm.arm),
        x=[in_plotly(each) for each in bins],
        y=[each.value if each.n else None for each in arm.by_bin],
        error_y={**error_bars(arm.by_bin, GREY, is_thin=True), "thickness": 1.1},
        marker={"color": arm.colour},
        customdata=[opens(arm.arm)] * len(bins),
        hovertext=[hover(arm.arm, name, each) for name, each in zip(bins, arm.by_bin, strict=True)],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def hover(arm: str, name: str, share: Estimate) -> str:
    said = f"{interval_words(share)}<br>n = {share.n} problems" if share.n else "no result yet"
    return f"<b>{in_plotly(arm)}</b><br>{in_plotly(name)}<br>accuracy {said}<br>click: its traces"
