"""What choosing by difficulty is worth: Snell's two-fold choice, beside what one strategy for all problems gives.

The choice is among the other arms on the base arm's model, and among what fewer candidates of theirs would have given.
At each budget a setting is offered in the bins where its mean cost per problem is within it, on the axis asked for; on
that of samples it is Snell's number of generations. What is chosen for all problems keeps to the budget over all bins.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from results.point import Point
from scaling.statistics.comparisons import PairedDifference, together
from scaling.statistics.compute_optimal import ComputeOptimal, Trials, compute_optimal, one_for_all, paid_by
from scaling.statistics.difficulty import DifficultyBins
from scaling.statistics.intervals import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Rival:
    """The dearest setting of a line that is within the budget, for all problems, and the choice minus it."""

    setting: Point
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
    offered: Sequence[Point], lines: Sequence[tuple[Point, ...]], bins: DifficultyBins, binning_cost_P: Floats
) -> tuple[Choices, ...]:
    """By budget, smallest first. Raises ValueError where a bin is too small for two halves."""
    trials = trials_of(offered)
    by_bin = {each.budget: each for each in compute_optimal(trials, bins, binning_cost_P)}
    return adjusted(
        Choices(by_bin[simple.budget], simple, by_bin[simple.budget].against(simple.correct_P), held_against)
        for simple in one_for_all(trials, bins, tuple(by_bin))
        for held_against in (rivals(by_bin[simple.budget], lines, bins),)
    )


def trials_of(offered: Sequence[Point]) -> Trials:
    correct_PS, cost_PS = (
        np.column_stack(each) for each in zip(*((it.value_P, it.cost_P) for it in offered), strict=True)
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


def rivals(optimal: ComputeOptimal, lines: Sequence[tuple[Point, ...]], bins: DifficultyBins) -> tuple[Rival, ...]:
    """Costs are looked at over the problems that are in a bin, which is where the choice is measured."""
    binned = [[each.on(bins.bin_P >= 0) for each in line] for line in lines]
    within = [[each for each in line if each.cost <= paid_by(optimal.budget)] for line in binned]
    dearest = [max(settings, key=lambda each: each.cost) for settings in within if settings]
    return tuple(Rival(setting, optimal.against(setting.value_P)) for setting in dearest)
