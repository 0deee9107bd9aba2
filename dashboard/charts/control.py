"""Control [s1 §3.2]: what arms were given to think with against what they took. Above the diagonal lies overshoot."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts.palette import GREY, MAGENTA, see_through, symbol
from dashboard.charts.theme import Axis, cost_axis, laid_out, log_range, opens
from dashboard.escaping import in_plotly
from scaling.statistics.estimates import Estimate
from scaling.statistics.percentiles import Percentiles

REGION_OPACITY = 0.11
"""Marks and grid are seen through the region of overshoot, on white and on black."""


@dataclass(frozen=True, slots=True)
class ControlPoint:
    """An arm that was given a budget. `taken` is its mean over problems; `over` of its `jobs` took more than given."""

    arm: str
    mark: str
    """What stands beside the marker: the swept number. Empty: nothing."""
    colour: str
    requested: int
    taken: Estimate
    problems: Percentiles
    jobs: int
    over: int
    failed: int = 0

    @property
    def is_over(self) -> bool:
        return self.taken.value > self.requested


@dataclass(frozen=True, slots=True)
class ControlLine:
    """The arms of a sweep, in order; or one that stands alone."""

    name: str
    points: tuple[ControlPoint, ...]


def control_figure(lines: Sequence[ControlLine], *, is_log: bool) -> go.Figure:
    """Both axes have the same range. An arm that took nothing has no place on logarithmic ones: see `left_out`."""
    points = distinct(lines)
    shown = [point for point in points if is_shown(point, is_log=is_log)]
    axis, (low, high) = shared_axis(shown, is_log=is_log)
    figure = go.Figure([overshoot_region(low, high), diagonal(low, high)])
    figure.add_traces(list(strips(shown, low)))
    for position, line in enumerate(lines):
        figure.add_trace(scatter(line, position, is_log=is_log))
    if any(point.is_over for point in shown):
        figure.add_trace(rings([point for point in shown if point.is_over]))
    x, y = ({**axis, "title": title} for title in ("thinking tokens given per job", "mean thinking tokens per problem"))
    return laid_out(figure, x=x, y=y)


def distinct(lines: Sequence[ControlLine]) -> tuple[ControlPoint, ...]:
    """An arm on two lines once."""
    return tuple({point.arm: point for line in lines for point in line.points}.values())


def shared_axis(points: Sequence[ControlPoint], *, is_log: bool) -> tuple[Axis, tuple[float, float]]:
    """The axis of both directions, and where it begins and ends."""
    values = [
        value
        for point in points
        for value in (point.requested, point.taken.value, point.problems.tenth, point.problems.ninetieth)
    ]
    axis = cost_axis("", values, is_log=is_log)
    if is_log:
        low, high = log_range([value for value in values if value > 0] or [1.0])
        return axis, (10.0**low, 10.0**high)
    high = 1.06 * max(values, default=1.0)
    return {**axis, "range": (0.0, high)}, (0.0, high)


def overshoot_region(low: float, high: float) -> go.Scatter:
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


def diagonal(low: float, high: float) -> go.Scatter:
    return go.Scatter(
        name="as given",
        x=[low, high],
        y=[low, high],
        mode="lines",
        line={"color": GREY, "width": 1.5, "dash": "dash"},
        hoverinfo="skip",
    )


def strips(points: Sequence[ControlPoint], low: float) -> Iterator[go.Scatter]:
    """From the 10th to the 90th percentile of an arm's problems; what lies below the axis ends at it.

    Of several arms with one budget the later has the narrower strip, so that both are seen.
    """
    before: Counter[int] = Counter()
    for number, point in enumerate(points):
        yield go.Scatter(
            name="10th – 90th percentile of problems",
            legendgroup="strips",
            showlegend=number == 0,
            x=[point.requested] * 2,
            y=[max(low, point.problems.tenth), max(low, point.problems.ninetieth)],
            mode="lines",
            line={"color": point.colour, "width": max(3, 13 - 5 * before[point.requested])},
            opacity=0.35,
            hoverinfo="skip",
        )
        before[point.requested] += 1


def scatter(line: ControlLine, position: int, *, is_log: bool) -> go.Scatter:
    points = [point for point in line.points if is_shown(point, is_log=is_log)]
    colour = line.points[-1].colour
    return go.Scatter(
        name=in_plotly(line.name),
        x=[point.requested for point in points],
        y=[point.taken.value for point in points],
        text=[in_plotly(point.mark) for point in points],
        customdata=[opens(point.arm) for point in points],
        hovertext=[hover(point) for point in points],
        hovertemplate="%{hovertext}<extra></extra>",
        mode="lines+markers+text",
        textposition="bottom right",
        textfont={"size": 11, "color": colour},
        line={"color": colour, "width": 1.5},
        marker={"color": [point.colour for point in points], "size": 10, "symbol": symbol(position)},
    )


def rings(points: Sequence[ControlPoint]) -> go.Scatter:
    """Around each mean that is above its budget: colour alone would not be seen by everybody."""
    return go.Scatter(
        name="overshoot: mean above the budget",
        x=[point.requested for point in points],
        y=[point.taken.value for point in points],
        mode="markers",
        marker={"symbol": "circle-open", "size": 21, "color": MAGENTA, "line": {"width": 2.5, "color": MAGENTA}},
        hoverinfo="skip",
    )


def hover(point: ControlPoint) -> str:
    taken, problems = point.taken, point.problems
    lines = [
        f"<b>{in_plotly(point.arm)}</b>",
        f"given {point.requested:,} thinking tokens a job",
        f"took {taken.value:,.1f}  [{taken.low:,.1f}, {taken.high:,.1f}] on average",
        f"{point.over:,} of {point.jobs:,} jobs over budget",
        f"problems: 10 % up to {problems.tenth:,.0f}, half up to {problems.median:,.0f}, "
        f"90 % up to {problems.ninetieth:,.0f}",
        f"n = {taken.n} problems" + (f", {point.failed} jobs failed" if point.failed else ""),
    ]
    return "<br>".join([*lines, "click: its traces"])


def is_shown(point: ControlPoint, *, is_log: bool) -> bool:
    return not is_log or point.taken.value > 0


def left_out(lines: Sequence[ControlLine], *, is_log: bool) -> tuple[str, ...]:
    """Labels of the arms that logarithmic axes cannot show."""
    return tuple(point.arm for point in distinct(lines) if not is_shown(point, is_log=is_log))
