"""Two arms problem by problem: how right each is on it, and how easy it is for the experiment's other arms."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.queries import ArmSamples
from results.measurements import Measurements, correct_PR, labelled, shape_over
from scaling.arrays import Floats
from scaling.statistics.estimates import problem_means


@dataclass(frozen=True, slots=True, eq=False)
class SideBySide:
    """The problems that both arms have a result for, by `position_P`; each arm's share of repeats that are right.

    `others_P` is the mean of that share over the experiment's other arms, NaN where they have no result. The two arms
    are not in it, so that a flip does not make its own problem look hard or easy.
    """

    position_P: NDArray[np.int64]
    first_P: Floats
    second_P: Floats
    others_P: Floats

    @property
    def change_P(self) -> Floats:
        return self.second_P - self.first_P


def side_by_side(measurements: Measurements, first: str, second: str) -> SideBySide:
    """Two arms by label or number. Raises UnknownArmError."""
    samples = measurements.samples
    shape = shape_over(samples)
    pair = labelled(samples, first), labelled(samples, second)
    first_P, second_P = (problem_means(correct_PR(each, shape)) for each in pair)
    others_P = mean_of([each for each in samples if each not in pair], shape)
    (position_P,) = np.nonzero(~np.isnan(first_P) & ~np.isnan(second_P))
    return SideBySide(position_P, first_P[position_P], second_P[position_P], others_P[position_P])


def mean_of(arms: Sequence[ArmSamples], shape: tuple[int, int]) -> Floats:
    """Over arms, each problem's share of right repeats. Every arm counts the same."""
    if not arms:
        return np.full(shape[0], np.nan)
    return problem_means(np.column_stack([problem_means(correct_PR(each, shape)) for each in arms]))
