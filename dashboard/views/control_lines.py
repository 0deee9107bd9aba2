"""Budgets and what was taken as lines to draw, and s1's three numbers of each sweep as rows. Pure."""

from collections.abc import Iterator, Sequence

from dashboard.charts.control import ControlLine, ControlPoint, distinct
from dashboard.charts.curve import marked_sweeps
from dashboard.charts.palette import Colours
from results import ArmResult, BudgetUse

Row = dict[str, object]


def control_lines(arms: Sequence[ArmResult], uses: Sequence[BudgetUse], colours: Colours) -> tuple[ControlLine, ...]:
    """A line for each sweep. Arms without a budget or without a result are on none."""
    result_of = {arm.arm.id: arm for arm in arms if arm.thinking_tokens.n}
    ready = [use for use in uses if use.arm.id in result_of]
    return tuple(
        ControlLine(
            line.name,
            tuple(
                point(result_of[ready[at].arm.id], ready[at], mark, colours)
                for at, mark in zip(line.arms, line.marks, strict=True)
            ),
        )
        for line in marked_sweeps([use.arm for use in ready])
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
