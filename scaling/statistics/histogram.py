"""Histograms whose bins several sets of values share, linear or logarithmic. Edges are round numbers.

A bin holds its upper edge, not its lower one, so that what took exactly its budget lies in a bin that ends there. Only
where linear bins begin with 0 does the first hold both. Counts of tokens have whole edges; rounding makes small
logarithmic bins uneven, so what is counted has to be drawn as areas. What has no bin is counted apart: NaN, and 0 where
bins are logarithmic.
"""

import math
from dataclasses import dataclass

import numpy as np

from scaling.arrays import Floats, Integers

MOST_BINS = 64
_BINS_PER_OCTAVE = (16, 8, 4, 2)


@dataclass(frozen=True, slots=True, eq=False)
class HistogramBins:
    """`edges` are one more than there are bins, and ascend."""

    edges: Floats
    is_log: bool

    @property
    def widths(self) -> Floats:
        """Of each bin: in doublings where bins are logarithmic, else in the unit of the values."""
        places: Floats = np.log2(self.edges) if self.is_log else self.edges
        return np.diff(places)


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Values in each bin. `zeros` have no place in logarithmic bins, `unknown` (NaN) in none."""

    counts: Integers
    zeros: int
    unknown: int

    @property
    def total(self) -> int:
        return int(self.counts.sum()) + self.zeros + self.unknown


def bins_over(values: Floats, *, is_log: bool, are_whole: bool, most: int = MOST_BINS) -> HistogramBins:
    """About `most` bins at most, that hold every value which has a place. Values are ≥ 0; without any, one bin."""
    known = values[~np.isnan(values) & ((values > 0) | (not is_log))]
    if not known.size:
        return HistogramBins(np.array([1.0, 2.0]), is_log)
    low, high = float(known.min()), float(known.max())
    edges = _log_edges(low, high, most) if is_log else _linear_edges(low, high, most, 1.0 if are_whole else 0.0)
    if are_whole:
        edges = np.unique(np.maximum(np.floor(edges), 0.5 if is_log else 0.0))  # ½ to 1 holds 1, and has a logarithm
    edges[0], edges[-1] = min(edges[0], low), max(edges[-1], high)  # rounding loses nobody
    return HistogramBins(edges, is_log)


def counted(values: Floats, bins: HistogramBins) -> Counted:
    """Raises ValueError for values beyond the bins: they are to be made over all values that are counted."""
    known = values[~np.isnan(values)]
    placed = known[known != 0] if bins.is_log else known
    beyond = int(((placed < bins.edges[0]) | (placed > bins.edges[-1])).sum())
    if beyond:
        raise ValueError(f"{beyond} values lie outside of {bins.edges[0]:g} to {bins.edges[-1]:g}")
    number = np.maximum(np.searchsorted(bins.edges, placed, side="left") - 1, 0)
    counts = np.bincount(number, minlength=len(bins.edges) - 1)
    return Counted(counts, zeros=known.size - placed.size, unknown=values.size - known.size)


def _log_edges(low: float, high: float, most: int) -> Floats:
    """Powers of two, and as many steps between them as fit."""
    octaves = math.log2(high / low)
    steps = next((each for each in _BINS_PER_OCTAVE if octaves * each <= most), 1)
    first, last = math.ceil(math.log2(low) * steps) - 1, math.ceil(math.log2(high) * steps)
    edges: Floats = 2.0 ** (np.arange(first, last + 1) / steps)
    return edges


def _linear_edges(low: float, high: float, most: int, smallest: float) -> Floats:
    """Multiples of 1, 2 or 5 times a power of ten."""
    step = max(smallest, _round_step((high - low or high or 1.0) / most))
    first = max(0, math.ceil(low / step) - 1)
    edges: Floats = np.arange(first, max(first + 1, math.ceil(high / step)) + 1, dtype=np.float64) * step
    return edges


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 5, 10 … (or .1, .2, .5 …) that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))
