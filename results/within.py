"""The best that two families of settings reached within a budget, paired by problem.

A family is an arm with all that differ from it in numbers only, and what fewer of their candidates would have given.
Its best setting is chosen two-fold: on one half of the problems, at a mean cost there that the budget pays for, and
measured on the other half, and the other way round (`compute_optimal`). Choosing and measuring on the same problems
would praise the family that tried most settings. Nothing is interpolated, and families need no budget at which both
have a setting: one that reached its best for less has it still.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from db.queries import Arm
from results.choosing import trials_of
from results.columns import Column, Columns, Table, estimate, record
from results.equal_compute import curves_through
from results.errors import NoResultsError
from results.measured.cost_notes import remedy
from results.measured.curves import choosable, curves
from results.measured.families import Family, family_of
from results.measured.measurements import Measurements, two_arms
from results.measured.point import Point
from results.questions import Question
from results.wording import amount, budget_shown, percent, points, points_interval
from scaling.compute.axes import Axis
from scaling.statistics.comparisons import PairedDifference, p_shown
from scaling.statistics.compute_optimal import ComputeOptimal, one_for_all
from scaling.statistics.difficulty import DifficultyBins
from scaling.statistics.estimates import Estimate


@dataclass(frozen=True, slots=True, eq=False)
class Reached:
    """A family's best within the budget. `settings` are those chosen, easiest bin first, each once; `cost` is the mean
    of what was spent, which may by chance be more than the budget (see `compute_optimal`)."""

    name: str
    best: ComputeOptimal

    @property
    def settings(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(label for halves in self.best.choices for label in halves))

    @property
    def accuracy(self) -> Estimate:
        return self.best.accuracy

    @property
    def cost(self) -> float:
        return self.best.cost

    @property
    def envelope(self) -> float:
        """The highest accuracy of a setting within the budget, chosen and measured on the same problems: it flatters a
        family the more, the more settings it has."""
        return self.best.ceiling


@dataclass(frozen=True, slots=True, eq=False)
class Within:
    """`budget` is a mean per problem; `difference` is the second family minus the first."""

    axis: Axis
    budget: float
    first: Reached
    second: Reached

    @property
    def difference(self) -> PairedDifference:
        return self.second.best.against(self.first.best.correct_P, was_chosen=self.first.best.is_choice)


def within_budget(measurements: Measurements, first: Arm, second: Arm, axis: Axis, budget: float) -> Within:
    """Over the problems that every setting of both families has a result and a known cost for.

    NoResultsError where two arms are settings of one sweep, where a family has nothing for so little, and where there
    are less than two such problems.
    """
    arms = [each.arm for each in measurements.samples]
    families = family_of(arms, first, second), family_of(arms, second, first)
    offered = [_points_of(measurements, family, axis) for family in families]
    is_common_P = np.all([each.is_known_P for its in offered for each in its], axis=0)
    if is_common_P.sum() < 2:
        raise NoResultsError(
            f"{is_common_P.sum()} problems have a result and a known cost in {axis.label} under every setting of "
            f"{families[0].name} and {families[1].name}, and choosing two-fold needs 2; "
            f"{remedy(measurements, axis, {*families[0].arms, *families[1].arms})}"
        )
    bins = DifficultyBins(np.where(is_common_P, 0, -1).astype(np.intp), num_bins=1)
    reached = [_best_of(*each, bins, axis, budget) for each in zip(families, offered, strict=True)]
    return Within(axis, budget, *reached)


def _points_of(measurements: Measurements, family: Family, axis: Axis) -> list[Point]:
    """But for those whose cost is known for no problem, if there are others."""
    samples = [each for each in measurements.samples if each.arm.id in family.arms]
    offered = choosable(curves(measurements, samples, axis))
    return [each for each in offered if each.is_known_P.any()] or offered


def _best_of(family: Family, offered: Sequence[Point], bins: DifficultyBins, axis: Axis, budget: float) -> Reached:
    found = one_for_all(trials_of(offered), bins, [budget])
    if not found:
        costs = [each.on(bins.bin_P >= 0).cost for each in offered]
        raise NoResultsError(
            f"{family.name} reached nothing within {amount(budget)} {axis.unit} a problem; its cheapest setting took "
            f"{amount(min(costs))}"
        )
    return Reached(family.name, found[0])


REACHED: Columns[Reached] = (
    Column("family", lambda it: it.name, "family"),
    Column("settings", lambda it: it.settings, "settings", "two where the halves of the problems chose apart"),
    *estimate("accuracy", lambda it: it.accuracy, "accuracy"),
    Column("cost", lambda it: it.cost, "cost", "mean per problem that was spent", budget_shown),
    Column("envelope", lambda it: it.envelope, "flattered", "the best, chosen and measured on the same", percent),
)
WITHIN: Columns[Within] = (
    Column("axis", lambda it: it.axis.label),
    Column("unit", lambda it: it.axis.unit),
    Column("budget", lambda it: it.budget, "budget", "mean per problem", budget_shown),
    Column("n", lambda it: it.difference.common_problems, "n"),
    Column("first", lambda it: record(REACHED, it.first)),
    Column("second", lambda it: record(REACHED, it.second)),
    *estimate(
        "difference", lambda it: it.difference.difference, "points", "second minus first", show=points,
        interval=points_interval,
    ),
    Column("p_value", lambda it: it.difference.p_value, "p", show=p_shown),
)  # fmt: skip


def within_words(within: Within) -> str:
    """What each family reached by then, and their difference."""
    sides = "; ".join(
        f"{side.name}: {percent(side.accuracy)} for {budget_shown(side.cost)} ({' / '.join(side.settings)}; "
        f"{side.envelope:.1%} if chosen and measured on the same)"
        for side in (within.first, within.second)
    )
    paired = within.difference
    return (
        f"Best within {budget_shown(within.budget)} {within.axis.unit} a problem ({within.axis.label}), chosen on one "
        f"half of the problems and measured on the other: {sides}; {points(paired.difference)} points "
        f"({points_interval(paired.difference)}), n = {paired.common_problems}."
    )


def _ask(
    measurements: Measurements,
    first: str = "1",
    second: str | None = None,
    axis: Axis = Axis.GENERATED_BY_ALL,
    budget: float | None = None,
) -> Within:
    """The families of two arms, by label or number; unless told, of the first and the last, within a middling budget.

    Raises UnknownArmError and NoResultsError.
    """
    arms = two_arms(measurements, first, second)
    if budget is None:
        budget = curves_through(measurements, *arms, axis).middle
    return within_budget(measurements, *arms, axis, budget)


def _table(within: Within) -> Table[Within]:
    return Table(WITHIN, [within], (within_words(within),))


WITHIN_BUDGET = Question("within-budget", "The best of two families within a budget", _ask, _table)
