"""Where the bars of a histogram stand, without drawing them.

A logarithmic axis is drawn as a linear one of doublings, so that bars have the widths of their bins; what is 0 stands
left of it, apart.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from results import Histogram
from scaling.compute.axes import Axis
from scaling.statistics.histogram import HistogramBins
from scaling.types import Verdict


@dataclass(frozen=True, slots=True)
class Scale:
    """The axis that rows share."""

    axis: Axis
    bins: HistogramBins

    @property
    def are_thinking(self) -> bool:
        """The list of traces can be asked for the range of a bin."""
        return self.axis is Axis.THINKING

    def at(self, value: float) -> float:
        """Where a value above 0 stands."""
        return math.log2(value) if self.bins.is_log else value

    @property
    def ends(self) -> tuple[float, float]:
        return self.at(float(self.bins.edges[0])), self.at(float(self.bins.edges[-1]))

    @property
    def zero_slot(self) -> tuple[float, float]:
        """Where what is 0 stands, left of a logarithmic axis and a little away from it."""
        low, high = self.ends
        width = max(float(self.bins.widths.max()), 0.012 * (high - low))
        return low - 2 * width, low - width


@dataclass(frozen=True, slots=True)
class Slot:
    """A bin that has jobs, above `low` and up to `high`, where it is drawn.

    `is_zero`: those that are 0, left of a logarithmic axis.
    """

    left: float
    right: float
    low: float
    high: float
    counts: Mapping[Verdict, int]
    is_zero: bool = False

    @property
    def least(self) -> int:
        """The smallest count in it, where counts are whole; the largest is `high`."""
        return math.floor(self.low) + 1 if self.low else 0

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def jobs_per_width(self) -> float:
        return self.total / (self.right - self.left)


@dataclass(frozen=True, slots=True)
class Bar:
    """The jobs of one verdict in a slot, standing on those of the verdicts before it; `base` and `height` in rows."""

    slot: Slot
    verdict: Verdict
    count: int
    base: float
    height: float


def place(value: float, scale: Scale) -> float:
    """Where a value stands; 0 on a logarithmic axis, in the middle of its slot."""
    is_zero = scale.bins.is_log and value < scale.bins.edges[0]
    return sum(scale.zero_slot) / 2 if is_zero else scale.at(value)


def slots(row: Histogram, scale: Scale) -> Iterator[Slot]:
    """From left to right."""
    edges = scale.bins.edges.tolist()
    zeros = {verdict: each.zeros for verdict, each in row.by_verdict.items()}
    if any(zeros.values()):
        yield Slot(*scale.zero_slot, 0.0, 0.0, zeros, is_zero=True)
    for at, (low, high) in enumerate(pairwise(edges)):
        counts = {verdict: int(each.counts[at]) for verdict, each in row.by_verdict.items()}
        if any(counts.values()):
            yield Slot(scale.at(low), scale.at(high), low, high, counts)


def bars_of(row: Histogram, scale: Scale, full_height: float) -> Iterator[Bar]:
    """Areas are jobs; the highest slot of the row is `full_height` high."""
    found = list(slots(row, scale))
    highest = max((slot.jobs_per_width for slot in found), default=1.0)
    for slot in found:
        height_of_one = full_height / highest / (slot.right - slot.left)
        beneath = 0
        for verdict in Verdict:
            count = slot.counts[verdict]
            if count:
                yield Bar(slot, verdict, count, beneath * height_of_one, count * height_of_one)
            beneath += count
