"""Preferences between pairs of answers, told blind: how often one side is preferred, and how far people agree.

A judgement counts 1 for the second of two arms, 0 for the first, ½ for a tie. Its problem's value is the mean over its
judgements, whoever made them and of whichever repeat: the unit is the problem, as everywhere. So a preference is a
paired difference, of 1 − v from v, and has its interval (`intervals.difference_interval`) and its exact test
(`comparisons.paired_difference`: of single judgements, the sign test without its ties). The *win rate* is ½ + half of
that difference. What it covers is other problems of the same kind; other people are not covered.

Agreement is Krippendorff's α for nominal data (Krippendorff 2011, Computing Krippendorff's Alpha-Reliability): 1 is
perfect, 0 what chance gives, over pairs that at least two people judged.

Axes in suffixes: J judgements, P problems.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from scaling.arrays import Floats, Integers
from scaling.statistics.comparisons import PairedDifference, paired_difference
from scaling.statistics.estimates import Estimate, share


def preference(value_J: Floats, problem_J: Integers) -> PairedDifference:
    """How much more the second is preferred than the first, problem by problem. Values are 0, ½ and 1."""
    if not np.isin(value_J, (0.0, 0.5, 1.0)).all():
        raise ValueError("a judgement is 0 (the first), 0.5 (a tie) or 1 (the second)")
    problems, row_J = np.unique(problem_J, return_inverse=True)
    place_J = _place_in_row(row_J)
    value_PR = np.full((problems.size, int(place_J.max(initial=-1)) + 1), np.nan)
    value_PR[row_J, place_J] = value_J
    return paired_difference(1 - value_PR, value_PR)


def _place_in_row(row_J: Integers) -> Integers:
    """0, 1 … for the first, the second … judgement of each problem."""
    seen: Counter[int] = Counter()
    places = []
    for row in row_J.tolist():
        places.append(seen[row])
        seen[row] += 1
    return np.array(places, dtype=np.int64)


def win_rate(preferred: PairedDifference) -> Estimate:
    """Of the second arm, ties half. NaN without a judgement."""
    difference = preferred.difference
    if not difference.n:
        return Estimate.unknown()
    value, low, high = ((1 + each) / 2 for each in (difference.value, difference.low, difference.high))
    return Estimate(value, low, high, difference.n)


def left_share(is_left_J: Floats, problem_J: Integers) -> Estimate:
    """Of the choices that fell on a side: how often on the left, over problems. Sides are drawn: ½ is no bias."""
    problems = np.unique(problem_J)
    if not problems.size:
        return Estimate.unknown()
    means = [[float(is_left_J[problem_J == problem].mean())] for problem in problems]
    return share(np.array(means))


@dataclass(frozen=True, slots=True)
class Agreement:
    """Over `pairs` that two people or more judged: the share of pairs of people that chose the same, and α.

    NaN: nobody judged what another did; α is NaN, too, where all said the same of everything.
    """

    pairs: int
    alike: float
    alpha: float


def agreement(choices: Iterable[Sequence[Hashable]]) -> Agreement:
    """Of each pair what people chose: the same word for the same choice, whichever side it was shown on."""
    shared = [Counter(each) for each in choices if len(each) > 1]
    if not shared:
        return Agreement(0, math.nan, math.nan)
    alike = sum(_alike(each) for each in shared) / sum(each.total() * (each.total() - 1) for each in shared)
    return Agreement(len(shared), alike, _alpha(shared))


def _alike(counts: Counter[Hashable]) -> int:
    """Ordered pairs of people who chose the same."""
    return sum(each * (each - 1) for each in counts.values())


def _alpha(shared: Sequence[Counter[Hashable]]) -> float:
    totals = _summed(shared)
    n = totals.total()
    observed = sum(
        (each.total() ** 2 - sum(count**2 for count in each.values())) / (each.total() - 1) for each in shared
    )
    by_chance = (n**2 - sum(count**2 for count in totals.values())) / (n - 1)
    return 1 - observed / by_chance if by_chance else math.nan


def _unlike(counts: Counter[Hashable]) -> int:
    """Ordered pairs of people who chose otherwise."""
    return counts.total() ** 2 - sum(each**2 for each in counts.values())


def _summed(counts: Iterable[Counter[Hashable]]) -> Counter[Hashable]:
    total: defaultdict[Hashable, int] = defaultdict(int)
    for each in counts:
        for choice, count in each.items():
            total[choice] += count
    return Counter(total)
