"""A claim along an axis: what both families reached within each budget, and below it their difference in its band."""

from collections.abc import Iterator, Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard.charts.palette import BLUE, GREY, MAGENTA, RULED_COLOURS, Looks, see_through
from dashboard.charts.theme import cost_axis, error_bars, in_points, interval_words, laid_out, points_words, share_axis
from dashboard.escaping import in_plotly
from db.queries import Arm
from results import Claimed, Reached, Standing
from results.verdict.words import SIGNS, band_title
from results.wording import budget_shown
from scaling.compute.axes import Axis
from scaling.verdict.rule import Verdict

HEIGHT_PX = 640
MARKS = {Verdict.BETTER: "triangle-up", Verdict.WORSE: "triangle-down", Verdict.EQUIVALENT: "square"}
OPEN = "circle-open"
BESIDE = 2**0.03
"""So far are two intervals at one budget drawn apart, each way."""


def verdict_figure(claimed: Claimed, axis: Axis, margin: float, arms: Sequence[Arm], looks: Looks) -> go.Figure:
    """Bands hold at the budgets alone: lines between them guide the eye. `margin` is a share."""
    standings = claimed.on(axis)
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.58, 0.42], vertical_spacing=0.05)
    firsts, seconds = [each.first for each in standings], [each.second for each in standings]
    figure.add_trace(_reached(firsts, standings, GREY, "circle", arms, looks), row=1, col=1)
    figure.add_trace(_reached(seconds, standings, MAGENTA, "diamond", arms, looks), row=1, col=1)
    assert claimed.decided is not None
    for trace in _differences(standings, claimed.decided.level):
        figure.add_trace(trace, row=2, col=1)
    _draw_margin(figure, 100 * margin)
    x = cost_axis(f"budget: mean {axis.label} per problem{axis.in_unit}", [it.budget for it in standings], is_log=True)
    laid_out(figure, x=x, y={}, height_px=HEIGHT_PX)
    figure.update_xaxes(title=None, row=1, col=1)
    shares = [each.accuracy for each in (*firsts, *seconds)]
    figure.update_yaxes(**share_axis("best within the budget", shares), row=1, col=1)
    figure.update_yaxes(title="second minus first, points", tickformat="+.0f", zeroline=False, row=2, col=1)
    return figure


def _reached(
    reached: Sequence[Reached],
    standings: Sequence[Standing],
    colour: str,
    symbol: str,
    arms: Sequence[Arm],
    looks: Looks,
) -> go.Scatter:
    aside = BESIDE if symbol == "diamond" else 1 / BESIDE
    return go.Scatter(
        name=in_plotly(reached[0].name),
        x=[each.budget * aside for each in standings],
        y=[each.accuracy.value for each in reached],
        error_y=error_bars([each.accuracy for each in reached], colour, is_thin=True),
        mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={"color": colour, "size": 10, "symbol": symbol},
        customdata=[looks.door(arm) if (arm := arm_chosen(each, arms)) else None for each in reached],
        hovertext=[reached_words(*each) for each in zip(reached, standings, strict=True)],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def arm_chosen(reached: Reached, arms: Sequence[Arm]) -> Arm | None:
    """The one that all of its settings are of; None: of several."""
    chosen = [each for each in arms if any(_is_of(setting, each) for setting in reached.settings)]
    return chosen[0] if len(chosen) == 1 else None


def _is_of(setting: str, arm: Arm) -> bool:
    """The arm as it ran, or k of its candidates (`Point.label`)."""
    return setting == arm.label or setting.startswith(f"{arm.label}, k = ")


def reached_words(reached: Reached, standing: Standing) -> str:
    chosen = "<br>".join(f"· {in_plotly(each)}" for each in reached.settings)
    unit = standing.axis.unit
    return "<br>".join(
        [
            f"<b>{in_plotly(reached.name)}</b>",
            f"within {budget_shown(standing.budget)} {unit} a problem: {interval_words(reached.accuracy)}",
            f"spent {budget_shown(reached.cost)} {unit}, n = {reached.accuracy.n:,} problems",
            "chosen:" if len(reached.settings) == 1 else "chosen, by bin and half:",
            chosen,
        ]
    )


def _differences(standings: Sequence[Standing], level: float) -> Iterator[go.Scatter]:
    """One trace for each verdict: the legend says which sign is which."""
    yield go.Scatter(
        x=[each.budget for each in standings],
        y=[100 * each.band.value for each in standings],
        mode="lines",
        line={"color": GREY, "width": 1, "dash": "dot"},
        hoverinfo="skip",
        showlegend=False,
    )
    for verdict in Verdict:
        if of_it := [each for each in standings if each.verdict is verdict]:
            yield _judged(verdict, of_it, level)


def _judged(verdict: Verdict, standings: Sequence[Standing], level: float) -> go.Scatter:
    colour = RULED_COLOURS[verdict]
    differences = [in_points(each.band) for each in standings]
    return go.Scatter(
        name=f"{SIGNS[verdict]} {verdict.value}",
        x=[each.budget for each in standings],
        y=[each.value for each in differences],
        error_y=error_bars(differences, colour),
        mode="markers",
        marker={
            "symbol": MARKS.get(verdict, OPEN),
            "size": 13,
            "color": colour,
            "line": {"width": 2.5 if verdict not in MARKS else 0, "color": colour},
        },
        hovertext=[difference_words(each, level) for each in standings],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def difference_words(standing: Standing, level: float) -> str:
    lines = [
        f"<b>{SIGNS[standing.verdict]} {standing.verdict.value}</b>",
        f"within {budget_shown(standing.budget)} {standing.axis.unit} a problem",
        points_words(standing.band),
        band_title(level),
        f"n = {standing.band.n:,} problems",
    ]
    if standing.cell.could_turn:
        lines.append("failed or unreadable answers could turn it round")
    if standing.cell.problems_needed:
        lines.append(f"about {standing.cell.problems_needed:,} problems would decide it, if the difference stays")
    return "<br>".join(lines)


def _draw_margin(figure: go.Figure, points: float) -> None:
    colour = see_through(BLUE, 0.2)
    figure.add_hrect(y0=-points, y1=points, fillcolor=colour, line_width=0, layer="below", row=2, col=1)
    figure.add_hline(y=0, line={"color": GREY, "width": 1}, row=2, col=1)
    square = {"symbol": "square", "size": 13, "color": colour}
    figure.add_trace(go.Scatter(x=[None], y=[None], mode="markers", name=f"within ±{points:g} points", marker=square))
