"""An arm by what people call it: its label, or its number."""

import difflib
from collections.abc import Sequence

from db.queries import Arm, ArmSamples
from results.errors import UnknownArmError

MOST_NEAR = 3


def find_arm(arms: Sequence[Arm], reference: str) -> Arm:
    """By its label, or its number from 1. UnknownArmError names the nearest labels, then all."""
    for number, arm in enumerate(arms, start=1):
        if reference in (arm.label, str(number)):
            return arm
    near = difflib.get_close_matches(reference, [arm.label for arm in arms], n=MOST_NEAR)
    hint = f"Did you mean {' or '.join(map(repr, near))}? " if near else ""
    listed = "\n".join(f"  {number}  {arm.label}" for number, arm in enumerate(arms, start=1)) or "  none yet"
    raise UnknownArmError(f"there is no arm {reference!r}. {hint}Give a label or a number:\n{listed}")


def labelled(samples: Sequence[ArmSamples], reference: str) -> ArmSamples:
    """The samples of an arm, by its label or number."""
    found = find_arm([each.arm for each in samples], reference)
    return next(each for each in samples if each.arm.id == found.id)
