"""Two curves at one budget: sweeps of arms, or the votes that fewer samples of one majority vote would have made."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from db.models import JsonObject
from db.queries import Arm, ArmSamples, RollupColumns
from db.results.costs import cost_J, cost_of_k_J
from db.results.errors import NoResultsError
from db.results.grid import shape_over
from db.results.lines import Line, line_through
from db.results.measurements import Measurements
from db.results.settings import Setting, setting
from scaling import equal_compute
from scaling.axes import Axis
from scaling.equal_compute import CostedCurve, EqualCompute, common_range

VOTE = "majority_vote"


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
    is_common_P = np.all([is_known_P(setting) for side in sides for setting in side.settings], axis=0)
    if not is_common_P.any():
        raise NoResultsError(
            f"no problem has a result and a known cost in {axis.label} under every setting of {lines[0].name} and "
            f"{lines[1].name}; wait for more results, or take another axis"
        )
    return Sides(axis, *(Side(side.line, tuple(on(is_common_P, each) for each in side.settings)) for side in sides))


def settings_of(measurements: Measurements, line: Line, axis: Axis) -> tuple[Setting, ...]:
    samples = {each.arm.id: each for each in measurements.samples}
    of_line, shape = [samples[arm_id] for arm_id in line.arms], shape_over(measurements.samples)
    if len(of_line) == 1 and of_line[0].arm.strategy == VOTE:
        return votes(of_line[0], measurements.rollups(of_line[0]), axis, measurements.models, shape)
    return tuple(
        setting(each, None, each.correct_J, cost_J(each, axis, measurements.models), shape) for each in of_line
    )


def votes(
    samples: ArmSamples, rollups: RollupColumns, axis: Axis, models: JsonObject | None, shape: tuple[int, int]
) -> tuple[Setting, ...]:
    """k of a job's n independent chains, at what they cost. Those whose cost is not known are none."""
    made = [
        setting(samples, k, right_J, cost_of_k_J(samples, k, axis, models, rollups), shape)
        for k, right_J in zip(rollups.ks, rollups.maj_JK.T, strict=True)
    ]
    return tuple([each for each in made if is_known_P(each).any()] or made)


def is_known_P(setting: Setting) -> NDArray[np.bool_]:
    return ~np.isnan(setting.cost_P + setting.correct_P)


def on(is_common_P: NDArray[np.bool_], setting: Setting) -> Setting:
    return replace(setting, correct_P=setting.correct_P[is_common_P], cost_P=setting.cost_P[is_common_P])


def amount(cost: float) -> str:
    return f"{cost:,.1f}" if cost < 1e7 else f"{cost:.4g}"
