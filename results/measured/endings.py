"""What becomes of a thought that its limit cuts: a comparison of arms that differ in it compares that too."""

from collections.abc import Iterable

from db.queries import Arm
from results.measured.costs import strategy_of


def ending_note(arms: Iterable[Arm]) -> str | None:
    """What to say beside a plot or a table of these arms; None if cut thoughts end alike in all of them."""
    endings = {strategy_of(arm).ending for arm in arms} - {None}
    if len(endings) < 2:
        return None
    return (
        "Cut thoughts end in two ways here: some arms force an answer at the limit, as budget forcing does, others "
        "count the thought as truncated. Give them all the same `at_limit` to compare thinking alone."
    )
