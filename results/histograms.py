"""Each arm's jobs by what they spent, correct and not correct apart, in bins that the arms share."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from db.queries import Arm, ArmSamples, JobCounts
from db.queries.samples import VERDICTS
from results.columns import Column, Columns, Table
from results.measured.cost_notes import axis_notes
from results.measured.costs import cost_J, requested_thinking
from results.measured.measurements import Measurements
from results.questions import Question
from scaling.arrays import Floats
from scaling.compute.axes import Axis
from scaling.statistics.histogram import Counted, HistogramBins, bins_over, counted
from scaling.statistics.percentiles import Percentiles, percentiles
from scaling.types import Verdict


@dataclass(frozen=True, slots=True)
class Bin:
    """An arm's jobs above `low` and up to `high`, by verdict: both 0 what is 0, where that has no place in a bin; both
    None what is not known."""

    arm: Arm
    low: float | None
    high: float | None
    counts: Mapping[Verdict, int]


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """Of an arm's jobs that have a result; `jobs` counts the others too. `others` are those that were not correct.

    `requested` is the budget of thinking tokens that a job was given; None: none, or the axis counts something else.
    """

    arm: Arm
    jobs: JobCounts
    requested: int | None
    bins: HistogramBins
    by_verdict: Mapping[Verdict, Counted]
    """Every verdict, also those that no job has."""
    all: Percentiles
    correct: Percentiles
    others: Percentiles

    @property
    def unknown(self) -> int:
        """Jobs whose cost on the axis is not known."""
        return sum(each.unknown for each in self.by_verdict.values())

    @property
    def rows(self) -> Iterator[Bin]:
        """Every bin, empty ones too."""
        if self.bins.is_log:
            yield Bin(self.arm, 0.0, 0.0, {verdict: each.zeros for verdict, each in self.by_verdict.items()})
        for at, (low, high) in enumerate(pairwise(self.bins.edges.tolist())):
            yield Bin(self.arm, low, high, {verdict: int(it.counts[at]) for verdict, it in self.by_verdict.items()})
        yield Bin(self.arm, None, None, {verdict: each.unknown for verdict, each in self.by_verdict.items()})


@dataclass(frozen=True, slots=True, eq=False)
class Histograms:
    """In arm order; `notes` are what the costs on this axis leave out."""

    axis: Axis
    arms: tuple[Histogram, ...]
    notes: tuple[str, ...] = ()


def _tokens(
    measurements: Measurements, axis: Axis = Axis.THINKING, is_log: bool = True, arms: tuple[str, ...] = ()
) -> Histograms:
    """Of the arms with these labels, or of all."""
    found = histograms(measurements, axis, is_log=is_log, labels=arms)
    return Histograms(axis, found, axis_notes(measurements, axis, of_fewer=False))


def histograms(
    measurements: Measurements, axis: Axis, *, is_log: bool, labels: Collection[str] = ()
) -> tuple[Histogram, ...]:
    """Of these arms, or of all; those without a result are left out. In arm order."""
    samples = [each for each in measurements.samples if each.job_id_J.size and (not labels or each.arm.label in labels)]
    costs = [cost_J(each, axis, measurements.models) for each in samples]
    if not costs:
        return ()
    bins = bins_over(np.concatenate(costs), is_log=is_log, are_whole=axis.is_whole)
    return tuple(_histogram(each, cost, axis, bins) for each, cost in zip(samples, costs, strict=True))


def _histogram(samples: ArmSamples, values_J: Floats, axis: Axis, bins: HistogramBins) -> Histogram:
    return Histogram(
        arm=samples.arm,
        jobs=samples.jobs,
        requested=requested_thinking(samples.arm) if axis is Axis.THINKING else None,
        bins=bins,
        by_verdict={
            verdict: counted(values_J[samples.verdict_number_J == number], bins)
            for number, verdict in enumerate(VERDICTS)
        },
        all=percentiles(values_J),
        correct=percentiles(values_J[samples.correct_J]),
        others=percentiles(values_J[~samples.correct_J]),
    )


COLUMNS: Columns[Histogram] = (
    Column("label", lambda it: it.arm.label, "arm"),
    Column("jobs", lambda it: it.all.n, "jobs", "with a result whose cost is known"),
    Column("percentile_10", lambda it: it.all.tenth, "10 %"),
    Column("median", lambda it: it.all.median, "median"),
    Column("percentile_90", lambda it: it.all.ninetieth, "90 %"),
    Column("median_correct", lambda it: it.correct.median, "median, correct"),
    Column("median_others", lambda it: it.others.median, "not correct"),
    Column(
        "requested", lambda it: it.requested, "requested", "the budget of thinking tokens that a job was given",
        needed=lambda rows: any(it.requested is not None for it in rows),
    ),
    *(Column(each.value, lambda it, verdict=each: it.by_verdict[verdict].total) for each in Verdict),  # type: ignore[misc]
    Column("failed", lambda it: it.jobs.failed, "failed"),
    Column("unknown", lambda it: it.unknown),
)  # fmt: skip
BINS: Columns[Bin] = (
    Column("label", lambda it: it.arm.label),
    Column("low", lambda it: it.low),
    Column("high", lambda it: it.high),
    Column("jobs", lambda it: sum(it.counts.values())),
    *(Column(each.value, lambda it, verdict=each: it.counts[verdict]) for each in Verdict),  # type: ignore[misc]
)


def table(found: Histograms) -> Table[Histogram]:
    """A row for each arm; files have its bins."""
    bins = [each for arm in found.arms for each in arm.rows]
    return Table(COLUMNS, found.arms, (*_notes_of(found), *found.notes), long=Table(BINS, bins))


def _notes_of(found: Histograms) -> Iterator[str]:
    """Which jobs are in no bin, and which arms have none."""
    in_no_bar = {
        "failed": sum(each.jobs.failed for each in found.arms),
        "cancelled": sum(each.jobs.cancelled for each in found.arms),
        "not ended": sum(each.jobs.open for each in found.arms),
        f"of unknown {found.axis.label}": sum(each.unknown for each in found.arms),
    }
    if named := counted_words(in_no_bar):
        yield f"In no bar: {named} jobs."
    if unknown := [each.arm.label for each in found.arms if not each.all.n]:
        yield f"Without a row, for their {found.axis.label} are not known: {', '.join(unknown)}."


def counted_words(counts: Mapping[str, int]) -> str:
    """`3 failed, 1 cancelled`."""
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)


TOKENS = Question("tokens", "What jobs spent", _tokens, table)
