"""Arms side by side, paired by problem, with the jobs behind every difference."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from db import queries
from db.queries import ArmSamples
from results.measurements import Measurements, correct_PR, labelled, shape_over, spread
from scaling.arrays import Booleans, Integers
from scaling.statistics import comparisons
from scaling.statistics.comparisons import Agreement, Cell, PairedDifference, together


@dataclass(frozen=True, slots=True)
class Flip:
    """A problem whose answer is right under one arm only, with the job of each; `problem` is its position."""

    problem: int
    repeat: int
    first_job: int
    second_job: int


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """The problems and repeats that both arms have a result for, with the job of each arm, in order.

    The suffix Q names the axis. `problem_Q` are positions.
    """

    problem_Q: Integers
    repeat_Q: Integers
    first_job_Q: Integers
    second_job_Q: Integers
    first_is_right_Q: Booleans
    second_is_right_Q: Booleans

    def inside(self, cell: Cell) -> "Pairs":
        """Those that stand in this cell."""
        is_in_Q = (self.first_is_right_Q == cell.first_is_right) & (self.second_is_right_Q == cell.second_is_right)
        return Pairs(*(getattr(self, field.name)[is_in_Q] for field in fields(self)))

    @property
    def flips(self) -> tuple[Flip, ...]:
        columns = (self.problem_Q, self.repeat_Q, self.first_job_Q, self.second_job_Q)
        return tuple(Flip(*row) for row in zip(*(column.tolist() for column in columns), strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """`result.difference` is the accuracy of `second` minus that of `first`, paired by problem.

    `pairs` are the jobs behind it, and `agreement` how many of them agree.
    """

    first: queries.Arm
    second: queries.Arm
    result: PairedDifference
    agreement: Agreement
    pairs: Pairs

    @property
    def lost(self) -> tuple[Flip, ...]:
        """Right under the first only."""
        return self.pairs.inside(Cell.LOST).flips

    @property
    def gained(self) -> tuple[Flip, ...]:
        """Right under the second only."""
        return self.pairs.inside(Cell.GAINED).flips


def paired(measurements: Measurements, first: str, second: str) -> Comparison:
    """Two arms by label or number: the accuracy of the second minus that of the first. Raises UnknownArmError."""
    return compare(labelled(measurements.samples, first), labelled(measurements.samples, second))


def against(measurements: Measurements, baseline: str, arms: Collection[int] | None = None) -> tuple[Comparison, ...]:
    """Every other arm, or those of `arms` by id, minus one, by label or number; adjusted for their number.

    Raises UnknownArmError.
    """
    first = labelled(measurements.samples, baseline)
    others = [each for each in measurements.samples if each is not first and (arms is None or each.arm.id in arms)]
    return adjusted([compare(first, second) for second in others])


def adjusted(made_at_once: Sequence[Comparison]) -> tuple[Comparison, ...]:
    """Clear is then what is clear among all of them."""
    results = together([each.result for each in made_at_once])
    return tuple(replace(each, result=result) for each, result in zip(made_at_once, results, strict=True))


def compare(first: ArmSamples, second: ArmSamples) -> Comparison:
    """Over the problems that both have a result for."""
    shape = shape_over([first, second])
    first_PR, second_PR = correct_PR(first, shape), correct_PR(second, shape)
    return Comparison(
        first=first.arm,
        second=second.arm,
        result=comparisons.paired_difference(first_PR, second_PR),
        agreement=comparisons.agreement(first_PR, second_PR),
        pairs=pairs_of(first, second, shape),
    )


def pairs_of(first: ArmSamples, second: ArmSamples, shape: tuple[int, int]) -> Pairs:
    is_pair_PR = ~np.isnan(correct_PR(first, shape)) & ~np.isnan(correct_PR(second, shape))
    problem_Q, repeat_Q = np.nonzero(is_pair_PR)
    first_job_PR, second_job_PR = (spread(each, each.job_id_J, shape) for each in (first, second))
    return Pairs(
        problem_Q=problem_Q,
        repeat_Q=repeat_Q,
        first_job_Q=first_job_PR[is_pair_PR].astype(np.int64),
        second_job_Q=second_job_PR[is_pair_PR].astype(np.int64),
        first_is_right_Q=correct_PR(first, shape)[is_pair_PR] > 0,
        second_is_right_Q=correct_PR(second, shape)[is_pair_PR] > 0,
    )
