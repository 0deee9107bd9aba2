"""Which strategy to choose for how hard a problem, and what choosing is worth: two-fold [Snell §3.2, §5.3].

In each bin of difficulty and at each budget, the strategy that is best on one half of the bin's problems is measured on
the other half, and the other way round; so a lucky strategy does not profit from its luck. An interval covers the mean
accuracy of the choices that were made, not the making of them; but the halves choose for one another, and where there
was more than one strategy to choose it is CHOSEN times as wide. Axes in suffixes: P problems, S strategies.

Snell's budget is a number of generations, the same for all strategies. Here a budget is a mean per problem on any axis
of `compute`, samples among them. A strategy is offered where it would be chosen: if its mean cost keeps to the budget
*in that bin*, on the half that the choice is made by. What it costs elsewhere does not matter, and what it costs on the
other half is not looked at: where wrong answers are the long ones, that would be looking at the answers. So the other
half may by chance spend more than the budget, as it may answer worse; `ComputeOptimal.cost` is what it spent.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scaling.arrays import Floats
from scaling.statistics.comparisons import PairedDifference, paired_difference
from scaling.statistics.difficulty import DifficultyBins
from scaling.statistics.estimates import Estimate, share

Problems = NDArray[np.intp]
Parts = tuple[tuple[Problems, Problems], ...]
"""The two halves of each bin."""

CHOSEN = math.sqrt(1 + 9 / (8 * math.pi))
"""How many times its problems' standard error that of a two-fold choice is, at most.

