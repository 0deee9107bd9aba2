"""Control [s1 §3.2]: what arms were given to think with against what they took. Above the diagonal lies overshoot."""

from collections import Counter
from collections.abc import Iterator, Sequence

import plotly.graph_objects as go

from dashboard.charts.curve import MarkedSweep, marked_sweeps
from dashboard.charts.palette import GREY, MAGENTA, Looks, see_through, symbol
from dashboard.charts.theme import Axis, cost_axis, laid_out, log_range, opens
from dashboard.escaping import in_plotly
from results import BudgetUse

REGION_OPACITY = 0.11
"""Marks and grid are seen through the region of overshoot, on white and on black."""


def control_figure(uses: Sequence[BudgetUse], looks: Looks, *, is_log: bool) -> go.Figure:
    """Both axes have the same range. An arm that took nothing has no place on logarithmic ones: see `left_out`."""
    shown = [use for use in uses if _is_shown(use, is_log=is_log)]
    axis, (low, high) = _shared_axis(shown, is_log=is_log)
    figure = go.Figure([_overshoot_region(low, high), _diagonal(low, high)])
    figure.add_traces(list(_strips(shown, looks, low)))
    for position, sweep in enumerate(marked_sweeps([use.arm for use in uses])):
        figure.add_trace(_scatter(sweep, uses, looks, position, is_log=is_log))
    if any(use.is_over for use in shown):
        figure.add_trace(rings([use for use in shown if use.is_over]))
    x, y = ({**axis, "title": title} for title in ("thinking tokens given per job", "mean thinking tokens per problem"))
    return laid_out(figure, x=x, y=y)


def _shared_axis(uses: Sequence[BudgetUse], *, is_log: bool) -> tuple[Axis, tuple[float, float]]:
    """The axis of both directions, and where it begins and ends."""
    values = [
        value for use in uses for value in (use.requested, use.taken.value, use.problems.tenth, use.problems.ninetieth)
    ]
    axis = cost_axis("", values, is_log=is_log)
    if is_log:
        low, high = log_range([value for value in values if value > 0] or [1.0])
        return axis, (10.0**low, 10.0**high)
    high = 1.06 * max(values, default=1.0)
    return {**axis, "range": (0.0, high)}, (0.0, high)


def _overshoot_region(low: float, high: float) -> go.Scatter:
    return go.Scatter(
        name="more than was given",
        x=[low, high, low],
        y=[low, high, high],
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor=see_through(MAGENTA, REGION_OPACITY),
        hoverinfo="skip",
    )


def _diagonal(low: float, high: float) -> go.Scatter:
    return go.Scatter(
        name="as given",
        x=[low, high],
        y=[low, high],
        mode="lines",
        line={"color": GREY, "width": 1.5, "dash": "dash"},
        hoverinfo="skip",
    )


def _strips(uses: Sequence[BudgetUse], looks: Looks, low: float) -> Iterator[go.Scatter]:
    """From the 10th to the 90th percentile of an arm's problems; what lies below the axis ends at it.

    Of several arms with one budget the later has the narrower strip, so that both are seen.
    """
    before: Counter[int] = Counter()
    for number, use in enumerate(uses):
        yield go.Scatter(
            name="10th – 90th percentile of problems",
            legendgroup="strips",
            showlegend=number == 0,
            x=[use.requested] * 2,
            y=[max(low, use.problems.tenth), max(low, use.problems.ninetieth)],
            mode="lines",
            line={"color": looks.colour(use.arm), "width": max(3, 13 - 5 * before[use.requested])},
            opacity=0.35,
            hoverinfo="skip",
        )
        before[use.requested] += 1


def _scatter(sweep: MarkedSweep, uses: Sequence[BudgetUse], looks: Looks, position: int, *, is_log: bool) -> go.Scatter:
    """An arm on two sweeps is on both lines."""
    marked = [(uses[at], mark) for at, mark in zip(sweep.arms, sweep.marks, strict=True)]
    shown = [(use, mark) for use, mark in marked if _is_shown(use, is_log=is_log)]
    colour = looks.colour(uses[sweep.arms[-1]].arm)
    return go.Scatter(
        name=in_plotly(looks.name(sweep.name)),
        x=[use.requested for use, _ in shown],
        y=[use.taken.value for use, _ in shown],
        text=[in_plotly(mark) for _, mark in shown],
        customdata=[opens(use.arm.label) for use, _ in shown],
        hovertext=[hover(use) for use, _ in shown],
        hovertemplate="%{hovertext}<extra></extra>",
        mode="lines+markers+text",
        textposition="bottom right",
        textfont={"size": 11},
        line={"color": colour, "width": 1.5},
        marker={"color": [looks.colour(use.arm) for use, _ in shown], "size": 10, "symbol": symbol(position)},
    )


def rings(uses: Sequence[BudgetUse]) -> go.Scatter:
    """Around each mean that is above its budget: colour alone would not be seen by everybody."""
    return go.Scatter(
        name="overshoot: mean above the budget",
        x=[use.requested for use in uses],
        y=[use.taken.value for use in uses],
        mode="markers",
        marker={"symbol": "circle-open", "size": 21, "color": MAGENTA, "line": {"width": 2.5, "color": MAGENTA}},
        hoverinfo="skip",
    )


def hover(use: BudgetUse) -> str:
    taken, problems = use.taken, use.problems
    lines = [
        f"<b>{in_plotly(use.arm.label)}</b>",
        f"given {use.requested:,} thinking tokens a job",
        f"took {taken.value:,.1f}  [{taken.low:,.1f}, {taken.high:,.1f}] on average",
        f"{use.over:,} of {use.jobs:,} jobs over budget",
        f"problems: 10 % up to {problems.tenth:,.0f}, half up to {problems.median:,.0f}, "
        f"90 % up to {problems.ninetieth:,.0f}",
        f"n = {taken.n} problems" + (f", {use.failed} jobs failed" if use.failed else ""),
    ]
    return "<br>".join([*lines, "click: its traces"])


def _is_shown(use: BudgetUse, *, is_log: bool) -> bool:
    return not is_log or use.taken.value > 0


def left_out(uses: Sequence[BudgetUse], *, is_log: bool) -> tuple[str, ...]:
    """Labels of the arms that logarithmic axes cannot show."""
    return tuple(use.arm.label for use in uses if not _is_shown(use, is_log=is_log))
