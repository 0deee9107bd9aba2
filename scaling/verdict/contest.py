"""From what two families offer to a contest: each one's best within each budget, chosen two-fold, problem by problem.

The choice is `compute_optimal`'s, in every bin of difficulty, for both families in the same halves. Budgets are those
that both can use: from where both have a setting, to where the one with the cheaper dearest setting has spent all that
it can; beyond, one of them would be held against something that it was never asked for. Suffixes: P problems, S
settings.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scaling.arrays import Floats
from scaling.statistics.compute_optimal import ComputeOptimal, Trials, compute_optimal, of_chosen
from scaling.statistics.difficulty import DifficultyBins
from scaling.verdict.rule import Contest, Place


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """A family's settings on an axis. `least_PS` and `most_PS` are what its trials would be had all that is not known
    (failed jobs, answers that could not be read) been wrong, or correct; NaN for a problem that was not asked."""

    trials: Trials
    least_PS: Floats
    most_PS: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """The best of both families within the budget of a place; `least` and `most` bound the mean difference."""

    place: Place
    first: ComputeOptimal
    second: ComputeOptimal
    least: float
    most: float

    @property
    def difference_P(self) -> Floats:
        difference_P: Floats = self.second.correct_P - self.first.correct_P
        return difference_P


def matches(
    axis: str, first: Offer, second: Offer, bins: DifficultyBins, budgets: Sequence[float] | None = None
) -> list[Match]:
    """Smallest budget first; those at which both have a setting. `budgets` None: all that both can use, by powers of
    two. ValueError where a bin is too small for halves."""
    told = [_best(offer, bins, budgets) for offer in (first, second)]
    if budgets is None:
        shared = _shared(*told)
        told = [_best(offer, bins, shared) for offer in (first, second)]
    of_first, of_second = ({each.budget: each for each in its} for its in told)
    return [
        _match(Place(axis, budget), (first, of_first[budget]), (second, of_second[budget]))
        for budget in sorted(of_first.keys() & of_second.keys())
    ]


def contest(claim: str, matches: Sequence[Match]) -> Contest:
    """Of all places of a claim, on whatever axes."""
    return Contest(
        claim,
        tuple(each.place for each in matches),
        np.stack([each.difference_P for each in matches], axis=1),
        np.array([each.first.is_choice or each.second.is_choice for each in matches]),
        np.array([each.least for each in matches]),
        np.array([each.most for each in matches]),
    )


def _best(offer: Offer, bins: DifficultyBins, budgets: Sequence[float] | None) -> tuple[ComputeOptimal, ...]:
    return compute_optimal(offer.trials, bins, np.zeros(bins.bin_P.size), budgets)


def _shared(first: Sequence[ComputeOptimal], second: Sequence[ComputeOptimal]) -> list[float]:
    if not (first and second):
        return []
    lowest = max(first[0].budget, second[0].budget)
    highest = max(lowest, min(first[-1].budget, second[-1].budget))
    return sorted({each.budget for each in (*first, *second) if lowest <= each.budget <= highest})


def _match(place: Place, first: tuple[Offer, ComputeOptimal], second: tuple[Offer, ComputeOptimal]) -> Match:
    (least_first, most_first), (least_second, most_second) = (
        [of_chosen(values_PS, best.chosen_P) for values_PS in (offer.least_PS, offer.most_PS)]
        for offer, best in (first, second)
    )
    return Match(
        place,
        first[1],
        second[1],
        float(np.nanmean(least_second - most_first)),
        float(np.nanmean(most_second - least_first)),
    )
