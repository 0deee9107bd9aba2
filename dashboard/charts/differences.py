"""A forest plot: differences of arms with their intervals, and which of them are clear together."""

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.charts.palette import GREY, Colours
from dashboard.charts.theme import error_bars, in_points, laid_out, points_words
from dashboard.escaping import in_plotly
from results import Comparison
from scaling.statistics.comparisons import PairedDifference, p_shown

ROW_PX, AROUND_PX = 38, 110


def forest_figure(
    compared: Sequence[Comparison], names: Sequence[str], colours: Colours, doors: Sequence[str]
) -> go.Figure:
    """The first on top, under its name. Clear: a filled diamond; not clear: an open circle. A click opens its door.

    Arms without a problem in common have a row and no mark.
    """
    figure = go.Figure(
        [
            _row(each, name, place, colours[each.second.id], door)
            for place, (each, name, door) in enumerate(zip(compared, names, doors, strict=True))
            if each.result.common_problems
        ]
        + [_in_legend(is_clear=True), _in_legend(is_clear=False)]
    )
    figure.add_vline(x=0, line={"color": GREY, "width": 1.5})
    return laid_out(
        figure,
        x={"title": "difference in accuracy, points", "tickformat": "+.0f", "zeroline": False},
        y={
            "tickvals": list(range(len(names))),
            "ticktext": [in_plotly(each) for each in names],
            "range": (len(names) - 0.5, -0.5),
            "automargin": True,
            "zeroline": False,
        },
        height_px=AROUND_PX + ROW_PX * len(names),
    )


def _row(each: Comparison, name: str, place: int, colour: str, door: str) -> go.Scatter:
    difference = in_points(each.result.difference)
    return go.Scatter(
        x=[difference.value],
        y=[place],
        error_x=error_bars([difference], colour),
        mode="markers",
        marker=_marker(colour, is_clear=each.result.is_clear),
        showlegend=False,
        cliponaxis=False,
        customdata=[door],
        hovertext=[_hover(each.result, name)],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _in_legend(*, is_clear: bool) -> go.Scatter:
    name = "clear after the adjustment" if is_clear else "not clear"
    return go.Scatter(x=[None], y=[None], mode="markers", name=name, marker=_marker(GREY, is_clear=is_clear))


def _marker(colour: str, *, is_clear: bool) -> dict[str, object]:
    if is_clear:
        return {"symbol": "diamond", "size": 14, "color": colour}
    return {"symbol": "circle-open", "size": 12, "color": colour, "line": {"width": 2.5, "color": colour}}


def _hover(result: PairedDifference, name: str) -> str:
    return "<br>".join(
        [
            f"<b>{in_plotly(name)}</b>",
            points_words(result.difference),
            f"p = {p_shown(result.p_value)}, adjusted {p_shown(result.adjusted_p_value)}",
            f"n = {result.common_problems:,} problems",
            "click: this pair",
        ]
    )
