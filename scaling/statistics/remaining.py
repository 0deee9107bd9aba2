"""When work that goes on will have ended: an interval, from how it went until now. Pure.

Jobs end as a Poisson process would have them end, only in bursts. After k ends in T seconds, R more take T · R/k · F,
where F has Fisher's distribution with 2R/φ and 2k/φ degrees of freedom: the prediction interval of a Poisson process
(Nelson 1970, Technometrics 12:411), each count divided by its dispersion φ, the variance of the counts of equal spans
of time over their mean (McCullagh & Nelder 1989, §6.2), at least 1. So it narrows with every end, and is wide where
work comes in bursts or its pace changes. Fisher's quantile is Paulson's (1942, Annals of Mathematical Statistics
13:233), from the cube root that is almost normal.

What has been begun last then takes as long as a job does: between the usual and the slowest that was seen.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scaling.statistics.intervals import NORMAL_975

FEWEST = 2.0
"""Ends, as it were: of fewer the cube root is far from normal, and there is no upper bound worth telling."""


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """Seconds until all is done, with their 95 % interval; `high` None: nobody can say how long at most."""

    low: float
    likely: float
    high: float | None


@dataclass(frozen=True, slots=True)
class Durations:
    """Seconds that jobs took lately."""

    usual: float
    slowest: float


def time_left(
    waiting: int, ends: Sequence[int], seconds: float, took: Durations, youngest_s: float | None
) -> TimeLeft | None:
    """`waiting` jobs are still to be begun; `ends` ended in equal spans of `seconds` in all. `youngest_s` is how long
    ago the last that runs was begun; None: none runs.

    None where there is nothing to go by: none has ended lately, or what runs takes longer than any that did.
    """
    if not sum(ends) or seconds <= 0:
        return None
    age_s = 0.0 if waiting or youngest_s is None else youngest_s
    if age_s > took.slowest:
        return None
    until_begun = time_until(waiting, ends, seconds)
    usual, slowest = max(0.0, took.usual - age_s), took.slowest - age_s
    return TimeLeft(
        until_begun.low + usual,
        until_begun.likely + (usual + slowest) / 2,
        None if until_begun.high is None else until_begun.high + slowest,
    )


def time_until(number: int, ends: Sequence[int], seconds: float) -> TimeLeft:
    """Until so many more have ended; `ends` are not all 0."""
    if not number:
        return TimeLeft(0.0, 0.0, 0.0)
    seen = sum(ends)
    likely, spread = seconds * number / seen, dispersion(ends)
    low, high = fisher_interval(number / spread, seen / spread)
    return TimeLeft(likely * low, likely, None if high is None else likely * high)


def dispersion(ends: Sequence[int]) -> float:
    """How many times more the counts vary than a Poisson's would; at least 1."""
    mean = sum(ends) / len(ends)
    if len(ends) < 2 or not mean:
        return 1.0
    return max(1.0, math.fsum((count - mean) ** 2 for count in ends) / (len(ends) - 1) / mean)


def fisher_interval(ahead: float, seen: float) -> tuple[float, float | None]:
    """The 2.5th and 97.5th percentiles of Fisher's F with 2 · ahead and 2 · seen degrees of freedom; None: too few were
    seen for an upper one."""
    a, b = 1 / (9 * ahead), 1 / (9 * seen)
    of_square, of_constant = (1 - b) ** 2 - NORMAL_975**2 * b, (1 - a) ** 2 - NORMAL_975**2 * a
    middle = (1 - a) * (1 - b)
    root = middle + math.sqrt(max(0.0, middle**2 - of_square * of_constant))
    low = max(0.0, of_constant / root) ** 3 if root > 0 else 0.0
    return low, (root / of_square) ** 3 if seen >= FEWEST else None
