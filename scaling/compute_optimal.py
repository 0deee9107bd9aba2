"""Which strategy to choose for how hard a problem, and what choosing is worth: two-fold [Snell §3.2, §5.3].

In each bin of difficulty and at each budget, the strategy that is best on one half of the bin's problems is measured on
the other half, and the other way round; so a lucky strategy does not profit from its luck. An interval covers the mean
accuracy of the choices that were made, not the making of them (`intervals.share_interval`). Axes in suffixes: P
problems, S strategies, N budgets.

Snell's budget is a number of generations, the same for all strategies. Here a budget is a mean per problem on any axis
of `compute`, samples among them, and every strategy is offered that keeps to it over all problems (`affordable`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scaling.comparisons import PairedDifference, paired_difference
from scaling.difficulty import Bins
from scaling.estimates import Estimate, share
from scaling.intervals import Floats

_ROUNDING = 1e-9
"""A mean cost of 16 samples is paid by a budget of 16, however its sum was rounded."""


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """What each strategy made of each problem at each budget (mean over repeats), and what it cost.

    NaN: no result. A strategy without any result at a budget is not offered there. Costs are on any axis of `compute`.
    """

    strategies: tuple[str, ...]
    budgets: tuple[float, ...]
    correct_PSN: Floats
    cost_PSN: Floats

    def __post_init__(self) -> None:
        shape = (len(self.correct_PSN), len(self.strategies), len(self.budgets))
        if not self.correct_PSN.shape == self.cost_PSN.shape == shape:
            given = f"{self.correct_PSN.shape} and {self.cost_PSN.shape}"
            raise ValueError(f"problems × {shape[1]} strategies × {shape[2]} budgets expected, got {given}")


def affordable(
    strategies: Sequence[str], correct_PS: Floats, cost_PS: Floats, budgets: Sequence[float] | None = None
) -> Trials:
    """Each strategy at each budget that its mean cost does not exceed. One without a known cost is offered nowhere.

    Without budgets: powers of two, from the one that pays for the cheapest to the one that pays for all; one that
    offers nothing more than the budget before it is left out.
    """
    cost_S = _column_means(cost_PS)
    budgets = _budgets(cost_S[~np.isnan(cost_S)]) if budgets is None else tuple(budgets)
    is_offered_SN = cost_S[:, None] <= np.array(budgets) * (1 + _ROUNDING)
    correct_PSN = np.where(is_offered_SN, correct_PS[:, :, None], np.nan)
    return Trials(tuple(strategies), budgets, correct_PSN, np.where(is_offered_SN, cost_PS[:, :, None], np.nan))


def _budgets(costs: Floats) -> tuple[float, ...]:
    """Costs of 0 are paid by the first budget."""
    powers = [math.ceil(math.log2(cost) - _ROUNDING) if cost > 0 else None for cost in costs.tolist()]
    known = sorted({power for power in powers if power is not None})
    return tuple(2.0**power for power in known) or ((1.0,) if powers else ())


@dataclass(frozen=True, slots=True, eq=False)
class ComputeOptimal:
    """What the choice gives at one budget.

    `choices` has the strategy of each bin, for the problems of the first and of the second half. `ceiling` is the
    accuracy of the best strategy per bin chosen and measured on the same problems: it flatters, and where every job has
    a result it is never exceeded.
    `cost` is the mean cost per problem of what was chosen, `cost_with_binning` with finding out the bin charged too.
    `correct_P` is NaN for problems without a bin or a result; with it the choice can be compared to any one strategy.
    """

    budget: float
    accuracy: Estimate
    ceiling: float
    cost: float
    cost_with_binning: float
    choices: tuple[tuple[str, str], ...]
    correct_P: Floats

    def against(self, correct_P: Floats) -> PairedDifference:
        """The choice minus one strategy for all problems, at the same budget, paired by problem.

        Without a p-value where either is a mean over subsets of candidates: McNemar's test is of single answers.
        """
        paired = paired_difference(correct_P[:, None], self.correct_P[:, None])
        is_single = all(np.isin(each[~np.isnan(each)], (0.0, 1.0)).all() for each in (correct_P, self.correct_P))
        return paired if is_single else replace(paired, p_value=None)


def compute_optimal(trials: Trials, bins: Bins, binning_cost_P: Floats, seed: int = 0) -> tuple[ComputeOptimal, ...]:
    """At each budget. `binning_cost_P`: what the base arm spent on finding out each problem's bin; NaN: unknown.

    Snell does not charge it.
    """
    fold_P = halves(bins, seed)
    return tuple(_at_budget(trials, number, bins, fold_P, binning_cost_P) for number in range(len(trials.budgets)))


def halves(bins: Bins, seed: int) -> NDArray[np.intp]:
    """0 or 1 for each problem, by lot, equally many in each bin but for one; −1 for a problem without a bin."""
    generator = np.random.default_rng(seed)
    fold_P = np.full(bins.bin_P.size, -1, dtype=np.intp)
    for number, members in enumerate(bins.members):
        if members.size < 2:
            raise ValueError(f"bin {number} has {members.size} problems, too few for two halves; ask for fewer bins")
        fold_P[generator.permutation(members)] = np.arange(members.size) % 2
    return fold_P


def _at_budget(
    trials: Trials, number: int, bins: Bins, fold_P: NDArray[np.intp], binning_cost_P: Floats
) -> ComputeOptimal:
    correct_PS, cost_PS = trials.correct_PSN[:, :, number], trials.cost_PSN[:, :, number]
    chosen_P = np.full(len(correct_PS), -1, dtype=np.intp)
    choices: list[tuple[str, str]] = []
    rank_FS = [_rank(correct_PS[fold_P == fold], cost_PS[fold_P == fold]) for fold in (0, 1)]
    for members in bins.members:
        chosen = [_best(correct_PS[members[fold_P[members] == 1 - fold]], rank_FS[1 - fold]) for fold in (0, 1)]
        chosen_P[members] = np.take(chosen, fold_P[members])
        choices.append((trials.strategies[chosen[0]], trials.strategies[chosen[1]]))
    correct_P, cost_P = _of_chosen(correct_PS, chosen_P), _of_chosen(cost_PS, chosen_P)
    measured_P = ~np.isnan(correct_P)
    return ComputeOptimal(
        budget=trials.budgets[number],
        accuracy=share(correct_P[:, None]),
        ceiling=_ceiling(correct_PS, cost_PS, bins),
        cost=float(cost_P[measured_P].mean()),
        cost_with_binning=float((cost_P + binning_cost_P)[measured_P].mean()),
        choices=tuple(choices),
        correct_P=correct_P,
    )


def _best(correct_PS: Floats, rank_S: NDArray[np.intp]) -> int:
    """The strategy with the highest accuracy over these problems; among equals the one that ranks first."""
    accuracy_S = _column_means(correct_PS)
    if np.isnan(accuracy_S).all():
        raise ValueError(f"no strategy has a result on {len(correct_PS)} problems of a bin; ask for fewer bins")
    best = np.flatnonzero(np.isclose(accuracy_S, np.nanmax(accuracy_S), rtol=0, atol=1e-12))
    return int(best[rank_S[best].argmin()])


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


def _of_chosen(values_PS: Floats, chosen_P: NDArray[np.intp]) -> Floats:
    """Each problem's value under its strategy; NaN without one."""
    of_chosen_P: Floats = np.take_along_axis(values_PS, np.maximum(chosen_P, 0)[:, None], axis=1)[:, 0]
    return np.where(chosen_P >= 0, of_chosen_P, np.nan)


def _ceiling(correct_PS: Floats, cost_PS: Floats, bins: Bins) -> float:
    best_P, rank_S = np.full(len(correct_PS), -1, dtype=np.intp), _rank(correct_PS, cost_PS)
    for members in bins.members:
        best_P[members] = _best(correct_PS[members], rank_S)
    return float(np.nanmean(_of_chosen(correct_PS, best_P)))


def one_for_all(trials: Trials, bins: Bins, seed: int = 0) -> tuple[ComputeOptimal, ...]:
    """The same choice with all problems in one bin: what is left over it is what knowing the difficulty is worth."""
    together = Bins(np.where(bins.bin_P >= 0, 0, -1).astype(np.intp), num_bins=1)
    return compute_optimal(trials, together, np.zeros(bins.bin_P.size), seed)
