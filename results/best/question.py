"""Which arm is best? The most accurate one, and each other one against it."""

from collections.abc import Iterator
from dataclasses import dataclass

from results.best.ranking import Found, found
from results.best.words import best_words
from results.columns import Column, Columns, Table, estimate
from results.measured.measurements import Measurements
from results.measured.point import Point
from results.questions import Question
from results.wording import amount, points, points_interval
from scaling.compute.axes import Axis
from scaling.statistics.comparisons import PairedDifference, p_shown
from scaling.statistics.estimates import Estimate


def ask(measurements: Measurements, axis: Axis | None = None) -> Found:
    """Costs are told on `axis`, by default the one that suits the arms."""
    return found(measurements, axis)


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """A row: an arm in its place; `result` None: it is the best, or has no problem in common with it."""

    place: int
    name: str
    point: Point
    axis: Axis
    result: PairedDifference | None = None

    @property
    def difference(self) -> Estimate:
        return Estimate.unknown() if self.result is None else self.result.difference


def _if_compared(row: Ranked, name: str) -> object:
    return None if row.result is None else getattr(row.result, name)


COLUMNS: Columns[Ranked] = (
    Column("place", lambda it: it.place, ""),
    Column("label", lambda it: it.point.arm.label),
    Column("name", lambda it: it.name, "arm"),
    *estimate("accuracy", lambda it: it.point.value, "accuracy"),
    Column("n", lambda it: it.point.value.n, "n", "problems with a result"),
    Column("axis", lambda it: it.axis),
    Column("cost", lambda it: it.point.cost, "cost", "a problem's mean on the axis", amount),
    *estimate(
        "difference", lambda it: it.difference, "points below", "the best minus it, paired by problem",
        ends=("difference_low", "difference_high"), show=points, interval=points_interval,
    ),
    Column("p_value", lambda it: _if_compared(it, "p_value"), "p", "exact, two-sided, of this pair alone", p_shown),
    Column(
        "adjusted_p_value", lambda it: _if_compared(it, "adjusted_p_value"), "adjusted",
        "Holm's p among all pairs of arms", p_shown,
    ),
    Column("clear", lambda it: _if_compared(it, "is_clear"), "clear", "that the best is better"),
    Column("problems_needed", lambda it: _if_compared(it, "problems_needed"), "needed", "problems that would show it"),
)  # fmt: skip


def table(found: Found) -> Table[Ranked]:
    said = best_words(found)
    return Table(COLUMNS, tuple(_rows(found)), (said.lead, *said.rest))


def _rows(found: Found) -> Iterator[Ranked]:
    if found.best is None:
        return
    yield Ranked(1, found.names[found.best.arm.label], found.best, found.axis)
    for place, each in enumerate(found.rivals, start=2):
        yield Ranked(place, found.names[each.point.arm.label], each.point, found.axis, each.result)


BEST = Question("best", "Which arm is best, and what can be said of it?", ask, table)
