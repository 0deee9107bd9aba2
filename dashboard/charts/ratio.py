"""Sequential against parallel: accuracy by how a number of attempts is shared [Snell §6, Fig. 7]."""

from collections.abc import Iterator, Sequence

import plotly.graph_objects as go

from dashboard.charts.bars import bin_names, hover
from dashboard.charts.palette import BLUE, GREY, Looks, symbol, with_white
from dashboard.charts.theme import BESIDE_OTHERS_PX, Axis, error_bars, laid_out, share_axis
from dashboard.escaping import in_plotly
from results import RatioPoint, Ratios
from scaling.statistics.estimates import Estimate


def ratio_figure(found: Ratios, looks: Looks) -> go.Figure:
    """For each number of attempts a curve over all problems, and one in each bin, the harder the lighter."""
    bins = bin_names(found.base)
    figure = go.Figure([line for curve in found.curves for line in _lines(curve, bins, looks)])
    for position, line in enumerate(figure.data):
        line.marker.symbol = symbol(position)
    ticks = {point.ratio: point.shape for point in found.points}
    x: Axis = {
        "title": "revisions in a chain : chains side by side",
        "type": "log",
        "tickvals": list(ticks),
        "ticktext": list(ticks.values()),
    }
    drawn = [share for point in found.points for share in (point.accuracy, *point.by_bin)]
    return laid_out(figure, x=x, y=share_axis("accuracy", drawn), height_px=BESIDE_OTHERS_PX)


def _lines(curve: Sequence[RatioPoint], bins: Sequence[str], looks: Looks) -> Iterator[go.Scatter]:
    attempts = f"{curve[0].attempts} attempts"
    whole = {"width": 3, "dash": "solid", "color": GREY}
    yield _line(f"{attempts}, all problems", curve, [each.accuracy for each in curve], whole, looks)
    for number, name in enumerate(bins):
        look = {"width": 1.5, "dash": "dot", "color": with_white(BLUE, 0.7 * number / len(bins))}
        yield _line(f"{attempts}, bin {name}", curve, [each.by_bin[number] for each in curve], look, looks)


def _line(
    name: str, curve: Sequence[RatioPoint], shares: Sequence[Estimate], look: dict[str, object], looks: Looks
) -> go.Scatter:
    is_part, colour = look["dash"] == "dot", str(look["color"])
    return go.Scatter(
        name=in_plotly(name),
        x=[each.ratio for each in curve],
        y=[share.value if share.n else None for share in shares],
        error_y=error_bars(shares, colour, is_thin=is_part),
        mode="lines+markers",
        line=look,
        marker={"color": colour, "size": 7 if is_part else 10},
        customdata=[looks.door(each.arm) for each in curve],
        hovertext=[hover(each.arm.label, name, share) for each, share in zip(curve, shares, strict=True)],
        hovertemplate="%{hovertext}<extra></extra>",
    )
