"""Which curve goes through an arm: what it is compared along at equal compute."""

from collections.abc import Sequence
from dataclasses import dataclass

from db.queries import Arm
from db.results.errors import NoResultsError
from scaling.lines import Setting, Sweep, sweeps


@dataclass(frozen=True, slots=True)
class Line:
    """A curve by what it is called, and the ids of its arms. One majority vote alone is the curve of its votes of k."""

    name: str
    arms: tuple[int, ...]


def sweeps_of(arms: Sequence[Arm]) -> tuple[Sweep, ...]:
    """The lines that these arms make, by their position here."""
    return sweeps([Setting(arm.model, arm.strategy, arm.params) for arm in arms])


def line_through(arms: Sequence[Arm], arm: Arm, other: Arm) -> Line:
    """The longest sweep through one arm and not the other. NoResultsError where they are settings of one sweep."""
    through = [[arms[number] for number in sweep.arms] for sweep in sweeps_of(arms)]
    apart = [line for line in through if arm in line and other not in line]
    if not apart:
        raise NoResultsError(
            f"{arm.label!r} and {other.label!r} are settings of one sweep, which has one accuracy at a budget; "
            "compare arms of two sweeps at equal compute"
        )
    longest = max(apart, key=len)
    name = arm.label if len(longest) == 1 else f"the sweep of {len(longest)} from {longest[0].label}"
    return Line(name, tuple(each.id for each in longest))
