"""Two arms side by side, paired by problem, and what may be claimed of them.

Axes in suffixes: P problems, R repeats, Q pairs of answers to one question; rows of two arrays are the same problems.
The difference's interval covers the mean difference over the problems' population (`intervals.difference_interval`).
p-values are McNemar's, exact, on the problems where two arms differ (McNemar 1947), and with repeats its generalisation
to means (`sign_flips`). Several of them are adjusted by Holm's step-down method (Holm 1979, Scandinavian Journal of
Statistics 6:65), which holds whatever the tests' dependence. Whether a difference is *clear* is decided in one place,
`PairedDifference.is_clear`, and after the adjustment.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

import numpy as np

from scaling.arrays import Floats
from scaling.statistics.estimates import Estimate, problem_means, two_dimensional
from scaling.statistics.intervals import difference_interval
from scaling.statistics.power import SIGNIFICANT_P, problems_needed
from scaling.statistics.sign_flips import sign_flip_test

TestName = Literal["exact McNemar", "exact sign flips of repeat means", "Monte-Carlo sign flips of repeat means"]


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """Second minus first over the problems that both have a result for.

    `first` and `second` are their accuracies on those problems. `first_better` and `second_better` count the problems
    on which they differ, each way, and `flipped` is the mean square of the differences: of single answers, the share
    that flipped. `p_value` is two-sided, None without a common problem. `together` comparisons were made at once, and
    `adjusted_p_value` is Holm's over them; None: this one was made alone, or there was no test.
    """

    first: float
    second: float
    difference: Estimate
    first_better: int
    second_better: int
    flipped: float
    p_value: float | None
    test: TestName
    adjusted_p_value: float | None = None
    together: int = 1

    @property
    def common_problems(self) -> int:
        return self.difference.n

    @property
    def excludes_zero(self) -> bool:
        return self.difference.low > 0 or self.difference.high < 0

    @property
    def is_clear(self) -> bool:
        """Both the interval and the exact test say so, the test for all comparisons that were made at once: with few
        problems the first alone is too easily convinced, and one of many is small by luck."""
        p_value = self.p_value if self.together == 1 else self.adjusted_p_value
        return self.excludes_zero and p_value is not None and p_value < SIGNIFICANT_P

    @property
    def problems_needed(self) -> int | None:
        """To see such a difference four times in five, among as many comparisons; None if there is none."""
        return problems_needed(self.difference.value, self.flipped, SIGNIFICANT_P / self.together)

    @property
    def warning(self) -> str | None:
        """Why these problems cannot support the claim that one is better; None where they can, or nobody claims it."""
        if self.is_clear or self.p_value is None or self.difference.value == 0:
            return None
        needed = "" if self.problems_needed is None else f" A true difference of this size needs {self.needed_words}."
        return (
            f"{self.second:.1%} against {self.first:.1%} at n = {self.common_problems} is {self.flips_words}, "
            f"{self.p_words}: not evidence of a difference.{needed}"
        )

    @property
    def p_words(self) -> str:
        """`p = 0.031`, and where more comparisons were made at once, what is left of it."""
        alone = f"p = {p_shown(self.p_value)}"
        return alone if self.together == 1 else f"{alone} ({p_shown(self.adjusted_p_value)} among {self.together})"

    @property
    def flips_words(self) -> str:
        """`2 problems`, or `9 problems against 5` where they differ both ways."""
        more, fewer = sorted((self.first_better, self.second_better), reverse=True)
        return f"{more} problem{'' if more == 1 else 's'}" + (f" against {fewer}" if fewer else "")

    @property
    def needed_words(self) -> str:
        return f"about {self.problems_needed:,} problems to be seen four times in five"


class Cell(StrEnum):
    """Where a pair of answers to one question stands in the two-by-two table of the first arm against the second."""

    BOTH_RIGHT = "both right"
    LOST = "lost"  # right under the first only
    GAINED = "gained"  # right under the second only
    BOTH_WRONG = "both wrong"

    @property
    def first_is_right(self) -> bool:
        return self in (Cell.BOTH_RIGHT, Cell.LOST)

    @property
    def second_is_right(self) -> bool:
        return self in (Cell.BOTH_RIGHT, Cell.GAINED)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many pairs of answers stand in each cell. A pair is one repeat of one problem under either arm.

    With several repeats the pairs of one problem are not independent: this describes, and only `paired_difference`,
    which counts problems, tests.
    """

    both_right: int
    lost: int
    gained: int
    both_wrong: int

    @property
    def total(self) -> int:
        return self.both_right + self.lost + self.gained + self.both_wrong

    def count(self, cell: Cell) -> int:
        counts = (self.both_right, self.lost, self.gained, self.both_wrong)
        return dict(zip(Cell, counts, strict=True))[cell]

    def share(self, cell: Cell) -> float:
        """NaN without any pair."""
        return self.count(cell) / self.total if self.total else math.nan


