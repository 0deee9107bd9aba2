"""The bootstrap over problems, for what has no interval in closed form: tokens, slopes, curves compared at one budget.

A resample draws as many problems as there are, with replacement, and each drawn problem brings all that belongs to it:
its repeats, its candidates, its results under every arm. So repeats are nested in problems and arms stay paired.

The interval is the expanded percentile one (Hesterberg 2015, The American Statistician 69:371): the percentiles are
moved outwards by what the plain ones lack with few problems, √(n/(n−1)) and Student's quantile for the normal's.

Of one mean over many problems nothing needs to be drawn: all moments of its resamples are known, and so are their
percentiles, better than 10,000 draws tell them (`mean_interval`).
"""

import math
from statistics import NormalDist

import numpy as np

from scaling.arrays import Floats
from scaling.statistics.intervals import Interval, student_975

NUM_RESAMPLES = 10_000
MANY_PROBLEMS = 1000
MAX_SKEW = 0.2
"""Of the resamples of a mean. Up to here the series is off by less than 10,000 draws are: 0.03 standard errors."""
_MAX_DRAWS_AT_ONCE = 50_000
"""They stay in the processor's cache: three times as fast as a million at once."""


def resampled_means(values_PS: Floats, seed: int) -> Floats:
    """Means over problems of each column in NUM_RESAMPLES resamples: means_BS. Columns share their resamples."""
    num_problems = len(values_PS)
    generator = np.random.default_rng(seed)
    means_BS = np.empty((NUM_RESAMPLES, values_PS.shape[1]))
    step = max(1, _MAX_DRAWS_AT_ONCE // num_problems)
    for start in range(0, NUM_RESAMPLES, step):
        num_resamples = min(step, NUM_RESAMPLES - start)
        drawn_BP = generator.integers(num_problems, size=(num_resamples, num_problems), dtype=np.int32)
        drawn_BP += np.arange(num_resamples, dtype=np.int32)[:, None] * num_problems
        times_BP = np.bincount(drawn_BP.ravel(), minlength=drawn_BP.size).reshape(drawn_BP.shape).astype(np.float64)
        means_BS[start : start + num_resamples] = times_BP @ values_PS / num_problems
    return means_BS


def mean_interval(values_P: Floats, seed: int) -> Interval:
    """The 95 % interval of a mean. `seed` is that of the draws, where there are any.

    From MANY_PROBLEMS on, the percentiles of all possible resamples take the place of those of 10,000; unless a few
    problems dominate the mean: then its resamples are too skewed for the series, and are drawn.
    """
    skew, excess = _shape_of_resamples(values_P)
    if values_P.size < MANY_PROBLEMS or max(abs(skew), excess) > MAX_SKEW:
        return expanded_percentiles(resampled_means(values_P[:, None], seed)[:, 0], values_P.size)
    mean, error = float(values_P.mean()), float(values_P.std()) / math.sqrt(values_P.size)
    z = _expansion(values_P.size)
    return mean + error * cornish_fisher(-z, skew, excess), mean + error * cornish_fisher(z, skew, excess)


def cornish_fisher(z: float, skew: float, excess: float) -> float:
    """The percentile of a standardised distribution that is almost normal, where the normal's is z.

    Cornish & Fisher 1938, to the second order; Hall 1992, The Bootstrap and Edgeworth Expansion, §2.5.
    """
    return z + skew * (z**2 - 1) / 6 + excess * (z**3 - 3 * z) / 24 - skew**2 * (2 * z**3 - 5 * z) / 36


def _shape_of_resamples(values_P: Floats) -> tuple[float, float]:
    """Skewness and excess kurtosis of the mean of a resample: those of the values over √n and over n."""
    deviations_P = values_P - values_P.mean()
    variance = float((deviations_P**2).mean())
    if variance <= 0:
        return 0.0, 0.0
    skew = float((deviations_P**3).mean()) / variance**1.5
    excess = float((deviations_P**4).mean()) / variance**2 - 3
    return skew / math.sqrt(values_P.size), excess / values_P.size


def expanded_percentiles(statistics_B: Floats, num_problems: int) -> Interval:
    """The 95 % interval of a statistic from its resamples; NaN if a resample has none."""
    if num_problems < 2:
        return float(statistics_B.min()), float(statistics_B.max())
    tail = NormalDist().cdf(-_expansion(num_problems))
    low, high = np.quantile(statistics_B, [tail, 1 - tail])
    return float(low), float(high)


def _expansion(num_problems: int) -> float:
    """How far out the interval's ends are, in standard errors of the plain bootstrap."""
    return math.sqrt(num_problems / (num_problems - 1)) * student_975(num_problems - 1)
