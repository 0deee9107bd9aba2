"""Estimates with honest intervals: problems are resampled, never samples; comparisons are paired by problem.

Axes in suffixes: P problems, R repeats, B bootstrap resamples. NaN is a job that has no result (failed,
or not run yet): it leaves the mean, and its number is reported. Repeats are averaged within their problem first.

Intervals are percentile bootstraps (Efron & Tibshirani, An Introduction to the Bootstrap, ch. 13) over problems, as
in inspect_ai's clustered errors, and Wilson's for a single proportion (Wilson 1927). p-values are exact: McNemar's
test on the problems where two arms differ (McNemar 1947), which is a sign test.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NUM_RESAMPLES = 10_000
CONFIDENCE = 0.95
_Z_95 = 1.959963984540054  # the standard normal's 97.5th percentile
_MAX_INDICES_AT_ONCE = 2_000_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over `n` problems with its 95 % interval. All three numbers are NaN if n is 0."""

    value: float
    low: float
    high: float
    n: int

    @property
    def is_degenerate(self) -> bool:
        """Resampling saw no variation (all right, all wrong, one problem): the interval says nothing."""
        return self.n > 0 and self.low == self.high


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Accuracy over the problems that have a result, and what the missing ones could make of it.

    `wilson` is the interval to show where the bootstrap's is degenerate. It takes every problem for one trial: with
    several repeats it is too wide rather than too narrow. `missing` counts the jobs without a result.
    """

    bootstrap: Estimate
    wilson: Estimate
    missing: int
    if_missing_wrong: float
    if_missing_right: float

    @property
    def estimate(self) -> Estimate:
        """The bootstrap's, or Wilson's where that is degenerate."""
        return self.wilson if self.bootstrap.is_degenerate else self.bootstrap


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """Second minus first over the problems that both have a result for.

    `first_better` and `second_better` count the problems on which they differ, each way. `p_value` is two-sided and
    exact, None without a common problem.
    """

    difference: Estimate
    first_better: int
    second_better: int
    p_value: float | None
    test: Literal["exact McNemar", "exact sign test on repeat means"]

    @property
    def common_problems(self) -> int:
        return self.difference.n

    @property
    def excludes_zero(self) -> bool:
        return self.difference.low > 0 or self.difference.high < 0


def problem_means(values_PR: Floats) -> Floats:
    """Mean over each problem's repeats that have a value; NaN for a problem without any."""
    counts_P = np.sum(~np.isnan(values_PR), axis=1)
    sums_P = np.nansum(values_PR, axis=1)
    means_P: Floats = np.divide(sums_P, counts_P, out=np.full(len(values_PR), np.nan), where=counts_P > 0)
    return means_P


def mean(values_PR: Floats, seed: int = 0) -> Estimate:
    """Mean over problems with its bootstrap interval: of tokens, of pass@k, of anything per job."""
    means_P = problem_means(_two_dimensional(values_PR))
    means_P = means_P[~np.isnan(means_P)]
    if means_P.size == 0:
        return Estimate(math.nan, math.nan, math.nan, 0)
    low, high = percentile_interval(bootstrap_means(means_P, seed))
    return Estimate(float(means_P.mean()), low, high, means_P.size)


def accuracy(correct_PR: Floats, seed: int = 0) -> Accuracy:
    """Share of correct answers; 1 correct, 0 not (truncated and unparsed included), NaN without a result."""
    correct_PR = _two_dimensional(correct_PR)
    estimate = mean(correct_PR, seed)
    return Accuracy(
        bootstrap=estimate,
        wilson=wilson(estimate.value * estimate.n, estimate.n),
        missing=int(np.isnan(correct_PR).sum()),
        if_missing_wrong=_mean_or_nan(np.nan_to_num(correct_PR, nan=0.0)),
        if_missing_right=_mean_or_nan(np.nan_to_num(correct_PR, nan=1.0)),
    )


def wilson(successes: float, n: int) -> Estimate:
    """Wilson's score interval for a proportion. `successes` may be a sum of shares."""
    if n == 0:
        return Estimate(math.nan, math.nan, math.nan, 0)
    share, z2 = successes / n, _Z_95**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z_95 * math.sqrt(max(share * (1 - share), 0.0) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return Estimate(share, max(0.0, min(centre - half, share)), min(1.0, max(centre + half, share)), n)


def paired_difference(first_PR: Floats, second_PR: Floats, seed: int = 0) -> PairedDifference:
    """How much more often the second is right, problem by problem. Rows are the same problems.

    With one repeat each the test is McNemar's. With more, a problem counts for the side whose mean over repeats is
    higher: a sign test, which is McNemar's for one repeat. It knows directions only, so it is the more cautious one.
    """
    first_PR, second_PR = _two_dimensional(first_PR), _two_dimensional(second_PR)
    if len(first_PR) != len(second_PR):
        given = f"{len(first_PR)} and {len(second_PR)} problems"
        raise ValueError(f"paired rows expected, got {given}; give both a row for each, NaN where there is no result")
    differences_P = problem_means(second_PR) - problem_means(first_PR)
    differences_P = differences_P[~np.isnan(differences_P)]
    first_better, second_better = int((differences_P < 0).sum()), int((differences_P > 0).sum())
    is_single = first_PR.shape[1] == second_PR.shape[1] == 1
    return PairedDifference(
        difference=mean(differences_P[:, None], seed),
        first_better=first_better,
        second_better=second_better,
        p_value=exact_sign_test(first_better, second_better) if differences_P.size else None,
        test="exact McNemar" if is_single else "exact sign test on repeat means",
    )


def exact_sign_test(losses: int, wins: int) -> float:
    """Two-sided p of a fair coin falling at least this unevenly; 1 if it was never thrown."""
    num_throws = losses + wins
    tail = sum(math.comb(num_throws, heads) for heads in range(min(losses, wins) + 1))
    return min(1.0, 2 * tail / (1 << num_throws))


def bootstrap_means(values_P: Floats, seed: int) -> Floats:
    """Means of NUM_RESAMPLES resamples of the problems: means_B. Made in pieces, so that memory stays small."""
    generator = np.random.default_rng(seed)
    step = max(1, _MAX_INDICES_AT_ONCE // values_P.size)
    means_B = np.empty(NUM_RESAMPLES)
    for start in range(0, NUM_RESAMPLES, step):
        chosen_BP = generator.integers(values_P.size, size=(min(step, NUM_RESAMPLES - start), values_P.size))
        means_B[start : start + len(chosen_BP)] = values_P[chosen_BP].mean(axis=1)
    return means_B


def percentile_interval(statistics_B: Floats) -> tuple[float, float]:
    low, high = np.quantile(statistics_B, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def _two_dimensional(values_PR: Floats) -> Floats:
    values_PR = np.asarray(values_PR, dtype=np.float64)
    if values_PR.ndim != 2:
        raise ValueError(f"expected problems × repeats, got an array of shape {values_PR.shape}; add an axis of size 1")
    return values_PR


def _mean_or_nan(values_PR: Floats) -> float:
    return float(values_PR.mean()) if values_PR.size else math.nan