def paired_difference(first_PR: Floats, second_PR: Floats) -> PairedDifference:
    """How much more often the second is right, problem by problem. Values in 0..1, NaN without a result.

    With one answer each the test is McNemar's; with repeats, of the mean of the differences of their means.
    """
    first_PR, second_PR = _paired(first_PR, second_PR)
    first_P, second_P = problem_means(first_PR), problem_means(second_PR)
    is_common_P = ~np.isnan(first_P) & ~np.isnan(second_P)
    first_P, second_P = first_P[is_common_P], second_P[is_common_P]
    differences_P = second_P - first_P
    first_better, second_better = int((differences_P < 0).sum()), int((differences_P > 0).sum())
    answers_PA = np.stack([(~np.isnan(each)).sum(axis=1)[is_common_P] for each in (first_PR, second_PR)], axis=1)
    p_value, test = tested(differences_P, repeats=math.lcm(*np.unique(answers_PA).tolist()))
    return PairedDifference(
        first=float(first_P.mean()) if first_P.size else math.nan,
        second=float(second_P.mean()) if second_P.size else math.nan,
        difference=difference_estimate(differences_P),
        first_better=first_better,
        second_better=second_better,
        flipped=float((differences_P**2).mean()) if differences_P.size else math.nan,
        p_value=p_value if differences_P.size else None,
        test=test,
    )


def tested(differences_P: Floats, repeats: int) -> tuple[float, TestName]:
    """`repeats` is a common multiple of the answers that problems have on either side."""
    if repeats == 1 and np.isin(differences_P, (-1.0, 0.0, 1.0)).all():
        return exact_sign_test(int((differences_P < 0).sum()), int((differences_P > 0).sum())), "exact McNemar"
    p_value, is_exact = sign_flip_test(differences_P, unit=1 / repeats)
    return p_value, "exact sign flips of repeat means" if is_exact else "Monte-Carlo sign flips of repeat means"


def difference_estimate(differences_P: Floats) -> Estimate:
    if differences_P.size == 0:
        return Estimate.unknown()
    low, high = difference_interval(differences_P)
    return Estimate(float(differences_P.mean()), low, high, differences_P.size)


def agreement(first_PR: Floats, second_PR: Floats) -> Agreement:
    """Of the problems and repeats that both have a result for. 1 right, 0 not, NaN without a result."""
    first_PR, second_PR = _paired(first_PR, second_PR)
    repeats = min(first_PR.shape[1], second_PR.shape[1])
    first_PR, second_PR = first_PR[:, :repeats], second_PR[:, :repeats]
    is_pair_PR = ~np.isnan(first_PR) & ~np.isnan(second_PR)
    first_Q, second_Q = first_PR[is_pair_PR] > 0, second_PR[is_pair_PR] > 0
    stands_in = [(first_Q == cell.first_is_right) & (second_Q == cell.second_is_right) for cell in Cell]
    return Agreement(*(int(in_cell_Q.sum()) for in_cell_Q in stands_in))


def exact_sign_test(losses: int, wins: int) -> float:
    """Two-sided p of a fair coin falling at least this unevenly; 1 if it was never thrown."""
    num_throws = losses + wins
    ways = tail = 1
    for heads in range(1, min(losses, wins) + 1):
        ways = ways * (num_throws - heads + 1) // heads
        tail += ways
    return min(1.0, 2 * tail / (1 << num_throws))


def holm(p_values: Sequence[float | None], among: int = 0) -> tuple[float | None, ...]:
    """Adjusted p-values, in the order given: all below .05 may be claimed together. None and NaN were no test.

    `among` is for some of that many tests, picked by their results: they are no less strictly adjusted than if all were
    given, since a test stands no later among some than among all.
    """
    tests = [(p_value, index) for index, p_value in enumerate(p_values) if p_value is not None]
    known = sorted((p_value, index) for p_value, index in tests if not math.isnan(p_value))
    adjusted: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for rank, (p_value, index) in enumerate(known):
        highest = max(highest, min(1.0, (max(among, len(known)) - rank) * p_value))
        adjusted[index] = highest
    return tuple(adjusted)


def together(compared: Sequence[PairedDifference], among: int = 0) -> tuple[PairedDifference, ...]:
    """Comparisons that were made at once, each with its adjusted p-value. Those without a test do not count.

    `among`: they are those of so many that their results made interesting.
    """
    p_values = holm([each.p_value for each in compared], among)
    tests = max(1, among, sum(p_value is not None for p_value in p_values))
    return tuple(
        replace(each, adjusted_p_value=p_value, together=tests)
        for each, p_value in zip(compared, p_values, strict=True)
    )


def _paired(first_PR: Floats, second_PR: Floats) -> tuple[Floats, Floats]:
    first_PR, second_PR = two_dimensional(first_PR), two_dimensional(second_PR)
    if len(first_PR) != len(second_PR):
        given = f"{len(first_PR)} and {len(second_PR)} problems"
        raise ValueError(f"paired rows expected, got {given}; give both a row for each, NaN where there is no result")
    for values_PR in (first_PR, second_PR):
        if ((values_PR < 0) | (values_PR > 1)).any():
            given = f"{np.nanmin(values_PR):g} to {np.nanmax(values_PR):g}"
            raise ValueError(f"answers are 0 to 1, got {given}; divide what is in per cent by 100")
    return first_PR, second_PR


def p_shown(p_value: float | None) -> str:
    """A p-value as everyone is shown it; a dash where there was no test."""
    if p_value is None:
        return "–"
    return f"{p_value:.3f}" if p_value >= 0.001 else "< 0.001"
