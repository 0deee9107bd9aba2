"""What becomes of a thought that its limit cuts: a comparison of arms that differ in it compares that too."""

from collections.abc import Iterable

from pydantic import TypeAdapter, ValidationError

from db.queries import Arm
from scaling.endings import AtLimit
from scaling.strategies import AnyStrategy
from scaling.strategy import Strategy

STRATEGY: TypeAdapter[Strategy] = TypeAdapter(AnyStrategy)


def ending_note(arms: Iterable[Arm]) -> str | None:
    """What to say beside a plot or a table of these arms; None if cut thoughts end alike in all of them."""
    endings = {ending for arm in arms if (ending := ending_of(arm))}
    if len(endings) < 2:
        return None
    return (
        "Cut thoughts end in two ways here: some arms force an answer at the limit, as budget forcing does, others "
        "count the thought as truncated. Give them all the same `at_limit` to compare thinking alone."
    )


def ending_of(arm: Arm) -> AtLimit | None:
    """None: this version does not know the arm's strategy."""
    try:
        return STRATEGY.validate_python(arm.strategy_spec).ending
    except ValidationError:
        return None
