"""Two curves against compute, and below them how far the second is above the first at every budget both reach."""

from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard.charts.curve import side_curve
from dashboard.charts.palette import GREY, Looks
from dashboard.charts.scaling import Axes, scatter
from dashboard.charts.theme import cost_axis, error_bars, in_points, laid_out, points_words, share_axis
from results import Sides
from scaling.statistics.equal_compute import EqualCompute

HEIGHT_PX = 600
BAND = "rgba(138, 148, 163, 0.3)"


def equal_compute_figure(
    sides: Sides, along: Sequence[EqualCompute], chosen: EqualCompute | None, looks: Looks
) -> go.Figure:
    """`along` are budgets upwards; `chosen` is the one that is asked about, a line through both panels."""
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.66, 0.34], vertical_spacing=0.05)
    axes = Axes.of(sides.axis, is_log=False)  # so that lines are the interpolation
    for position, side in enumerate((sides.first, sides.second)):
        figure.add_trace(scatter(side_curve(side), position, axes, looks), row=1, col=1)
    for trace in _band(along) if along else []:
        figure.add_trace(trace, row=2, col=1)
    figure.add_hline(y=0, line={"color": GREY, "width": 1}, row=2, col=1)
    if chosen is not None:
        figure.add_vline(x=chosen.budget, line={"color": GREY, "width": 1.5, "dash": "dash"})
        figure.add_trace(_at_budget(chosen), row=2, col=1)
    points = [*sides.first.points, *sides.second.points]
    laid_out(
        figure, x=cost_axis(axes.x, [point.cost for point in points], is_log=axes.is_log), y={}, height_px=HEIGHT_PX
    )
    figure.update_xaxes(title=None, row=1, col=1)
    figure.update_yaxes(**share_axis(axes.y, [point.value for point in points]), row=1, col=1)
    figure.update_yaxes(title="second minus first, points", tickformat="+.0f", zeroline=False, row=2, col=1)
    return figure


def _band(along: Sequence[EqualCompute]) -> list[go.Scatter]:
    """The difference, in its interval."""
    budgets, differences = [each.budget for each in along], [in_points(each.difference) for each in along]
    edge = {"x": budgets, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    return [
        go.Scatter(y=[each.low for each in differences], **edge),
        go.Scatter(y=[each.high for each in differences], fill="tonexty", fillcolor=BAND, **edge),
        go.Scatter(
            x=budgets,
            y=[each.value for each in differences],
            mode="lines",
            line={"color": GREY, "width": 2},
            name="second minus first",
            hovertext=[_words(each) for each in along],
            hovertemplate="%{hovertext}<extra></extra>",
        ),
    ]


def _at_budget(chosen: EqualCompute) -> go.Scatter:
    difference = in_points(chosen.difference)
    return go.Scatter(
        x=[chosen.budget],
        y=[difference.value],
        error_y=error_bars([difference], GREY),
        mode="markers",
        marker={"symbol": "diamond", "size": 12, "color": GREY},
        showlegend=False,
        hovertext=[_words(chosen)],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _words(each: EqualCompute) -> str:
    accuracies = f"{each.first.value:.1%} and {each.second.value:.1%}"
    return f"at {each.budget:,.4g}: {points_words(each.difference)}<br>{accuracies}"
