"""What choosing by difficulty is worth: Snell's two-fold choice, beside what one strategy for all problems gives.

The choice is among the other arms on the base arm's model, and among what fewer candidates of theirs would have given.
At each budget a point is offered in the bins where its mean cost per problem is within it, on the axis asked for; on
that of samples it is Snell's number of generations. What is chosen for all problems keeps to the budget over all bins.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from results.columns import Column, Columns, Table, csv_text, estimate, in_one, lifted, record
from results.difficulty import DIFFICULTY, SHARES, Difficulty, Share
from results.easiness import BaseArm, by_bins
from results.measured.cost_notes import axis_notes
from results.measured.curves import choosable, curves, longest_curves
from results.measured.measurements import Measurements
from results.measured.point import Point
from results.questions import Question
from results.wording import amount, budget_shown, percent, points, points_interval, rounded_accuracy
from scaling.arrays import Floats
from scaling.compute.axes import Axis
from scaling.statistics.comparisons import PairedDifference, p_shown, together
from scaling.statistics.compute_optimal import ComputeOptimal, Trials, compute_optimal, one_for_all, paid_by
from scaling.statistics.difficulty import DifficultyBins
from scaling.statistics.estimates import Estimate

OPTIMAL, ONE_FOR_ALL = "compute-optimal", "one for all"


@dataclass(frozen=True, slots=True, eq=False)
class Rival:
    """What the choice is held against, with its own accuracy and mean cost per problem, and the choice minus it."""

    label: str
    value: Estimate
    cost: float
    difference: PairedDifference


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """The two-fold choice at one budget, and what it is held against, paired by problem.

    `over` are first the same choice for all problems at once, then the dearest points of curves that are within the
    budget. All that is compared, at all budgets, is compared together.
    """

    optimal: ComputeOptimal
    one_for_all: ComputeOptimal
    over: tuple[Rival, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Choosing:
    """`choices` are by budget, smallest first; if there are none, `unchosen` says why.

    `curves` are the votes and best-of-k of arms with several candidates, the base arm's too. `cost_notes` are on costs.
    """

    base: BaseArm
    choices: tuple[Choices, ...]
    unchosen: str | None
    curves: tuple[tuple[Point, ...], ...]
    cost_notes: tuple[str, ...]


def choosing(measurements: Measurements, base: BaseArm) -> Choosing:
    mine = [each for each in measurements.samples if each.arm.model == base.arm.model]
    of_arms = curves(measurements, mine, base.axis)
    longest = longest_curves(of_arms)
    made, unchosen = _chosen(offered_by(of_arms, base), longest, base)
    told = tuple(tuple(each.summed() for each in curve) for curve in longest)
    return Choosing(base, made, unchosen, told, axis_notes(measurements, base.axis, of_fewer=True))


def offered_by(curves: Sequence[tuple[Point, ...]], base: BaseArm) -> list[Point]:
    """All arms, and what fewer samples of the longest curves would have given; but none of the base arm's own.

    Chosen by bins that it made itself, those would flatter.
    """
    return [point for point in choosable(curves) if point.arm.id != base.arm.id]


def _chosen(
    offered: Sequence[Point], curves: Sequence[tuple[Point, ...]], base: BaseArm
) -> tuple[tuple[Choices, ...], str | None]:
    """Nothing and the reason where the choice cannot be made."""
    if not offered:
        return (), "there is no other arm on the base arm's model to choose from"
    try:
        made = choices(offered, curves, base.bins, base.cost_P)
    except ValueError as error:
        return (), str(error)
    return made, None if made else (
        f"no budget of {base.axis.label} pays for an arm with a result in both halves of every bin; wait for more "
        "results, ask for fewer bins, or count costs otherwise"
    )


def choices(
    offered: Sequence[Point], curves: Sequence[tuple[Point, ...]], bins: DifficultyBins, binning_cost_P: Floats
) -> tuple[Choices, ...]:
    """By budget, smallest first. Raises ValueError where a bin is too small for halves."""
    trials = trials_of(offered)
    by_budget = {each.budget: each for each in compute_optimal(trials, bins, binning_cost_P)}
    made = []
    for simple in one_for_all(trials, bins, tuple(by_budget)):
        optimal = by_budget[simple.budget]
        alike = Rival(
            ONE_FOR_ALL, simple.accuracy, simple.cost, optimal.against(simple.correct_P, was_chosen=simple.is_choice)
        )
        made.append(Choices(optimal, simple, (alike, *_rivals(optimal, curves, bins))))
    return _adjusted(made)


def trials_of(offered: Sequence[Point]) -> Trials:
    correct_PS, cost_PS = (
        np.column_stack(each) for each in zip(*((it.value_P, it.cost_P) for it in offered), strict=True)
    )
    return Trials(tuple(each.label for each in offered), correct_PS, cost_PS)


def _rivals(optimal: ComputeOptimal, curves: Sequence[tuple[Point, ...]], bins: DifficultyBins) -> Iterator[Rival]:
    """Costs are looked at over the problems that are in a bin, which is where the choice is measured."""
    for curve in curves:
        binned = [each.on(bins.bin_P >= 0) for each in curve]
        if within := [each for each in binned if each.cost <= paid_by(optimal.budget)]:
            dearest = max(within, key=lambda each: each.cost)
            yield Rival(dearest.label, dearest.value, dearest.cost, optimal.against(dearest.value_P))


def _adjusted(made: Sequence[Choices]) -> tuple[Choices, ...]:
    results = iter(together([rival.difference for choice in made for rival in choice.over]))
    return tuple(replace(it, over=tuple(replace(each, difference=next(results)) for each in it.over)) for it in made)


def _over_words(rival: Rival) -> str:
    return f"{rival.label} ({percent(rival.value)} at {amount(rival.cost)})" if rival.value.n else rival.label


def _clear_words(difference: PairedDifference) -> str:
    return "" if difference.p_value is None else "clear" if difference.is_clear else "unclear"


RIVAL: Columns[Rival] = (
    Column("label", lambda it: it.label, "over", show=_over_words, of=lambda it: it, has_arms=True),
    Column("value", lambda it: it.value.value),
    Column("cost", lambda it: it.cost),
    *estimate(
        "difference", lambda it: it.difference.difference, "points", "the choice by difficulty minus it",
        show=points, interval=points_interval,
    ),
    Column("p_value", lambda it: it.difference.p_value, "p", "exact, two-sided, of this pair alone", p_shown),
    Column(
        "adjusted_p_value", lambda it: it.difference.adjusted_p_value, "adjusted", "Holm's p for all rows together",
        p_shown,
    ),
    Column("clear", lambda it: it.difference.is_clear, "", "", _clear_words, lambda it: it.difference),
    Column("warning", lambda it: it.difference.warning),
)  # fmt: skip


def _columns(axis: Axis) -> Columns[Choices]:
    """`ceiling` is the best point per bin chosen and measured on the same problems: it flatters.

    Costs are means per problem of what was chosen. `choices` has two labels a bin, one for each half.
    """
    return (
        Column("budget", lambda it: it.optimal.budget, "budget", show=budget_shown),
        in_one("accuracy", lambda it: it.optimal.accuracy, "by difficulty", "", rounded_accuracy),
        Column("n", lambda it: it.optimal.accuracy.n, "n", "problems with a result", is_kept=False),
        Column("ceiling", lambda it: it.optimal.ceiling, "ceiling", "measured where chosen: it flatters", percent),
        Column("cost", lambda it: it.optimal.cost, f"cost, {axis.unit}", "a problem's mean", amount),
        Column("cost_with_binning", lambda it: it.optimal.cost_with_binning, "with binning", show=amount),
        Column("choices", lambda it: it.optimal.choices),
    )  # fmt: skip


def worth_table(found: Choosing) -> Table[tuple[Choices, Rival]]:
    """The choice within each budget, and what it is worth over one for all problems."""
    pairs: Columns[tuple[Choices, Rival]] = (
        *lifted("", _columns(found.base.axis), lambda pair: pair[0]),
        *lifted("", RIVAL, lambda pair: pair[1]),
    )
    own = ("budget", "accuracy", "n", "cost", "cost_with_binning", "ceiling")
    against = ("label", "difference", "ci_low", "p_value", "adjusted_p_value", "clear")
    rows = [(made, rival) for made in found.choices for rival in made.over]
    return Table(pairs, rows, order=(*own, *against), once=len(own))


def choices_table(found: Choosing) -> Table[Choices]:
    """Which point each bin has within each budget; both, where its two halves chose apart."""

    def in_bin(at: int, title: str) -> Column[Choices]:
        return Column(title, lambda it: it.optimal.choices[at], title, show=_either, has_arms=True)

    bins = (in_bin(at, title) for at, title in enumerate(found.base.bin_titles))
    simple: Column[Choices] = Column(
        ONE_FOR_ALL, lambda it: it.one_for_all.choices[0], ONE_FOR_ALL, show=_either, has_arms=True
    )
    return Table((_columns(found.base.axis)[0], *bins, simple), found.choices)


def _either(halves: tuple[str, str]) -> str:
    return " / ".join(dict.fromkeys(halves))


def _shares(found: Choosing) -> Iterator[Share]:
    """What fewer candidates would have given; then, by budget, the choice and one for all, on the same problems."""
    for point in (each for curve in found.curves for each in curve if each.k is not None):
        yield Share(point.label, point.value, cost=point.cost)
    for made in found.choices:
        optimal, simple = made.optimal, made.one_for_all
        alone = Estimate(simple.accuracy.value, np.nan, np.nan, optimal.accuracy.n)
        yield Share(OPTIMAL, optimal.accuracy, None, optimal.budget, optimal.cost, optimal.cost_with_binning)
        yield Share(ONE_FOR_ALL, alone, None, optimal.budget, simple.cost)


def _notes(found: Choosing) -> Iterator[str]:
    if any(each.optimal.cost > each.optimal.budget for each in found.choices):
        yield (
            "Costs are what was spent: a setting is chosen within the budget on one half of a bin, and may by chance "
            "spend more on the other, which it is measured on."
        )
    if found.unchosen is not None:
        yield f"No choice by difficulty: {found.unchosen}."
    yield from found.cost_notes


def table(found: Choosing) -> Table[Choices]:
    against: Columns[Choices] = (
        Column("one_for_all", lambda it: {**record(RIVAL, it.over[0]), "choice": it.one_for_all.choices[0]}),
        Column("against", lambda it: [record(RIVAL, rival) for rival in it.over[1:]]),
    )
    return Table(
        (*_columns(found.base.axis), *against),
        found.choices,
        tuple(_notes(found)),
        long=Table(SHARES, tuple(_shares(found))),
        people=(worth_table(found), choices_table(found)) if found.choices else (),
    )


def csv(arms: Difficulty, found: Choosing) -> str:
    """Every number of both, by the same bins."""
    return csv_text([*DIFFICULTY.table(arms).flat, *table(found).flat])


CHOOSING = Question("choosing", "What is choosing by difficulty worth?", by_bins(choosing), table)
