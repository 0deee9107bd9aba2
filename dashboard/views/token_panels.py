"""Distributions over jobs as rows to draw and as a file. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from dashboard.charts.histogram_slots import Panel
from dashboard.charts.palette import Colours
from results import Histogram
from scaling.types import Verdict

Row = dict[str, object]


def panels(histograms: Sequence[Histogram], colours: Colours) -> tuple[Panel, ...]:
    """Of the arms of which a cost is known."""
    return tuple(
        Panel(
            arm=each.arm.label,
            colour=colours[each.arm.id],
            by_verdict=each.by_verdict,
            all=each.all,
            correct=each.correct,
            others=each.others,
            requested=each.requested,
            failed=each.jobs.failed,
        )
        for each in histograms
        if each.all.n
    )


def bin_rows(histograms: Sequence[Histogram]) -> Iterator[Row]:
    """Every bin of every arm, empty ones too: above `low`, up to `high`; those of unknown cost in a row without either.

    What is 0 is in a row of its own, from 0 to 0, where bins are logarithmic.
    """
    for each in histograms:
        edges = each.bins.edges.tolist()
        if each.bins.is_log:
            zeros = {verdict: counted.zeros for verdict, counted in each.by_verdict.items()}
            yield bin_row(each, 0.0, 0.0, zeros)
        for at, (low, high) in enumerate(pairwise(edges)):
            counts = {verdict: int(counted.counts[at]) for verdict, counted in each.by_verdict.items()}
            yield bin_row(each, low, high, counts)
        yield bin_row(each, None, None, {verdict: counted.unknown for verdict, counted in each.by_verdict.items()})


def bin_row(histogram: Histogram, low: float | None, high: float | None, counts: Mapping[Verdict, int]) -> Row:
    return {
        "arm": histogram.arm.label,
        "low": low,
        "high": high,
        "jobs": sum(counts.values()),
        **{verdict.value: counts[verdict] for verdict in Verdict},
    }
