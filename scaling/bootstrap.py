"""The bootstrap over problems, for what has no interval in closed form: tokens, slopes, curves compared at one budget.

A resample draws as many problems as there are, with replacement, and each drawn problem brings all that belongs to it:
its repeats, its candidates, its results under every arm. So repeats are nested in problems and arms stay paired.

The interval is the expanded percentile one (Hesterberg 2015, The American Statistician 69:371): the percentiles are
moved outwards by what the plain ones lack with few problems, √(n/(n−1)) and Student's quantile for the normal's.
"""

import math
from statistics import NormalDist

import numpy as np

from scaling.intervals import Floats, Interval, student_975

NUM_RESAMPLES = 10_000
_MAX_DRAWS_AT_ONCE = 2_000_000


def resampled_means(values_PS: Floats, seed: int) -> Floats:
    """Means over problems of each column in NUM_RESAMPLES resamples: means_BS. Columns share their resamples.

    Made in pieces, so that memory stays small.
    """
    num_problems = len(values_PS)
    generator = np.random.default_rng(seed)
    means_BS = np.empty((NUM_RESAMPLES, values_PS.shape[1]))
    step = max(1, _MAX_DRAWS_AT_ONCE // num_problems)
    for start in range(0, NUM_RESAMPLES, step):
        num_resamples = min(step, NUM_RESAMPLES - start)
        drawn_BP = generator.integers(num_problems, size=(num_resamples, num_problems), dtype=np.int32)
        drawn_BP += np.arange(num_resamples, dtype=np.int32)[:, None] * num_problems
        times_BP = np.bincount(drawn_BP.ravel(), minlength=drawn_BP.size).reshape(drawn_BP.shape)
        means_BS[start : start + num_resamples] = times_BP @ values_PS / num_problems
    return means_BS


def expanded_percentiles(statistics_B: Floats, num_problems: int) -> Interval:
    """The 95 % interval of a statistic from its resamples; NaN if a resample has none."""
    if num_problems < 2:
        return float(statistics_B.min()), float(statistics_B.max())
    expansion = math.sqrt(num_problems / (num_problems - 1)) * student_975(num_problems - 1)
    tail = NormalDist().cdf(-expansion)
    low, high = np.quantile(statistics_B, [tail, 1 - tail])
    return float(low), float(high)
