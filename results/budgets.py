"""How arms kept to the thinking tokens that they were given."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from db.queries import Arm, ArmSamples
from results.costs import requested_thinking
from results.measurements import shape_over, spread
from scaling.statistics.estimates import problem_means
from scaling.statistics.percentiles import Percentiles, percentiles


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """`requested` are the thinking tokens that a job was given; `over` of its `jobs` whose tokens are known took more.

    `problems` are the percentiles of what problems took, each the mean over its repeats.
    """

    arm: Arm
    requested: int
    problems: Percentiles
    jobs: int
    over: int


def budget_uses(samples: Sequence[ArmSamples]) -> tuple[BudgetUse, ...]:
    """Of the arms that were given a budget, in their order."""
    given = ((each, requested_thinking(each.arm)) for each in samples)
    return tuple(budget_use(each, requested) for each, requested in given if requested is not None)


def budget_use(samples: ArmSamples, requested: int) -> BudgetUse:
    tokens_PR = spread(samples, samples.thinking_tokens_J, shape_over([samples]))
    return BudgetUse(
        arm=samples.arm,
        requested=requested,
        problems=percentiles(problem_means(tokens_PR)),
        jobs=int((~np.isnan(samples.thinking_tokens_J)).sum()),
        over=int((samples.thinking_tokens_J > requested).sum()),
    )
