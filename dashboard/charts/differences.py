"""A forest plot: every arm minus one, with intervals, and which of the differences are clear together."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts.palette import GREY
from dashboard.charts.theme import error_bars, in_points, laid_out, points_words
from dashboard.escaping import in_plotly
from scaling.statistics.comparisons import p_shown
from scaling.statistics.estimates import Estimate

ROW_PX, AROUND_PX = 38, 110


@dataclass(frozen=True, slots=True)
class Difference:
    """An arm's accuracy minus the baseline's, paired by problem. `is_clear` is after the adjustment."""

    arm: str
    colour: str
    estimate: Estimate
    p_value: float | None
    adjusted_p_value: float | None
    is_clear: bool


def forest_figure(differences: Sequence[Difference], baseline: str) -> go.Figure:
    """The first arm on top. Clear: a filled diamond; not clear: an open circle. A click opens the pair.

    Arms without a problem in common with the baseline have a row and no mark.
    """
    figure = go.Figure(
        [row(each, place, baseline) for place, each in enumerate(differences) if each.estimate.n]
        + [in_legend(is_clear=True), in_legend(is_clear=False)]
    )
    figure.add_vline(x=0, line={"color": GREY, "width": 1.5})
    return laid_out(
        figure,
        x={"title": "difference in accuracy, points", "tickformat": "+.0f", "zeroline": False},
        y={
            "tickvals": list(range(len(differences))),
            "ticktext": [in_plotly(each.arm) for each in differences],
            "range": (len(differences) - 0.5, -0.5),
            "automargin": True,
            "zeroline": False,
        },
        height_px=AROUND_PX + ROW_PX * len(differences),
    )


def row(each: Difference, place: int, baseline: str) -> go.Scatter:
    difference = in_points(each.estimate)
    return go.Scatter(
        x=[difference.value],
        y=[place],
        error_x=error_bars([difference], each.colour),
        mode="markers",
        marker=marker(each.colour, is_clear=each.is_clear),
        showlegend=False,
        cliponaxis=False,
        customdata=[json.dumps({"from": baseline, "to": each.arm})],
        hovertext=[hover(each)],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def in_legend(*, is_clear: bool) -> go.Scatter:
    name = "clear after the adjustment" if is_clear else "not clear"
    return go.Scatter(x=[None], y=[None], mode="markers", name=name, marker=marker(GREY, is_clear=is_clear))


def marker(colour: str, *, is_clear: bool) -> dict[str, object]:
    if is_clear:
        return {"symbol": "diamond", "size": 14, "color": colour}
    return {"symbol": "circle-open", "size": 12, "color": colour, "line": {"width": 2.5, "color": colour}}


def hover(each: Difference) -> str:
    return "<br>".join(
        [
            f"<b>{in_plotly(each.arm)}</b>",
            points_words(each.estimate),
            f"p = {p_shown(each.p_value)}, adjusted {p_shown(each.adjusted_p_value)}",
            f"n = {each.estimate.n:,} problems",
            "click: this pair",
        ]
    )
