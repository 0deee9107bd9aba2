"""Two curves at one budget, interpolated: sweeps of arms, or what fewer samples of a vote or a best of N would have
given. What was reached within the budget, without interpolating, is in `within`."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from db.queries import Arm
from results.cost_notes import remedy
from results.errors import NoResultsError
from results.lines import Line, line_through
from results.measurements import Measurements, shape_over
from results.settings import Setting, lines_of
from results.wording import amount, budget_shown, percent, points, points_interval
from scaling.compute.axes import Axis
from scaling.statistics import equal_compute
from scaling.statistics.equal_compute import CostedCurve, EqualCompute, common_range


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """A line's settings, fewest samples or smallest number first, over the problems in common."""

    line: Line
    settings: tuple[Setting, ...]

    @property
    def curve(self) -> CostedCurve:
        costs, rights = ([each.cost_P for each in self.settings], [each.correct_P for each in self.settings])
        return CostedCurve(np.column_stack(costs), np.column_stack(rights))


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """Two lines on one axis, over the problems that every setting of both has a result and a known cost for."""

    axis: Axis
    first: Side
    second: Side

    @property
    def budgets(self) -> tuple[float, float] | None:
        """From where to where both lines reach; None: nowhere."""
        return common_range(self.first.curve, self.second.curve)

    @property
    def worth_asking(self) -> tuple[float, float]:
        """From where both lines have a setting to where nothing dearer was run: what is reached within a budget changes
        there."""
        first, second = self.first.curve.range, self.second.curve.range
        return max(first[0], second[0]), max(first[1], second[1])

    @property
    def reach(self) -> str:
        """In words."""
        return " and ".join(
            f"{side.line.name} goes from {amount(side.curve.range[0])} to {amount(side.curve.range[1])}"
            for side in (self.first, self.second)
        )

    def require(self, budget: float) -> None:
        """Nothing is extrapolated: NoResultsError where a line does not reach."""
        both = self.budgets
        if both is None or not (both[0] <= budget <= both[1] or np.isclose(budget, both).any()):
            remedy = "they have no budget in common" if both is None else f"give {amount(both[0])} to {amount(both[1])}"
            raise NoResultsError(f"at {amount(budget)} {self.axis.unit} a problem: {self.reach}; {remedy}")

    def at(self, budget: float) -> EqualCompute:
        """Raises NoResultsError."""
        self.require(budget)
        return equal_compute.at_equal_compute(self.first.curve, self.second.curve, budget)


def lines_through(measurements: Measurements, first: Arm, second: Arm, axis: Axis) -> Sides:
    """The lines through two arms. NoResultsError where there are no two, or where they have no problem in common."""
    arms = [each.arm for each in measurements.samples]
    lines = line_through(arms, first, second), line_through(arms, second, first)
    sides = [Side(line, settings_of(measurements, line, axis)) for line in lines]
    is_common_P = np.all([setting.is_known_P for side in sides for setting in side.settings], axis=0)
    if not is_common_P.any():
        raise NoResultsError(
            f"no problem has a result and a known cost in {axis.label} under every setting of {lines[0].name} and "
            f"{lines[1].name}; {remedy(measurements, axis, {*lines[0].arms, *lines[1].arms})}"
        )
    return Sides(axis, *(Side(side.line, tuple(on(is_common_P, each) for each in side.settings)) for side in sides))


def settings_of(measurements: Measurements, line: Line, axis: Axis) -> tuple[Setting, ...]:
    """Of an arm alone, also k of its candidates; but for those whose cost is known for no problem."""
    samples = {each.arm.id: each for each in measurements.samples}
    lines = lines_of(measurements, [samples[arm_id] for arm_id in line.arms], axis, shape_over(measurements.samples))
    settings = lines[0] if len(lines) == 1 else tuple(each[-1] for each in lines)
    return tuple([each for each in settings if each.is_known_P.any()] or settings)


def on(is_common_P: NDArray[np.bool_], setting: Setting) -> Setting:
    return replace(setting, correct_P=setting.correct_P[is_common_P], cost_P=setting.cost_P[is_common_P])


def at_budget_words(sides: Sides, found: EqualCompute) -> str:
    """Both curves and their difference at one budget."""
    return (
        f"Interpolated at {budget_shown(found.budget)} {sides.axis.unit} a problem ({sides.axis.label}), "
        f"{sides.first.line.name}: {percent(found.first)}; {sides.second.line.name}: {percent(found.second)}; "
        f"{points(found.difference)} points ({points_interval(found.difference)}), n = {found.difference.n}."
    )
