"""95 % intervals in closed form, for means over problems. Pure arithmetic: nothing is resampled, nothing is drawn.

A problem's value is a share in 0..1 (right or not, the mean of its repeats, its pass@k) or the difference of two. What
the intervals cover is the mean over the population that the problems were sampled from, and so over other problems of
the same kind; repeats make a problem's value more exact, not the problems more.

`share_interval` is Agresti & Coull's form of Wilson's interval (Wilson 1927; Agresti & Coull 1998, The American
Statistician 52:119) at an effective number of problems, as surveys have it for clustered proportions (Korn & Graubard
1998, Survey Methodology 24:193; Franco et al. 2019, J. Survey Statistics and Methodology 7:334). `difference_interval`
is Tango's score interval for paired proportions (1998, Statistics in Medicine 17:891); with repeats joined to Agresti
& Min's (2005, Statistics in Medicine 24:729), with Student's quantile. Where fewer than three problems differ, both
cover more than 95 %: nothing can be said of what was hardly seen.

All were chosen by simulation. At 30 problems the percentile bootstrap covers 78 % near 0 or 1 and 92 % of pass@k and
of repeats; Wilson's own interval covers 92.98 % of 30 coins of .3, Agresti and Coull's 95.1 % (exact sums over the
binomial). `tests/benchmarks/bench_coverage` prints the table.
"""

import math

import numpy as np

from scaling.arrays import Floats

Interval = tuple[float, float]

NORMAL_975 = 1.959963984540054
"""The standard normal's 97.5th percentile."""
FEW = 5
"""Of fewer failures, or successes, the spread is not known from themselves."""
_STUDENT_975_FEW = (12.706204736, 4.302652730, 3.182446305, 2.776445105)  # 1 to 4 degrees of freedom


def share_interval(shares_P: Floats) -> Interval:
    """Of the mean of shares in 0..1. With one right or wrong answer per problem: Agresti and Coull's interval."""
    return share_interval_of(shares_P.size, float(shares_P.mean()), spread_of(shares_P))


def share_interval_of(n: int, share: float, variance: float) -> Interval:
    """The same, where only their number, their mean and their variance (over n − 1) are known."""
    num_trials = effective_number(n, share, variance) + NORMAL_975**2
    centre = share + (NORMAL_975**2 / num_trials) * (0.5 - share)
    half = NORMAL_975 * math.sqrt(centre * (1 - centre) / num_trials)
    return max(0.0, min(centre - half, share)), min(1.0, max(centre + half, share))


def effective_problems(shares_P: Floats) -> float:
    """How many coins of the same mean would vary as little as these shares do: n for coins, more for steadier shares.

    Never fewer than n, for nothing in 0..1 varies more than a coin. Where the variance is an estimate of its own, the
    number is lowered by the square of normal over Student (Korn & Graubard). Shares that do not vary at all count n.
    And the variance of what is rare cannot be known from a few instances: with fewer than FEW failures, r (or
    successes, if they are rarer), the number is at most n · (1 + r). That is ours; without it pass@4 of 30 easy
    problems covers 78 %.
    """
    return effective_number(shares_P.size, float(shares_P.mean()), spread_of(shares_P))


def spread_of(shares_P: Floats) -> float:
    return float(shares_P.var(ddof=1)) if shares_P.size > 1 else 0.0


def effective_number(n: int, share: float, variance: float) -> float:
    """`effective_problems`, of as many shares with this mean and variance."""
    if variance <= 1e-12:
        return float(n)
    coins = n * share * (1 - share) / variance * (NORMAL_975 / student_975(n - 1)) ** 2
    rare = n * min(share, 1 - share)
    return max(float(n), min(coins, n * (1 + rare)) if rare < FEW else coins)


def difference_interval(differences_P: Floats, z: float = NORMAL_975) -> Interval:
    """Of the mean of paired differences in -1..1. With one answer each, −1, 0 and 1: Tango's score interval.

    Its ends are `z` standard errors away: 1.96 for 95 %, more for one of many intervals that hold together.

    Problems with repeats flip by parts: here the unit is their mean size, weighted by size, in which differences have
    as much spread as flips would. That is not all of their distribution, and so Agresti and Min's interval is joined.
    """
    n, sizes_P = differences_P.size, np.abs(differences_P)
    largest = float(sizes_P.max(initial=0.0)) or 1.0
    parts_P = sizes_P / largest  # the squares of tiny sizes would be 0
    flip = largest * float((parts_P**2).sum() / parts_P.sum()) if sizes_P.any() else 1.0
    gained, lost = (float(np.maximum(each, 0).sum()) / flip for each in (differences_P, -differences_P))
    low, high = -flip * _score_bound(lost, gained, n, z), flip * _score_bound(gained, lost, n, z)
    if not np.allclose(sizes_P[sizes_P > 0], flip):
        low, high = joined((low, high), _with_two_problems_more(differences_P, flip, z))
    mean = float(differences_P.mean())
    return max(-1.0, min(low, mean)), min(1.0, max(high, mean))


def _score_bound(gained: float, lost: float, n: int, z: float) -> float:
    """The largest difference of which the observed one is not `z` standard errors away, with the chance to lose that
    fits best to it [Tango 1998, eq. 3 and 5]."""
    low, high = (gained - lost) / n, 1.0
    while high - low > 1e-9:
        difference = (low + high) / 2
        b = (2 * n - gained + lost) * difference - gained - lost
        loses = (math.sqrt(max(0.0, b * b + 8 * n * lost * difference * (1 - difference))) - b) / (4 * n)
        variance = n * max(0.0, 2 * loses + difference * (1 - difference))
        is_near = n * difference - (gained - lost) <= z * math.sqrt(variance)
        low, high = (difference, high) if is_near else (low, difference)
    return high


def _with_two_problems_more(differences_P: Floats, flip: float, z: float) -> Interval:
    """Agresti & Min's: half a problem is added to each way of flipping, and one without a flip."""
    n = differences_P.size
    centre = float(differences_P.sum()) / (n + 2)
    variance = (float((differences_P**2).sum()) + flip**2) / (n + 2) - centre**2
    half = z / NORMAL_975 * student_975(max(1, n - 1)) * math.sqrt(variance / (n + 2))
    return centre - half, centre + half


def joined(first: Interval, second: Interval) -> Interval:
    return min(first[0], second[0]), max(first[1], second[1])


def has_few_rights_or_wrongs(shares_P: Floats) -> bool:
    """Less than three: a bootstrap of 30 problems covers 95 % with three, and half of that with one."""
    share = float(shares_P.mean())
    return shares_P.size * min(share, 1 - share) < 3


def has_few_flips(differences_P: Floats) -> bool:
    sizes_P = np.abs(differences_P)
    return not sizes_P.any() or float(sizes_P.sum() ** 2 / (sizes_P**2).sum()) < FEW


def student_975(degrees: int) -> float:
    """The 97.5th percentile of Student's t, to 3e-4 (Abramowitz & Stegun 26.7.5; tabled below 5 degrees)."""
    if degrees <= len(_STUDENT_975_FEW):
        return _STUDENT_975_FEW[degrees - 1]
    z = NORMAL_975
    corrections = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92_160,
    )
    return z + math.fsum(correction / degrees**power for power, correction in enumerate(corrections, start=1))
