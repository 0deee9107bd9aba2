"""Two curves at one budget, interpolated: sweeps of arms, or what fewer samples of a vote or a best of N would have
given. What was reached within the budget, without interpolating, is in `within`."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from db.queries import Arm
from results.columns import Column, Columns, Table, estimate
from results.errors import NoResultsError
from results.measured.cost_notes import axis_notes, remedy
from results.measured.curves import curves
from results.measured.families import Family, sweep_through
from results.measured.measurements import Measurements, two_arms
from results.measured.point import Point
from results.questions import Question
from results.wording import amount, budget_shown, percent, points, points_interval
from scaling.compute.axes import Axis
from scaling.statistics import equal_compute
from scaling.statistics.equal_compute import CostedCurve, EqualCompute, Resampled, common_range


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """A family's curve, fewest samples or smallest number first; nothing is known but of the problems in common."""

    family: Family
    points: tuple[Point, ...]

    @property
    def num_problems(self) -> int:
        return int(self.points[0].is_known_P.sum())

    @property
    def curve(self) -> CostedCurve:
        is_common_P = self.points[0].is_known_P
        cost_PS, value_PS = (
            np.column_stack(each_P) for each_P in zip(*((it.cost_P, it.value_P) for it in self.points), strict=True)
        )
        return CostedCurve(cost_PS[is_common_P], value_PS[is_common_P])


@dataclass(frozen=True, eq=False)
class Sides:
    """Two curves on one axis, over the problems that every setting of both has a result and a known cost for.

    `notes` are what the costs on this axis leave out.
    """

    axis: Axis
    first: Side
    second: Side
    notes: tuple[str, ...] = ()

    @property
    def budgets(self) -> tuple[float, float] | None:
        """From where to where both curves reach; None: nowhere."""
        return common_range(self.first.curve, self.second.curve)

    @property
    def worth_asking(self) -> tuple[float, float]:
        """From where both curves have a setting to where nothing dearer was run: there what is reached changes."""
        first, second = self.first.curve.range, self.second.curve.range
        return max(first[0], second[0]), max(first[1], second[1])

    @property
    def middle(self) -> float:
        """A budget that is likely to be asked for: halfway on a logarithmic scale, where both reach if they do."""
        low, high = self.budgets if self.budgets and self.budgets[0] < self.budgets[1] else self.worth_asking
        return math.sqrt(low * high) if low > 0 else (low + high) / 2

    @cached_property
    def resampled(self) -> Resampled:
        """Draws resamples."""
        return equal_compute.resampled(self.first.curve, self.second.curve)

    @cached_property
    def along(self) -> tuple[EqualCompute, ...]:
        """At budgets from where to where both curves reach."""
        return () if self.budgets is None else self.resampled.along()

    @property
    def reach(self) -> str:
        """In words."""
        return " and ".join(
            f"{side.family.name} goes from {amount(side.curve.range[0])} to {amount(side.curve.range[1])}"
            for side in (self.first, self.second)
        )

    def require(self, budget: float) -> None:
        """Nothing is extrapolated: NoResultsError where a curve does not reach."""
        both = self.budgets
        if both is None or not (both[0] <= budget <= both[1] or np.isclose(budget, both).any()):
            remedy = "they have no budget in common" if both is None else f"give {amount(both[0])} to {amount(both[1])}"
            raise NoResultsError(f"at {amount(budget)} {self.axis.unit} a problem: {self.reach}; {remedy}")

    def at(self, budget: float) -> EqualCompute:
        """Raises NoResultsError."""
        self.require(budget)
        return equal_compute.at_equal_compute(self.first.curve, self.second.curve, budget)


def curves_through(measurements: Measurements, first: Arm, second: Arm, axis: Axis) -> Sides:
    """The curves through two arms. NoResultsError where there are no two, or where they have no problem in common."""
    arms = [each.arm for each in measurements.samples]
    families = sweep_through(arms, first, second), sweep_through(arms, second, first)
    first_points, second_points = (_points_along(measurements, family, axis) for family in families)
    is_common_P = np.all([each.is_known_P for each in (*first_points, *second_points)], axis=0)
    if not is_common_P.any():
        raise NoResultsError(
            f"no problem has a result and a known cost in {axis.label} under every setting of {families[0].name} and "
            f"{families[1].name}; {remedy(measurements, axis, {*families[0].arms, *families[1].arms})}"
        )
    notes = axis_notes(measurements, axis, of_fewer=True, arms=(first.id, second.id))
    on_common = [tuple(each.on(is_common_P) for each in points) for points in (first_points, second_points)]
    return Sides(axis, Side(families[0], on_common[0]), Side(families[1], on_common[1]), notes)


def _points_along(measurements: Measurements, family: Family, axis: Axis) -> tuple[Point, ...]:
    """Of an arm alone, also k of its candidates; but for those whose cost is known for no problem."""
    samples = {each.arm.id: each for each in measurements.samples}
    found = curves(measurements, [samples[arm_id] for arm_id in family.arms], axis)
    points = found[0] if len(found) == 1 else tuple(each[-1] for each in found)
    return tuple([each for each in points if each.is_known_P.any()] or points)


@dataclass(frozen=True, slots=True, eq=False)
class Interpolated:
    """Two curves at one budget, the mean per problem, over the problems that every setting of both answered."""

    sides: Sides
    found: EqualCompute


INTERPOLATED: Columns[Interpolated] = (
    Column("axis", lambda it: it.sides.axis),
    Column("axis_label", lambda it: it.sides.axis.label),
    Column("unit", lambda it: it.sides.axis.unit),
    Column("budget", lambda it: it.found.budget, "budget", "mean per problem", show=budget_shown),
    Column("n", lambda it: it.found.difference.n, "n", "problems that every setting of both answered"),
    Column("first_curve", lambda it: it.sides.first.family.name, "first curve"),
    *estimate("first", lambda it: it.found.first, "first", ends=("first_low", "first_high")),
    Column("second_curve", lambda it: it.sides.second.family.name, "second curve"),
    *estimate("second", lambda it: it.found.second, "second", ends=("second_low", "second_high")),
    *estimate(
        "difference", lambda it: it.found.difference, "points", "second minus first",
        ends=("difference_low", "difference_high"), show=points, interval=points_interval,
    ),
)  # fmt: skip


def at_budget_words(sides: Sides, found: EqualCompute) -> str:
    """Both curves and their difference at one budget."""
    return (
        f"Interpolated at {budget_shown(found.budget)} {sides.axis.unit} a problem ({sides.axis.label}), "
        f"{sides.first.family.name}: {percent(found.first)}; {sides.second.family.name}: {percent(found.second)}; "
        f"{points(found.difference)} points ({points_interval(found.difference)}), n = {found.difference.n}."
    )


def _ask(
    measurements: Measurements, first: str = "1", second: str | None = None, axis: Axis = Axis.GENERATED_BY_ALL
) -> Sides:
    """The curves through two arms, by label or number; unless told, the first and the last.

    Raises UnknownArmError, and NoResultsError as `curves_through`.
    """
    return curves_through(measurements, *two_arms(measurements, first, second), axis)


def _table(sides: Sides) -> Table[Interpolated]:
    return interpolated_table(sides, sides.along)


def interpolated_table(sides: Sides, along: Sequence[EqualCompute]) -> Table[Interpolated]:
    """At these budgets."""
    missing = () if along else (f"Nothing to interpolate between: {sides.reach}.",)
    return Table(INTERPOLATED, [Interpolated(sides, each) for each in along], (*missing, *sides.notes))


EQUAL_COMPUTE = Question("equal-compute", "Two curves at equal compute, interpolated", _ask, _table)
