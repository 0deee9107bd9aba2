"""Figures and sweeps as tables, with what they leave unsaid as lines."""

import math
from collections.abc import Iterator, Sequence

from rich.table import Table

from overthink.cli.reading.render import count
from overthink.cli.terminal import plain, table
from results import Figure, MeasuredSweep, Metric
from scaling.compute.axes import Axis
from scaling.statistics.estimates import Estimate


def figures_table(made: Sequence[Figure], axis: Axis, metric: Metric) -> Table:
    """One row per figure; `requested` only where an arm was given a budget and tokens of thinking are the axis."""
    has_requests = axis is Axis.THINKING and any(figure.requested is not None for figure in made)
    names = [*(["k"] if metric is not Metric.ACCURACY else []), axis.label, *(["requested"] if has_requests else [])]
    numbers = (*names, metric.value, "95 % interval", "n", "failed", "truncated", "unparsed")
    made_table = table("arm", *numbers, numbers=numbers)
    for figure in made:
        shown = {"k": str(figure.k), axis.label: cost_shown(figure, axis), "requested": requested(figure)}
        made_table.add_row(
            plain(figure.arm.label),
            *(shown[name] for name in names),
            share(figure.estimate),
            share_interval(figure.estimate),
            f"{figure.estimate.n:,}",
            count(figure.jobs.failed, "red"),
            count(figure.truncated, "yellow"),
            count(figure.unparsed, "yellow"),
        )
    return made_table


def figures_notes(made: Sequence[Figure], axis: Axis) -> Iterator[str]:
    """Jobs that are missing, what they could change, and costs that are not known."""
    first_of = {figure.arm.id: figure for figure in made}
    waiting = sum(figure.jobs.open for figure in first_of.values())
    if waiting:
        yield f"{waiting:,} jobs have not ended: figures are of those that have."
    cancelled = sum(figure.jobs.cancelled for figure in first_of.values())
    if cancelled:
        yield f"{cancelled:,} jobs were cancelled: figures are of those that ran."
    for figure in made:
        if figure.jobs.failed and figure.estimate.n:
            name = figure.arm.label if figure.k is None else f"{figure.arm.label}, k = {figure.k}"
            yield (
                f"{name}: {figure.jobs.failed} failed jobs are left out; had they all been wrong or all right, "
                f"it would be {figure.share.if_missing_wrong:.1%} or {figure.share.if_missing_right:.1%}."
            )
        if 0 < figure.cost.n < figure.estimate.n:
            yield f"{figure.arm.label}: {axis.label} known for {figure.cost.n:,} of {figure.estimate.n:,} problems."
    error = max((figure.monte_carlo_error for figure in made), default=0.0)
    if error:
        yield f"Some are Monte-Carlo means over subsets, with a standard error of {error:.2%} at most."


def sweeps_table(measured: Sequence[MeasuredSweep]) -> Table:
    """s1's Control, Scaling in points per doubling and per 1,000 thinking tokens, and Performance."""
    numbers = ("n", "control", "points per doubling", "points per 1k tokens", "performance")
    made = table("sweep", *numbers, "best setting", numbers=numbers)
    for sweep in measured:
        metrics = sweep.metrics
        made.add_row(
            plain(sweep.name),
            f"{metrics.performance.n:,}",
            "–" if math.isnan(metrics.control) else f"{metrics.control:.0%}",
            slope(metrics.scaling_per_doubling),
            slope(metrics.scaling_per_1k_tokens),
            f"{share(metrics.performance)} ({share_interval(metrics.performance)})",
            plain(sweep.best),
        )
    made.caption = (
        "points per doubling and per 1,000 thinking tokens, over problems that every setting answered; "
        "control: settings whose mean is within their budget [s1]"
    )
    made.caption_justify = "left"
    return made


def slope(estimate: Estimate) -> str:
    if not estimate.n:
        return "–"
    return f"{estimate.value * 100:+.1f} ({estimate.low * 100:+.1f} … {estimate.high * 100:+.1f})"


def cost_shown(figure: Figure, axis: Axis) -> str:
    return ("≤ " if figure.is_bound and figure.cost.n else "") + amount(figure.cost, axis)


def amount(cost: Estimate, axis: Axis) -> str:
    if not cost.n:
        return "–"
    if axis.is_scientific or axis is Axis.PRICE:
        return f"{cost.value:.3g}"
    return f"{cost.value:,.1f}"


def requested(figure: Figure) -> str:
    return "–" if figure.requested is None else f"{figure.requested:,}"


def share(estimate: Estimate) -> str:
    return f"{estimate.value:.1%}" if estimate.n else "–"


def share_interval(estimate: Estimate) -> str:
    return f"{estimate.low * 100:.1f} … {estimate.high * 100:.1f}" if estimate.n else "–"
