"""What a choice is made among: each arm as it ran, and what fewer candidates of a vote or a best of N would have given.

Those of one arm are its *line*, from one candidate to all: the majority and best-of-N curves of Snell et al.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from db.queries import Arm, ArmSamples
from results.costs import cost_J, cost_of_k_J, strategy_of
from results.measurements import Measurements, spread
from results.over_k import Metric, from_rollups
from scaling.answers.voting import MAJORITY, NAIVE, WEIGHTED
from scaling.arrays import Booleans, Floats
from scaling.compute.axes import Axis
from scaling.statistics.estimates import Estimate, problem_means, share
from scaling.statistics.lines import all_but
from scaling.strategy import Strategy


@dataclass(frozen=True, slots=True)
class SettingFigure:
    """A setting over all problems. `cost` is a mean over those where it is known; NaN if it is for none."""

    arm: Arm
    k: int | None
    label: str
    cost: float
    accuracy: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """An arm (`k` None), or k of its candidates. Means over a problem's repeats; NaN: no result, no known cost."""

    arm: Arm
    k: int | None
    correct_P: Floats
    cost_P: Floats

    @property
    def label(self) -> str:
        return self.arm.label if self.k is None else f"{self.arm.label}, k = {self.k}"

    @property
    def cost(self) -> float:
        known_P = self.cost_P[~np.isnan(self.cost_P)]
        return float(known_P.mean()) if known_P.size else float("nan")

    @property
    def is_known_P(self) -> Booleans:
        """Of which problems there is a result, and a known cost."""
        return ~np.isnan(self.cost_P + self.correct_P)

    def on(self, is_kept_P: Booleans) -> "Setting":
        """With nothing known of the other problems."""
        correct_P, cost_P = (np.where(is_kept_P, values_P, np.nan) for values_P in (self.correct_P, self.cost_P))
        return replace(self, correct_P=correct_P, cost_P=cost_P)

    @property
    def figure(self) -> SettingFigure:
        return SettingFigure(self.arm, self.k, self.label, self.cost, share(self.correct_P[:, None]))


def line(measurements: Measurements, samples: ArmSamples, axis: Axis, shape: tuple[int, int]) -> tuple[Setting, ...]:
    """The arm's settings, fewest candidates first, the arm as it ran last. Only that one where fewer mean nothing."""

    models = measurements.models
    own = setting(samples, None, samples.correct_J, cost_J(samples, axis, models), shape)
    metric = metric_of_fewer(strategy_of(samples.arm))
    if metric is None or not samples.job_id_J.size:
        return (own,)
    rollups = measurements.rollups(samples)
    values = from_rollups(samples, rollups, metric)
    fewer = [
        setting(samples, k, right_J, cost_of_k_J(samples, k, axis, models, rollups), shape)
        for k, right_J in zip(values.ks, np.clip(values.values_JK, 0.0, 1.0).T, strict=True)
        if k < samples.num_candidates_J.max()
    ]
    return (*fewer, own)


def setting(
    samples: ArmSamples, k: int | None, right_J: Floats | Booleans, costs_J: Floats, shape: tuple[int, int]
) -> Setting:
    correct_P, cost_P = (problem_means(spread(samples, values_J, shape)) for values_J in (right_J, costs_J))
    return Setting(samples.arm, k, correct_P, cost_P)


METRICS = {MAJORITY: Metric.MAJ, NAIVE: Metric.BEST, WEIGHTED: Metric.WEIGHTED}


def metric_of_fewer(strategy: Strategy) -> Metric | None:
    """How k candidates would have been chosen from; None where fewer mean nothing, or that way has no curve."""
    selection = strategy.selects_by
    return None if selection is None or strategy.fewer(1) is None else METRICS.get(selection)


def lines_of(
    measurements: Measurements, samples: Sequence[ArmSamples], axis: Axis, shape: tuple[int, int]
) -> tuple[tuple[Setting, ...], ...]:
    """A line for each of these arms."""
    return tuple(line(measurements, each, axis, shape) for each in samples)


def all_of(lines: Sequence[tuple[Setting, ...]]) -> list[Setting]:
    """Every arm, and what fewer samples of the longest lines would have given."""
    longest = {line[-1].arm.id for line in longest_lines(lines)}
    return [setting for line in lines for setting in (line if line[-1].arm.id in longest else line[-1:])]


def longest_lines(lines: Sequence[tuple[Setting, ...]]) -> tuple[tuple[Setting, ...], ...]:
    """Of the lines that differ in the number of samples only, the one that has most; arms that are no line are none."""
    chosen: dict[tuple[object, ...], tuple[Setting, ...]] = {}
    for each in sorted((each for each in lines if len(each) > 1), key=len):
        arm = each[-1].arm
        chosen[all_but(strategy_of(arm).draws_by, arm)] = each
    return tuple(chosen.values())
