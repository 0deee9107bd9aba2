"""Histograms whose bins several sets of values share, linear or logarithmic. Edges are round numbers.

A bin is half-open: it holds its lower edge, not its upper one. Counts of tokens have whole edges, so that a bin is also
`lower edge to upper edge − 1`. Rounding makes small logarithmic bins of counts uneven: draw `heights`, whose areas are
what is counted. What has no bin is counted apart: NaN, and 0 where bins are logarithmic.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scaling.intervals import Floats

Integers = NDArray[np.int64]

MOST_BINS = 32
_BINS_PER_OCTAVE = (16, 8, 4, 2)


@dataclass(frozen=True, slots=True, eq=False)
class Bins:
    """`edges` are one more than there are bins, and ascend."""

    edges: Floats
    is_log: bool

    @property
    def widths(self) -> Floats:
        """Of each bin: in doublings where bins are logarithmic, else in the unit of the values."""
        places: Floats = np.log2(self.edges) if self.is_log else self.edges
        return np.diff(places)

    def heights(self, counts: Integers) -> Floats:
        """Of bars whose areas are the counts."""
        return counts / self.widths


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Values in each bin. `zeros` have no place in logarithmic bins, `unknown` (NaN) in none."""

    counts: Integers
    zeros: int
    unknown: int

    @property
    def total(self) -> int:
        return int(self.counts.sum()) + self.zeros + self.unknown


def bins_over(values: Floats, *, is_log: bool, are_whole: bool, most: int = MOST_BINS) -> Bins:
    """About `most` bins at most, that hold every value which has a place. Values are ≥ 0; without any, one bin."""
    known = values[~np.isnan(values) & ((values > 0) | (not is_log))]
    if not known.size:
        return Bins(np.array([1.0, 2.0]), is_log)
    low, high = float(known.min()), float(known.max())
    edges = _log_edges(low, high, most) if is_log else _linear_edges(low, high, most, 1.0 if are_whole else 0.0)
    if are_whole:
        edges = np.unique(np.ceil(edges))
    edges[0], edges[-1] = min(edges[0], low), max(edges[-1], np.nextafter(high, math.inf))  # rounding loses nobody
    return Bins(edges, is_log)


def counted(values: Floats, bins: Bins) -> Counted:
    """Raises ValueError for values beyond the bins: they are to be made over all values that are counted."""
    known = values[~np.isnan(values)]
    placed = known[known != 0] if bins.is_log else known
    counts = np.histogram(placed, bins.edges)[0]
    if counts.sum() != placed.size:
        raise ValueError(f"{placed.size - counts.sum()} values lie outside of {bins.edges[0]:g} to {bins.edges[-1]:g}")
    return Counted(counts, zeros=known.size - placed.size, unknown=values.size - known.size)


def _log_edges(low: float, high: float, most: int) -> Floats:
    """Powers of two, and as many steps between them as fit."""
    octaves = math.log2(high / low)
    steps = next((each for each in _BINS_PER_OCTAVE if octaves * each <= most), 1)
    first, last = math.floor(math.log2(low) * steps), math.floor(math.log2(high) * steps) + 1
    edges: Floats = 2.0 ** (np.arange(first, last + 1) / steps)
    return edges


def _linear_edges(low: float, high: float, most: int, smallest: float) -> Floats:
    """Multiples of 1, 2 or 5 times a power of ten."""
    step = max(smallest, _round_step((high - low or high or 1.0) / most))
    return np.arange(math.floor(low / step), math.floor(high / step) + 2) * step


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 5, 10 … (or .1, .2, .5 …) that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))
