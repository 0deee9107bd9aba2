"""Estimates with honest intervals: a mean over problems, never over samples.

Axes in suffixes: P problems, R repeats. NaN is a job that has no result (failed, or not run yet): it leaves the mean,
and its number is reported. Repeats are averaged within their problem first.

Which interval where: shares in 0..1 (accuracy, pass@k, maj@k, best-of-k) have `intervals.share_interval`, paired
differences `intervals.difference_interval` (in `comparisons`), all else the bootstrap over problems.
"""

import math
from dataclasses import dataclass

import numpy as np

from scaling.arrays import Floats
from scaling.statistics.bootstrap import mean_interval
from scaling.statistics.intervals import share_interval_of, spread_of


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over `n` problems with its 95 % interval. All three numbers are NaN if n is 0."""

    value: float
    low: float
    high: float
    n: int

    @classmethod
    def unknown(cls) -> "Estimate":
        return cls(math.nan, math.nan, math.nan, 0)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Accuracy over the problems that have a result, and what the missing ones could make of it.

    `missing` counts the jobs without a result.
    """

    estimate: Estimate
    missing: int
    if_missing_wrong: float
    if_missing_right: float


def problem_means(values_PR: Floats) -> Floats:
    """Mean over each problem's repeats that have a value; NaN for a problem without any."""
    counts_P = np.sum(~np.isnan(values_PR), axis=1)
    sums_P = np.nansum(values_PR, axis=1)
    means_P: Floats = np.divide(sums_P, counts_P, out=np.full(len(values_PR), np.nan), where=counts_P > 0)
    return means_P


def known_means(values_PR: Floats) -> Floats:
    """The means of the problems that have a value."""
    means_P = problem_means(two_dimensional(values_PR))
    known_P: Floats = means_P[~np.isnan(means_P)]
    return known_P


def mean(values_PR: Floats, seed: int = 0) -> Estimate:
    """Mean over problems with its bootstrap interval: of tokens, of seconds, of anything per job."""
    means_P = known_means(values_PR)
    if means_P.size == 0:
        return Estimate.unknown()
    return Estimate(float(means_P.mean()), *mean_interval(means_P, seed), means_P.size)


def share(values_PR: Floats) -> Estimate:
    """Mean over problems of what lies in 0..1: right or not, pass@k, maj@k."""
    means_P = known_means(values_PR)
    if means_P.size == 0:
        return Estimate.unknown()
    if means_P.min() < 0 or means_P.max() > 1:
        given = f"{means_P.min():g} to {means_P.max():g}"
        raise ValueError(f"shares lie in 0 to 1, got {given}; divide per cent by 100, take `mean` for the rest")
    return share_of(means_P.size, float(means_P.mean()), spread_of(means_P))


def share_of(n: int, mean: float, variance: float) -> Estimate:
    """The same, from the number of problems, and the mean and the variance (over n − 1) of their shares."""
    return Estimate(mean, *share_interval_of(n, mean, variance), n) if n else Estimate.unknown()


def accuracy(correct_PR: Floats) -> Accuracy:
    """Share of correct answers; 1 correct, 0 not (truncated and unparsed included), NaN without a result."""
    correct_PR = two_dimensional(correct_PR)
    return Accuracy(
        estimate=share(correct_PR),
        missing=int(np.isnan(correct_PR).sum()),
        if_missing_wrong=_mean_or_nan(np.nan_to_num(correct_PR, nan=0.0)),
        if_missing_right=_mean_or_nan(np.nan_to_num(correct_PR, nan=1.0)),
    )


def two_dimensional(values_PR: Floats) -> Floats:
    values_PR = np.asarray(values_PR, dtype=np.float64)
    if values_PR.ndim != 2:
        raise ValueError(f"expected problems × repeats, got an array of shape {values_PR.shape}; add an axis of size 1")
    return values_PR


def _mean_or_nan(values_PR: Floats) -> float:
    return float(values_PR.mean()) if values_PR.size else math.nan
