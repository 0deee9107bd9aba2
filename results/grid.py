"""Jobs in their place among problems × repeats, as the statistics take them. NaN: no result."""

from collections.abc import Sequence

import numpy as np

from db.queries import ArmSamples
from scaling.statistics.intervals import Floats


def shape_over(samples: Sequence[ArmSamples]) -> tuple[int, int]:
    """Problems × repeats that hold every job with a result or a failure."""
    problems = [each.problem_J.max(initial=-1) for each in samples]
    repeats = [each.repeat_J.max(initial=0) for each in samples]
    failed = [cell for each in samples for cell in each.failed]
    return (
        int(max([*problems, *(problem for problem, _ in failed)], default=-1)) + 1,
        int(max([*repeats, *(repeat for _, repeat in failed)], default=0)) + 1,
    )


def correct_PR(samples: ArmSamples, shape: tuple[int, int]) -> Floats:
    return spread(samples, samples.correct_J, shape)


def spread(samples: ArmSamples, values_J: np.ndarray, shape: tuple[int, int]) -> Floats:
    """One value per job, in its place among problems × repeats."""
    values_PR = np.full(shape, np.nan)
    values_PR[samples.problem_J, samples.repeat_J] = values_J
    return values_PR
