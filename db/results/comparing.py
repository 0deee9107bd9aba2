"""Arms side by side, paired by problem, with the jobs behind every difference."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Engine

from db import queries
from db.queries import ArmSamples
from db.results.finding import labelled
from db.results.grid import correct_PR, shape_over
from scaling import comparisons
from scaling.comparisons import PairedDifference


@dataclass(frozen=True, slots=True)
class Flip:
    """A problem whose answer is right under one arm only, with the job of each; `problem` is its position."""

    problem: int
    repeat: int
    first_job: int
    second_job: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """`result.difference` is the accuracy of `second` minus that of `first`, paired by problem.

    `lost` were right under the first only, `gained` under the second only. `adjusted_p_value` is Holm's over the
    comparisons that were made together; None: this one was made alone, or there was no test.
    """

    first: queries.Arm
    second: queries.Arm
    result: PairedDifference
    lost: tuple[Flip, ...]
    gained: tuple[Flip, ...]
    adjusted_p_value: float | None = None


def paired(database: Engine, experiment_id: int, first: str, second: str) -> Comparison:
    """Two arms by label or number: the accuracy of the second minus that of the first. Raises UnknownArmError."""
    samples = queries.arm_samples(database, experiment_id)
    return compare(labelled(samples, first), labelled(samples, second))


def against(database: Engine, experiment_id: int, baseline: str) -> tuple[Comparison, ...]:
    """Every other arm minus one, by label or number; p-values adjusted for their number. Raises UnknownArmError."""
    samples = queries.arm_samples(database, experiment_id)
    first = labelled(samples, baseline)
    return adjusted([compare(first, second) for second in samples if second is not first])


def adjusted(together: Sequence[Comparison]) -> tuple[Comparison, ...]:
    p_values = comparisons.holm([each.result.p_value for each in together])
    return tuple(replace(each, adjusted_p_value=p_value) for each, p_value in zip(together, p_values, strict=True))


def compare(first: ArmSamples, second: ArmSamples) -> Comparison:
    """Over the problems that both have a result for."""
    shape = shape_over([first, second])
    first_PR, second_PR = correct_PR(first, shape), correct_PR(second, shape)
    flips = comparisons.flips(first_PR, second_PR)
    jobs = job_ids(first), job_ids(second)
    return Comparison(
        first=first.arm,
        second=second.arm,
        result=comparisons.paired_difference(first_PR, second_PR),
        lost=tuple(flip(cell, *jobs) for cell in flips.lost),
        gained=tuple(flip(cell, *jobs) for cell in flips.gained),
    )


Cell = tuple[int, int]


def flip(cell: Cell, first_jobs: dict[Cell, int], second_jobs: dict[Cell, int]) -> Flip:
    return Flip(*cell, first_job=first_jobs[cell], second_job=second_jobs[cell])


def job_ids(samples: ArmSamples) -> dict[Cell, int]:
    """Of each problem and repeat with a result."""
    cells = zip(samples.problem_J.tolist(), samples.repeat_J.tolist(), strict=True)
    return dict(zip(cells, samples.job_id_J.tolist(), strict=True))
