"""Which strategy to choose for how hard a problem, and what choosing is worth: two-fold [Snell §3.2, §5.3].

In each bin of difficulty and at each budget, the strategy that is best on one half of the bin's problems is measured on
the other half, and the other way round; so a lucky strategy does not profit from its luck. An interval covers the mean
accuracy of the choices that were made, not the making of them (`intervals.share_interval`). Axes in suffixes: P
problems, S strategies, N budgets.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scaling.comparisons import PairedDifference, paired_difference
from scaling.difficulty import Bins
from scaling.estimates import Estimate, share
from scaling.intervals import Floats


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
        """The choice minus one strategy for all problems, at the same budget, paired by problem."""
        return paired_difference(correct_P[:, None], self.correct_P[:, None])


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
    for members in bins.members:
        chosen = [_best(correct_PS[members[fold_P[members] == 1 - fold]]) for fold in (0, 1)]
        chosen_P[members] = np.take(chosen, fold_P[members])
        choices.append((trials.strategies[chosen[0]], trials.strategies[chosen[1]]))
    correct_P, cost_P = _of_chosen(correct_PS, chosen_P), _of_chosen(cost_PS, chosen_P)
    measured_P = ~np.isnan(correct_P)
    return ComputeOptimal(
        budget=trials.budgets[number],
        accuracy=share(correct_P[:, None]),
        ceiling=_ceiling(correct_PS, bins),
        cost=float(cost_P[measured_P].mean()),
        cost_with_binning=float((cost_P + binning_cost_P)[measured_P].mean()),
        choices=tuple(choices),
        correct_P=correct_P,
    )


def _best(correct_PS: Floats) -> int:
    """The strategy with the highest accuracy over these problems; among equals the first."""
    accuracy_S = _accuracies(correct_PS)
    if np.isnan(accuracy_S).all():
        raise ValueError(f"no strategy has a result on {len(correct_PS)} problems of a bin; ask for fewer bins")
    return int(np.nanargmax(accuracy_S))


def _accuracies(correct_PS: Floats) -> Floats:
    known_S = (~np.isnan(correct_PS)).sum(axis=0)
    accuracies_S: Floats = np.where(known_S > 0, np.nansum(correct_PS, axis=0) / np.maximum(known_S, 1), np.nan)
    return accuracies_S


def _of_chosen(values_PS: Floats, chosen_P: NDArray[np.intp]) -> Floats:
    """Each problem's value under its strategy; NaN without one."""
    of_chosen_P: Floats = np.take_along_axis(values_PS, np.maximum(chosen_P, 0)[:, None], axis=1)[:, 0]
    return np.where(chosen_P >= 0, of_chosen_P, np.nan)


def _ceiling(correct_PS: Floats, bins: Bins) -> float:
    best_P = np.full(len(correct_PS), -1, dtype=np.intp)
    for members in bins.members:
        best_P[members] = _best(correct_PS[members])
    return float(np.nanmean(_of_chosen(correct_PS, best_P)))


def one_for_all(trials: Trials) -> tuple[tuple[Estimate, ...], ...]:
    """The accuracy of each strategy at each budget, for the same plot: strategies × budgets."""
    return tuple(
        tuple(share(trials.correct_PSN[:, strategy, number, None]) for number in range(len(trials.budgets)))
        for strategy in range(len(trials.strategies))
    )
