"""How accurate every arm is on easy and on hard problems: those that a base arm finds so."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from results import easiness
from results.columns import Column, Columns, Table, each_of, estimate, lifted
from results.easiness import BaseArm, bins_table, by_bins
from results.measured.measurements import Measurements
from results.measured.over_k import Metric
from results.measured.point import Point, own_point
from results.points import Points, columns, notes_of
from results.questions import Question
from results.wording import rounded_accuracy
from scaling.statistics.difficulty import accuracy_by_bin
from scaling.statistics.estimates import Estimate


@dataclass(frozen=True, slots=True, eq=False)
class ArmByBin:
    """An arm over all problems, and its accuracy in each bin, the easiest first."""

    point: Point
    by_bin: tuple[Estimate, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Difficulty:
    """In arm order."""

    base: BaseArm
    arms: tuple[ArmByBin, ...]


def difficulty(measurements: Measurements, base: BaseArm) -> Difficulty:
    points = [own_point(measurements, each, base.axis) for each in measurements.samples]
    arms = (ArmByBin(point, accuracy_by_bin(point.value_P[:, None], base.bins)) for point in points)
    return Difficulty(base, tuple(arms))


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """One number of an answer by difficulty: over all problems or in a `bin`; of an arm, or of a choice at a budget.

    `of`: the arm whose jobs cloud it.
    """

    label: str
    value: Estimate
    bin: int | None = None
    budget: float | None = None
    cost: float | None = None
    cost_with_binning: float | None = None
    of: Point | None = None


SHARES: Columns[Share] = (
    Column("label", lambda it: it.label),
    Column("bin", lambda it: it.bin),
    Column("budget", lambda it: it.budget),
    Column("cost", lambda it: it.cost),
    Column("cost_with_binning", lambda it: it.cost_with_binning),
    *estimate("value", lambda it: it.value),
    Column("n", lambda it: it.value.n),
    Column("failed", lambda it: it.of and it.of.jobs.failed),
    Column("truncated", lambda it: it.of and it.of.truncated),
    Column("unparsed", lambda it: it.of and it.of.unparsed),
)


def _shares(found: Difficulty) -> Iterator[Share]:
    """Each arm over all problems (no bin), and in each bin."""
    for arm in found.arms:
        point = arm.point
        yield Share(point.label, point.value, cost=point.cost, of=point)
        for number, value in enumerate(arm.by_bin, start=1):
            yield Share(point.label, value, bin=number, of=point)


def table(found: Difficulty) -> Table[ArmByBin]:
    bins = found.base.bin_titles
    of_arms: Columns[ArmByBin] = (
        *lifted("", columns(found.base.axis, Metric.ACCURACY), lambda it: it.point),
        *each_of("by_bin", lambda it: it.by_bin, bins, rounded_accuracy),
    )
    beside = Points(found.base.axis, Metric.ACCURACY, tuple(each.point for each in found.arms), ())
    arms = Table(of_arms, found.arms, order=("label", *bins, "n", "failed", "truncated", "unparsed"))
    return replace(
        arms,
        notes=(*notes_of(beside), *easiness.notes(found.base)),
        long=Table(SHARES, tuple(_shares(found))),
        people=(bins_table(found.base), arms),
    )


def best_of_bins(found: Difficulty) -> tuple[ArmByBin, ...]:
    """The arms that are the most accurate in some bin, in arm order; of equally accurate ones the first."""
    known = [each for each in found.arms if each.point.value.n]
    best = set()
    for number in range(found.base.bins.num_bins):
        with_result = [at for at, each in enumerate(known) if each.by_bin[number].n]
        best |= {max(with_result, key=lambda at: (known[at].by_bin[number].value, -at))} if with_result else set()
    return tuple(known[at] for at in sorted(best))


DIFFICULTY = Question("difficulty", "How accurate are arms on easy and on hard problems?", by_bins(difficulty), table)
