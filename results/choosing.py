"""What choosing by difficulty is worth: Snell's two-fold choice, beside what one strategy for all problems gives.

The choice is among the other arms on the base arm's model, and among what fewer candidates of theirs would have given.
At each budget a setting is offered in the bins where its mean cost per problem is within it, on the axis asked for; on
that of samples it is Snell's number of generations. What is chosen for all problems keeps to the budget over all bins.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from results.settings import Setting, SettingFigure
from scaling.arrays import Floats
from scaling.statistics.comparisons import PairedDifference, together
from scaling.statistics.compute_optimal import ComputeOptimal, Trials, compute_optimal, one_for_all, paid_by
from scaling.statistics.difficulty import Bins


@dataclass(frozen=True, slots=True, eq=False)
class Rival:
    """The dearest setting of a line that is within the budget, for all problems, and the choice minus it."""

    setting: SettingFigure
    difference: PairedDifference


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """The two-fold choice at one budget; the same choice for all problems at once; and the lines it is held against.

    `worth` is the choice by difficulty minus the choice for all, paired by problem. All that is compared, at all
    budgets, is compared together.
    """

    optimal: ComputeOptimal
    one_for_all: ComputeOptimal
    worth: PairedDifference
    rivals: tuple[Rival, ...]


def choices(
    offered: Sequence[Setting], lines: Sequence[tuple[Setting, ...]], bins: Bins, binning_cost_P: Floats
) -> tuple[Choices, ...]:
    """By budget, smallest first. Raises ValueError where a bin is too small for two halves."""
    trials = trials_of(offered)
    by_bin = {each.budget: each for each in compute_optimal(trials, bins, binning_cost_P)}
    return adjusted(
        Choices(by_bin[simple.budget], simple, by_bin[simple.budget].against(simple.correct_P), held_against)
        for simple in one_for_all(trials, bins, tuple(by_bin))
        for held_against in (rivals(by_bin[simple.budget], lines, bins),)
    )


def trials_of(offered: Sequence[Setting]) -> Trials:
    correct_PS, cost_PS = (
        np.column_stack(each) for each in zip(*((s.correct_P, s.cost_P) for s in offered), strict=True)
    )
    return Trials(tuple(each.label for each in offered), correct_PS, cost_PS)


def adjusted(made: Iterable[Choices]) -> tuple[Choices, ...]:
    made = tuple(made)
    compared = [each for choice in made for each in (choice.worth, *(rival.difference for rival in choice.rivals))]
    results = iter(together(compared))
    return tuple(
        replace(
            choice,
            worth=next(results),
            rivals=tuple(replace(rival, difference=next(results)) for rival in choice.rivals),
        )
        for choice in made
    )


def rivals(optimal: ComputeOptimal, lines: Sequence[tuple[Setting, ...]], bins: Bins) -> tuple[Rival, ...]:
    """Costs are looked at over the problems that are in a bin, which is where the choice is measured."""
    binned = [[each.on(bins.bin_P >= 0) for each in line] for line in lines]
    within = [[each for each in line if each.cost <= paid_by(optimal.budget)] for line in binned]
    dearest = [max(settings, key=lambda each: each.cost) for settings in within if settings]
    return tuple(Rival(setting.figure, optimal.against(setting.correct_P)) for setting in dearest)
