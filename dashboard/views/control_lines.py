"""Budgets and what was taken as lines to draw, and s1's three numbers of each sweep as rows. Pure."""

import math
from collections.abc import Iterator, Sequence

from dashboard.charts.control import ControlLine, ControlPoint, distinct
from dashboard.views.curves import Colours, marked_lines
from results import ArmResult, BudgetUse, MeasuredSweep
from results.wording import interval, percent, points, points_interval
from scaling.statistics.estimates import Estimate

Row = dict[str, object]


def control_lines(arms: Sequence[ArmResult], uses: Sequence[BudgetUse], colours: Colours) -> tuple[ControlLine, ...]:
    """A line for each sweep. Arms without a budget or without a result are on none."""
    result_of = {arm.arm.id: arm for arm in arms if arm.thinking_tokens.n}
    ready = [use for use in uses if use.arm.id in result_of]
    return tuple(
        ControlLine(
            line.name,
            tuple(point(result_of[ready[at].arm.id], ready[at], mark, colours) for at, mark in line.marks),
        )
        for line in marked_lines([use.arm for use in ready])
    )


def point(result: ArmResult, use: BudgetUse, mark: str, colours: Colours) -> ControlPoint:
    return ControlPoint(
        arm=use.arm.label,
        mark=mark,
        colour=colours[use.arm.id],
        requested=use.requested,
        taken=result.thinking_tokens,
        problems=use.problems,
        jobs=use.jobs,
        over=use.over,
        failed=result.jobs.failed,
    )


def without_budget(arms: Sequence[ArmResult], uses: Sequence[BudgetUse]) -> tuple[str, ...]:
    """Labels of the arms that have results but were given no number of thinking tokens."""
    given = {use.arm.id for use in uses}
    return tuple(arm.label for arm in arms if arm.thinking_tokens.n and arm.arm.id not in given)


def control_rows(lines: Sequence[ControlLine]) -> Iterator[Row]:
    """Every arm that is drawn, once."""
    for each in distinct(lines):
        yield {
            "arm": each.arm,
            "requested_thinking_tokens": each.requested,
            "thinking_tokens_mean": each.taken.value,
            "ci_low": each.taken.low,
            "ci_high": each.taken.high,
            "problems": each.taken.n,
            "percentile_10": each.problems.tenth,
            "median": each.problems.median,
            "percentile_90": each.problems.ninetieth,
            "is_over": each.is_over,
            "jobs": each.jobs,
            "jobs_over": each.over,
            "failed": each.failed,
        }


def sweep_rows(sweeps: Sequence[MeasuredSweep]) -> list[Row]:
    """For people: in percent and points, with 95 % intervals."""
    return [
        {
            "sweep": each.name,
            "settings": len(each.labels),
            "n": each.metrics.performance.n,
            "control": None if math.isnan(each.metrics.control) else f"{each.metrics.control:.0%}",
            "per doubling": slope(each.metrics.scaling_per_doubling),
            "per 1k tokens": slope(each.metrics.scaling_per_1k_tokens),
            "performance": f"{percent(each.metrics.performance)} ({interval(each.metrics.performance)})",
            "best setting": each.best,
        }
        for each in sweeps
    ]


def slope(estimate: Estimate) -> str | None:
    """In points of accuracy."""
    return f"{points(estimate)} ({points_interval(estimate)})" if estimate.n else None


def sweep_file_rows(sweeps: Sequence[MeasuredSweep]) -> Iterator[Row]:
    """For machines: shares, not percent."""
    for each in sweeps:
        metrics = each.metrics
        yield {
            "sweep": each.name,
            "settings": len(each.labels),
            "problems": metrics.performance.n,
            "control": None if math.isnan(metrics.control) else metrics.control,
            **cells("scaling_per_doubling", metrics.scaling_per_doubling),
            **cells("scaling_per_1k_tokens", metrics.scaling_per_1k_tokens),
            **cells("performance", metrics.performance),
            "best": each.best,
        }


def cells(name: str, estimate: Estimate) -> Row:
    numbers = (estimate.value, estimate.low, estimate.high) if estimate.n else (None, None, None)
    return dict(zip((name, f"{name}_low", f"{name}_high"), numbers, strict=True))
