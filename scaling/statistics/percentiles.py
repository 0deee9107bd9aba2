"""Where values lie: their 10th, 50th and 90th percentile, interpolated linearly between values."""

import math
from dataclasses import dataclass

import numpy as np

from scaling.arrays import Floats


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Of `n` values; all NaN if n is 0."""

    tenth: float
    median: float
    ninetieth: float
    n: int


def percentiles(values: Floats) -> Percentiles:
    """Of the values that are known: NaN is left out."""
    known = values[~np.isnan(values)]
    if not known.size:
        return Percentiles(math.nan, math.nan, math.nan, 0)
    tenth, median, ninetieth = np.quantile(known, [0.1, 0.5, 0.9])
    return Percentiles(float(tenth), float(median), float(ninetieth), known.size)
