"""How large a difference an experiment can show, and how many problems a difference needs: pure arithmetic.

Both are about a paired comparison of two arms, at a chance of four in five (*power*) that a difference which is really
there has p < .05, two-sided. Connor (1987, Biometrics 43:207) for McNemar's test: with a difference d and a share f of
answers that flip, n problems find it if d · √n = z₁₋α⸝₂ · √f + z.₈ · √(f − d²).

Before an experiment f is not known, so a range of it is assumed, and said. With r repeats the mean square of the
differences takes the place of f: what flips by chance is averaged out, and what parts the arms on the same problems
every time is not, f · (s + (1 − s)/r) where s is the steady part. And d is lowered by half of what one answer more or
less makes of it on either side (Edwards 1948, Psychometrika 13:185), since the exact tests that decide here count
answers: without it 500 problems find such differences 74 to 77 times in 100, with it 81 (`tests/unit/test_power`).
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

POWER = 0.8
SIGNIFICANT_P = 0.05
DISCORDANT = (0.1, 0.5)
"""Of the answers of two arms: one that goes on from the other's chain, and two coins of one half."""
STEADY = 0.5
"""Of the disagreement: what does not go away when the same problems are asked again."""


@dataclass(frozen=True, slots=True)
class Power:
    """The smallest difference that can be shown where DISCORDANT shares of answers differ, or as many as make it.

    NaN: none can be.
    `alone` is for a comparison made alone, `among` for one that is to be clear among `comparisons` made at once, all
    other arms against one.
    """

    problems: int
    repeats: int
    comparisons: int
    alone: tuple[float, float]
    among: tuple[float, float]


def power_of(num_problems: int | None, repeats: int, num_arms: int) -> Power | None:
    """None where there is nothing to compare, or the problems are not known yet.

    Holm's first step is assumed for `among`: the smallest of all p.
    """
    comparisons = num_arms - 1
    if comparisons < 1 or not num_problems:
        return None
    alone, among = (
        tuple(smallest_difference(num_problems, share, repeats, alpha) for share in DISCORDANT)
        for alpha in (SIGNIFICANT_P, SIGNIFICANT_P / comparisons)
    )
    return Power(num_problems, repeats, comparisons, (alone[0], alone[1]), (among[0], among[1]))


def smallest_difference(num_problems: int, discordant: float, repeats: int = 1, alpha: float = SIGNIFICANT_P) -> float:
    """That is found at least four times in five, where so many answers differ, or as many as make it; NaN: none is."""
    low, high = 0.0, 1.0

    def is_found(difference: float) -> bool:
        told = (difference - 1 / (num_problems * repeats)) * math.sqrt(num_problems)
        by_one_answer = max(discordant, difference)
        return told >= _spread(difference, by_one_answer * (STEADY + (1 - STEADY) / repeats), alpha)

    if not is_found(high):
        return math.nan
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (low, middle) if is_found(middle) else (middle, high)
    return high


def problems_needed(difference: float, flipped: float, alpha: float = SIGNIFICANT_P) -> int | None:
    """Problems with which such a difference would be found four times in five; None if there is none.

    `flipped` is the mean square of the differences: of single answers, the share that flipped. A rough guide where
    both are estimates themselves.
    """
    if math.isnan(difference) or difference == 0:
        return None
    return math.ceil((_spread(difference, flipped, alpha) / difference) ** 2)


def _spread(difference: float, flipped: float, alpha: float) -> float:
    normal = NormalDist()
    z_alpha, z_power = normal.inv_cdf(1 - alpha / 2), normal.inv_cdf(POWER)
    return z_alpha * math.sqrt(flipped) + z_power * math.sqrt(max(0.0, flipped - difference**2))
