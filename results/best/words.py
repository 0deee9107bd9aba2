"""What can be said of the best arm, in sentences. None claims more than is clear among all pairs of arms. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from results.best.ranking import Found, Rival
from results.measured.point import Point
from results.wording import accuracy, amount, budget_shown, percent
from scaling.compute.axes import Axis

MOST_NAMED = 3
CHEAP = 0.5
"""An arm that spends at most so much of what the best spends is worth a word."""
NOTHING = "No job has succeeded yet."


@dataclass(frozen=True, slots=True)
class BestWords:
    """`lead` says which arm is best; `rest` what can, and cannot, be said of it."""

    lead: str
    rest: tuple[str, ...]


def best_words(found: Found) -> BestWords:
    if found.best is None:
        return BestWords(NOTHING, ())
    return BestWords(_lead(found, found.best), tuple(_rest(found, found.best)))


def _lead(found: Found, best: Point) -> str:
    if not best.value.value:
        alone = f"{found.names[best.arm.label]} has solved no problem"
        said = alone if found.num_ranked == 1 else f"None of {found.num_ranked} arms has solved a problem"
        return f"{said}{' so far' if found.is_open else ''}."
    said = f"{found.names[best.arm.label]}, {accuracy(best.value)}{_at(best, found.axis)}."
    if found.num_ranked == 1:
        return f"So far: {said}" if found.is_open else said
    return f"{'So far the best' if found.is_open else 'Best'} of {found.num_ranked} arms: {said}"


def _at(point: Point, axis: Axis) -> str:
    """What it spent, in the axis' unit; nothing where that is not known."""
    if not point.cost_n:
        return ""
    return f" at {_cost(point, axis)} {_unit(axis)} a problem"


def _unit(axis: Axis) -> str:
    return axis.label if axis.unit in axis.label else f"{axis.unit} ({axis.label})"


def _rest(found: Found, best: Point) -> Iterator[str]:
    if best.jobs.failed:
        wrong, right = best.if_failed
        yield (
            f"{best.jobs.failed:,} of its jobs failed and are left out: had they all been wrong or all right, it would "
            f"be {percent(wrong)} or {percent(right)}."
        )
    if found.beaten:
        yield _beaten(found)
    if found.level and best.value.value:
        yield from _level(found, best)
    if unranked := len(found.arms) - found.num_ranked:
        yield f"{_arms(unranked)} {'has' if unranked == 1 else 'have'} too few results to be ranked."


def _beaten(found: Found) -> str:
    beaten, others = len(found.beaten), len(found.rivals)
    if others == 1:
        return f"That is clearly better than {found.names[found.beaten[0].point.arm.label]}."
    whom = f"all {others} others" if beaten == others else f"{beaten} of the {others} others"
    return f"Clearly better than {whom}, even among all {_pairs(found)} pairs of arms (Holm)."


def _pairs(found: Found) -> int:
    return found.num_ranked * (found.num_ranked - 1) // 2


def _level(found: Found, best: Point) -> Iterator[str]:
    """Which of them are not told apart, what that would take, and what chance adds to the best of them."""
    named = [_named(each, found) for each in found.level[:MOST_NAMED]]
    more = len(found.level) - len(named)
    listed = ", ".join([*named, *([f"{more} more"] if more else [])])
    yield f"Not told apart from {listed}: {_cannot_show(found, best)}."
    if needed := _closest_to_clear(found):
        yield needed
    if cheapest := _cheapest(found, best):
        yield cheapest
    if len(found.level) > 1:
        yield f"The best of {len(found.level) + 1} that are close is partly luck: expect less of it in another run."


def _cannot_show(found: Found, best: Point) -> str:
    if len(found.rivals) == 1:
        return f"{best.value.n:,} problems cannot show such a difference"
    return f"{best.value.n:,} problems cannot show such differences among {_pairs(found)} pairs of arms"


def _named(rival: Rival, found: Found) -> str:
    cost = f" at {_cost(rival.point, found.axis)}" if rival.point.cost_n else ""
    return f"{found.names[rival.point.arm.label]} ({percent(rival.point.value)}{cost})"


def _cost(point: Point, axis: Axis) -> str:
    shown = amount(point.cost) if axis.is_scientific or point.cost < 1 else budget_shown(round(point.cost, 1))
    return f"up to {shown}" if point.is_bound else shown


def _closest_to_clear(found: Found) -> str | None:
    """Of the differences that are not clear, the one that the fewest problems would show."""
    needs = [
        (each.result.problems_needed, each)
        for each in found.level
        if each.result is not None and each.result.problems_needed is not None and each.result.difference.value > 0
    ]
    if not needs:
        return None
    needed, rival = min(needs, key=lambda each: each[0] or 0)
    assert needed is not None and rival.result is not None
    if needed <= rival.result.common_problems:
        return None
    name = found.names[rival.point.arm.label]
    return f"If the difference to {name} is as large as it looks, about {needed:,} problems would show it."


def _cheapest(found: Found, best: Point) -> str | None:
    """Of those as good, as far as is known, one that spends much less."""
    known = [each.point for each in found.level if each.point.cost_n]
    cheapest = min(known, key=lambda each: each.cost, default=None)
    if cheapest is None or not best.cost_n or not 0 < cheapest.cost <= CHEAP * best.cost:
        return None
    return f"Of these {found.names[cheapest.arm.label]} spends least, {cheapest.cost / best.cost:.0%} of the best's."


def _arms(number: int) -> str:
    return f"{number} arm" if number == 1 else f"{number} arms"
