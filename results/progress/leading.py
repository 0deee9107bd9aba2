"""Which arm of an experiment leads, with its interval: the estimate of the table of arms, from three numbers an arm.

Of several that are as good it is the first. It is the best of many, and so not as good as it looks: what is to be
believed of it says the experiment's own page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from db.queries import Arm, ArmScore
from results.words.arm_names import arm_names
from scaling.statistics.estimates import Estimate, share_of


@dataclass(frozen=True, slots=True)
class Leading:
    arm: Arm
    name: str
    """By what parts it from the others."""
    accuracy: Estimate


def leading(scores: Sequence[ArmScore]) -> Leading | None:
    """None: no job has succeeded."""
    known = [(each, each.mean) for each in scores if each.mean is not None]
    if not known:
        return None
    best, mean = max(known, key=lambda each: each[1])
    name = arm_names([each.arm for each in scores])[best.arm.label]
    return Leading(best.arm, name, share_of(best.n, mean, best.variance))