A setting that happens to be good on both halves is chosen by both. Of S settings that are as good as one another, each
half with a variance v of its own, E[m₁(chosen by 0) · m₀(chosen by 1)] = v · e² / (S − 1), where e is the mean of the
largest of S standard normals. That is most for three, whose largest is 3 / (2√π) on average: e² / 2 = 9 / (8π). It is
less where one setting is better, or where settings go together.
"""

_ROUNDING = 1e-9
"""A mean cost of 16 samples is paid by a budget of 16, however its sum was rounded."""


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """What each strategy made of each problem (mean over repeats), and what it cost, on any axis of `compute`.

    NaN: no result, no known cost. A strategy is offered nowhere where none of its costs is known.
    """

    strategies: tuple[str, ...]
    correct_PS: Floats
    cost_PS: Floats

    def __post_init__(self) -> None:
        shape = (len(self.correct_PS), len(self.strategies))
        if not self.correct_PS.shape == self.cost_PS.shape == shape:
            given = f"{self.correct_PS.shape} and {self.cost_PS.shape}"
            raise ValueError(f"problems × {shape[1]} strategies expected, got {given}")

    def offered(self, problems: Problems, budget: float) -> NDArray[np.bool_]:
        """Which strategies have a result on these problems, at a mean cost that is within the budget."""
        is_known_S = ~np.isnan(_column_means(self.correct_PS[problems]))
        return is_known_S & (_column_means(self.cost_PS[problems]) <= paid_by(budget))


def paid_by(budget: float) -> float:
    """The highest cost that a budget pays for: itself, but for how sums are rounded."""
    return budget * (1 + _ROUNDING)


@dataclass(frozen=True, slots=True, eq=False)
class ComputeOptimal:
    """What the choice gives at one budget.

    `choices` has the strategy of each bin, for the problems of the first and of the second half. `ceiling` is the
    accuracy of the best strategy per bin chosen and measured on the same problems: it flatters, and where every job has
    a result and all halves of a bin are offered the same, it is never exceeded.
    `cost` is the mean of what was spent per problem, `cost_with_binning` with finding out the bin charged too, and
    `dearest` the highest mean cost, where it was offered, of what could have been chosen.
    `correct_P` is NaN for problems without a bin or a result; with it the choice can be compared to any one strategy.
    `chosen_P` is the number of each problem's strategy, −1 without a bin. `is_choice`: there was more than one to take.
    """

    budget: float
    accuracy: Estimate
    ceiling: float
    cost: float
    cost_with_binning: float
    dearest: float
    choices: tuple[tuple[str, str], ...]
    correct_P: Floats
    chosen_P: Problems
    is_choice: bool

    def against(self, correct_P: Floats, was_chosen: bool = False) -> PairedDifference:
        """The choice minus one strategy for all problems, at the same budget, paired by problem; or minus what was
        chosen, too.

        Without a p-value where either is a mean over subsets of candidates: McNemar's test is of single answers.
        """
        paired = paired_difference(correct_P[:, None], self.correct_P[:, None])
        if self.is_choice or was_chosen:
            paired = replace(paired, difference=_widened(paired.difference, -1.0))
        is_single = all(np.isin(each[~np.isnan(each)], (0.0, 1.0)).all() for each in (correct_P, self.correct_P))
        return paired if is_single else replace(paired, p_value=None)


def compute_optimal(
    trials: Trials, bins: DifficultyBins, binning_cost_P: Floats, budgets: Sequence[float] | None = None, seed: int = 0
) -> tuple[ComputeOptimal, ...]:
    """At each budget that pays for some strategy in both halves of every bin; the others have none.

    Without budgets: powers of two, up to the one that pays for all; one that offers nothing more than the budget before
    it is left out. `binning_cost_P`: what the base arm spent on finding out each problem's bin; NaN: unknown. Snell
    does not charge it.
    """
    parts = _parts(bins, seed)
    return _within(trials, parts, binning_cost_P, _budgets(trials, parts) if budgets is None else budgets)


def one_for_all(trials: Trials, bins: DifficultyBins, budgets: Sequence[float]) -> tuple[ComputeOptimal, ...]:
    """The same choice with all problems in one bin: what is left over it is what knowing the difficulty is worth.

    Its halves are those of the bins, together, and so as hard as one another.
    """
    together = tuple(np.concatenate(each) for each in zip(*_parts(bins), strict=True))
    return _within(trials, ((together[0], together[1]),), np.zeros(bins.bin_P.size), budgets)


def _parts(bins: DifficultyBins, seed: int = 0) -> Parts:
    fold_P = halves(bins, seed)
    return tuple((members[fold_P[members] == 0], members[fold_P[members] == 1]) for members in bins.members)


def _within(trials: Trials, parts: Parts, binning_cost_P: Floats, asked: Sequence[float]) -> tuple[ComputeOptimal, ...]:
    is_payable = [all(trials.offered(half, budget).any() for part in parts for half in part) for budget in asked]
    return tuple(
        _at_budget(trials, budget, parts, binning_cost_P)
        for budget, is_paid in zip(asked, is_payable, strict=True)
        if is_paid
    )


def _budgets(trials: Trials, parts: Parts) -> tuple[float, ...]:
    """Costs of 0 are paid by the first budget."""
    costs = np.concatenate([_column_means(trials.cost_PS[half]) for part in parts for half in part])
    costs = costs[~np.isnan(costs)]
    powers = {math.ceil(math.log2(cost) - _ROUNDING) for cost in costs.tolist() if cost > 0}
    return tuple(2.0**power for power in sorted(powers)) or ((1.0,) if costs.size else ())


def halves(bins: DifficultyBins, seed: int) -> NDArray[np.intp]:
    """0 or 1 for each problem, by lot, equally many in each bin but for one; −1 for a problem without a bin."""
    generator = np.random.default_rng(seed)
    fold_P = np.full(bins.bin_P.size, -1, dtype=np.intp)
    for number, members in enumerate(bins.members):
        if members.size < 2:
            raise ValueError(f"bin {number} has {members.size} problems, too few for two halves; ask for fewer bins")
        fold_P[generator.permutation(members)] = np.arange(members.size) % 2
    return fold_P


def _at_budget(trials: Trials, budget: float, parts: Parts, binning_cost_P: Floats) -> ComputeOptimal:
    correct_PS, cost_PS = trials.correct_PS, trials.cost_PS
    chosen_P = np.full(len(correct_PS), -1, dtype=np.intp)
    choices: list[tuple[str, str]] = []
    folds = [np.concatenate([part[fold] for part in parts]) for fold in (0, 1)]
    rank_FS = [_rank(correct_PS[fold], cost_PS[fold]) for fold in folds]
    for part in parts:
        first, second = (_best(trials, part[fold], budget, rank_FS[fold]) for fold in (1, 0))
        chosen_P[part[0]], chosen_P[part[1]] = first, second
        choices.append((trials.strategies[first], trials.strategies[second]))
    correct_P, cost_P = of_chosen(correct_PS, chosen_P), of_chosen(cost_PS, chosen_P)
    measured_P = ~np.isnan(correct_P)
    is_choice = any(trials.offered(half, budget).sum() > 1 for part in parts for half in part)
    return ComputeOptimal(
        budget=budget,
        accuracy=_widened(share(correct_P[:, None]), 0.0) if is_choice else share(correct_P[:, None]),
        ceiling=_ceiling(trials, budget, [np.concatenate(part) for part in parts]),
        cost=float(cost_P[measured_P].mean()),
        cost_with_binning=float((cost_P + binning_cost_P)[measured_P].mean()),
        dearest=max(_dearest(trials, half, budget) for part in parts for half in part),
        choices=tuple(choices),
        correct_P=correct_P,
        chosen_P=chosen_P,
        is_choice=is_choice,
    )


def _widened(mean: Estimate, lowest: float) -> Estimate:
    """By CHOSEN; of a mean of what lies in `lowest`..1."""
    low, high = (mean.value + CHOSEN * (end - mean.value) for end in (mean.low, mean.high))
    return replace(mean, low=max(lowest, low), high=min(1.0, high))


def _best(trials: Trials, problems: Problems, budget: float, rank_S: NDArray[np.intp]) -> int:
    """Of those offered, the strategy with the highest accuracy over these problems; among equals the one that ranks
    first."""
    accuracy_S = np.where(trials.offered(problems, budget), _column_means(trials.correct_PS[problems]), np.nan)
    best = np.flatnonzero(np.isclose(accuracy_S, np.nanmax(accuracy_S), rtol=0, atol=1e-12))
    return int(best[rank_S[best].argmin()])


def _dearest(trials: Trials, problems: Problems, budget: float) -> float:
    return float(_column_means(trials.cost_PS[problems])[trials.offered(problems, budget)].max())


def _rank(correct_PS: Floats, cost_PS: Floats) -> NDArray[np.intp]:
    """Of each strategy over the problems of all bins: 0 for the most accurate, and among equals for the cheapest.

    Where a bin's few problems cannot tell strategies apart, all of them may. The paper does not say what it does.
    """
    accuracy_S, cost_S = _column_means(correct_PS), _column_means(cost_PS)
    order_S = np.lexsort((cost_S, -np.nan_to_num(accuracy_S, nan=-1.0).round(12)))
    rank_S: NDArray[np.intp] = order_S.argsort()
    return rank_S


def _column_means(values_PS: Floats) -> Floats:
    """Over the problems that have a value; NaN for a strategy without any."""
    known_S = (~np.isnan(values_PS)).sum(axis=0)
    means_S: Floats = np.where(known_S > 0, np.nansum(values_PS, axis=0) / np.maximum(known_S, 1), np.nan)
    return means_S


def of_chosen(values_PS: Floats, chosen_P: NDArray[np.intp]) -> Floats:
    """Each problem's value under its strategy; NaN without one."""
    of_chosen_P: Floats = np.take_along_axis(values_PS, np.maximum(chosen_P, 0)[:, None], axis=1)[:, 0]
    return np.where(chosen_P >= 0, of_chosen_P, np.nan)


def _ceiling(trials: Trials, budget: float, members: Sequence[Problems]) -> float:
    """NaN where the halves of no bin are offered the same."""
    best_P = np.full(len(trials.correct_PS), -1, dtype=np.intp)
    rank_S = _rank(trials.correct_PS, trials.cost_PS)
    for problems in members:
        if trials.offered(problems, budget).any():
            best_P[problems] = _best(trials, problems, budget, rank_S)
    best = of_chosen(trials.correct_PS, best_P)
    return float(np.nanmean(best)) if not np.isnan(best).all() else math.nan
