"""Two curves at one budget: sweeps of arms, or the votes that fewer samples of one majority vote would have made."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from db import queries
from db.models import JsonObject
from db.queries import ArmSamples, ExperimentDetail, RollupColumns
from db.results.costs import cost_J
from db.results.errors import NoResultsError
from db.results.grid import correct_PR, shape_over, spread
from db.results.rollups import arm_rollups
from scaling import equal_compute
from scaling.compute import Axis
from scaling.equal_compute import CostedCurve, EqualCompute, common_range
from scaling.estimates import problem_means
from scaling.intervals import Floats

VOTE = "majority_vote"


@dataclass(frozen=True, slots=True)
class Line:
    """A curve by what it is called and the ids of its arms. One majority vote alone is the curve of its votes of k."""

    name: str
    arms: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Each problem's cost and accuracy at each setting of a curve; NaN where one is not known."""

    cost_PS: Floats
    correct_PS: Floats

    @property
    def is_known_P(self) -> NDArray[np.bool_]:
        return np.asarray(~np.isnan(self.cost_PS + self.correct_PS).any(axis=1))

    def on(self, is_common_P: NDArray[np.bool_]) -> CostedCurve:
        return CostedCurve(self.cost_PS[is_common_P], self.correct_PS[is_common_P])


def at_equal_compute(
    database: Engine, experiment: ExperimentDetail, first: Line, second: Line, axis: Axis, budget: float
) -> EqualCompute:
    """Over the problems that every setting of both has a result for. NoResultsError where a curve does not reach."""
    samples = {each.arm.id: each for each in queries.arm_samples(database, experiment.id)}
    shape = shape_over(list(samples.values()))

    def grid(line: Line) -> Grid:
        settings = [samples[arm_id] for arm_id in line.arms]
        if len(settings) > 1 or settings[0].arm.strategy != VOTE:
            return sweep_grid(settings, axis, experiment.models, shape)
        return vote_grid(settings[0], arm_rollups(database, settings[0]), axis, experiment.models, shape)

    grids = grid(first), grid(second)
    is_common_P = grids[0].is_known_P & grids[1].is_known_P
    if not is_common_P.any():
        raise NoResultsError(
            f"no problem has a result and a known cost in {axis.label} under every setting of {first.name} and "
            f"{second.name}; wait for more results, or take another axis"
        )
    curves = grids[0].on(is_common_P), grids[1].on(is_common_P)
    require_budget(budget, axis, (first, second), curves)
    return equal_compute.at_equal_compute(*curves, budget)


def require_budget(
    budget: float, axis: Axis, lines: tuple[Line, Line], curves: tuple[CostedCurve, CostedCurve]
) -> None:
    """Nothing is extrapolated."""
    both = common_range(*curves)
    if both is not None and (both[0] <= budget <= both[1] or np.isclose(budget, both).any()):
        return
    reached = " and ".join(
        f"{line.name} goes from {amount(curve.range[0])} to {amount(curve.range[1])}"
        for line, curve in zip(lines, curves, strict=True)
    )
    remedy = "they have no budget in common" if both is None else f"give {amount(both[0])} to {amount(both[1])}"
    raise NoResultsError(f"at {amount(budget)} {axis.unit} a problem: {reached}; {remedy}")


def amount(cost: float) -> str:
    return f"{cost:,.1f}" if cost < 1e7 else f"{cost:.4g}"


def sweep_grid(settings: Sequence[ArmSamples], axis: Axis, models: JsonObject | None, shape: tuple[int, int]) -> Grid:
    return Grid(
        cost_PS=columns([spread(each, cost_J(each, axis, models), shape) for each in settings]),
        correct_PS=columns([correct_PR(each, shape) for each in settings]),
    )


def vote_grid(
    samples: ArmSamples, rollups: RollupColumns, axis: Axis, models: JsonObject | None, shape: tuple[int, int]
) -> Grid:
    """k of a job's n independent chains cost k/n of what it did."""
    share_J = cost_J(samples, axis, models) / samples.num_candidates_J
    return Grid(
        cost_PS=columns([spread(samples, share_J * k, shape) for k in rollups.ks]),
        correct_PS=columns([spread(samples, right_J, shape) for right_J in rollups.maj_JK.T]),
    )


def columns(values_SPR: Sequence[Floats]) -> Floats:
    """Repeats averaged within their problem: problems × settings."""
    return np.column_stack([problem_means(values_PR) for values_PR in values_SPR])
