"""Which arms belong together: what an arm is compared along at equal compute, and within a budget."""

from collections.abc import Sequence
from dataclasses import dataclass

from db.queries import Arm
from results.errors import NoResultsError
from scaling.statistics.sweeps import is_amount, sweeps


@dataclass(frozen=True, slots=True)
class Family:
    """By what it is called, and the ids of its arms. One vote or best of N alone is the curve of its k of N."""

    name: str
    arms: tuple[int, ...]


def sweep_through(arms: Sequence[Arm], arm: Arm, other: Arm) -> Family:
    """The longest sweep through one arm and not the other. NoResultsError where they are settings of one sweep."""
    through = [[arms[number] for number in sweep.arms] for sweep in sweeps(arms)]
    apart = [sweep for sweep in through if arm in sweep and other not in sweep]
    if not apart:
        raise NoResultsError(
            f"{arm.label!r} and {other.label!r} are settings of one sweep, which has one accuracy at a budget; "
            "compare arms of two sweeps at equal compute"
        )
    longest = max(apart, key=len)
    name = arm.label if len(longest) == 1 else f"the sweep of {len(longest)} from {longest[0].label}"
    return Family(name, tuple(each.id for each in longest))


def family_of(arms: Sequence[Arm], arm: Arm, other: Arm) -> Family:
    """The arms that differ from this one in numbers only; where the other is one of them, the sweep without it."""
    akin = [each for each in arms if _kind_of(each) == _kind_of(arm)]
    if other in akin:
        return sweep_through(arms, arm, other)
    name = arm.label if len(akin) == 1 else f"the {len(akin)} arms like {arm.label}"
    return Family(name, tuple(each.id for each in akin))


def _kind_of(arm: Arm) -> tuple[object, ...]:
    """All of it but its numbers."""
    params = sorted((name, None if is_amount(name, value) else repr(value)) for name, value in arm.params.items())
    return (arm.model, arm.strategy, *params)
