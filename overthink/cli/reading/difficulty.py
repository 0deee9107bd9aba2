"""Every arm on easy and on hard problems, and what follows for the choice among them."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console

from db import queries
from overthink import embedded
from overthink.cli import terminal
from overthink.cli.options import EasinessName, Output
from overthink.cli.reading.experiments import headline
from overthink.cli.reading.tables import laid_out, print_as
from results import choosing, difficulty, easiness, exchange, ratios
from results.columns import Column, Columns, Record, Table, counted
from results.easiness import Easiness
from results.measured.measurements import Measurements
from results.measured.point import Point
from scaling.compute.axes import Axis

CURVE: Columns[Point] = (
    Column("label", lambda it: it.label),
    Column("k", lambda it: it.k),
    Column("cost", lambda it: it.cost),
    Column("accuracy", lambda it: counted(it.value)),
)
"""Of the points of a vote or a best of N."""
REMEDY = "A base arm with a `seed` of its own flatters no other; --base-in takes one of another experiment."


@dataclass(frozen=True, slots=True)
class ByDifficulty:
    """Four answers by the same bins."""

    measurements: Measurements
    arms: difficulty.Difficulty
    choice: choosing.Choosing
    ratios: ratios.Ratios
    exchange: exchange.Exchanges


def show_difficulty(
    reference: str,
    base: str,
    base_in: str | None,
    by: EasinessName,
    axis: Axis,
    num_bins: int,
    output: Output,
) -> None:
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        measurements = Measurements(database, queries.experiment(database, reference))
        told = easiness.base_arm(measurements, base, base_in, Easiness(by.value), num_bins, axis)
        found = ByDifficulty(
            measurements,
            difficulty.difficulty(measurements, told),
            choosing.choosing(measurements, told),
            ratios.ratios(measurements, told),
            exchange.exchanges(measurements, told),
        )
    print_as(
        output,
        lambda: document(found),
        lambda: choosing.csv(found.arms, found.choice),
        lambda console: print_difficulty(console, found),
    )


def document(found: ByDifficulty) -> Record:
    experiment, base = found.measurements.experiment, found.arms.base
    axis = base.axis
    return {
        "experiment": experiment.id,
        "name": experiment.summary.name,
        "status": experiment.summary.status.value,
        "base": base.arm.label,
        "base_experiment": base.experiment_id,
        "by": base.by.value,
        "axis": axis.value,
        "axis_label": axis.label,
        "unit": axis.unit,
        "bins": [*easiness.bins_table(base).records],
        "unbinned": base.unbinned,
        "arms": [*difficulty.table(found.arms).records],
        "compute_optimal": [*choosing.table(found.choice).records],
        "unchosen": found.choice.unchosen,
        "lines": [[*Table(CURVE, curve).records] for curve in found.choice.curves],
        "ratios": [[*Table(ratios.columns(base), curve).records] for curve in found.ratios.curves],
        "exchanges": [*exchange.table(found.exchange).records],
    }


def print_difficulty(console: Console, found: ByDifficulty) -> None:
    arms, choice = difficulty.table(found.arms), choosing.table(found.choice)
    console.print(headline(found.measurements.experiment))
    for table in arms.for_people:
        console.print(laid_out(table))
    for note in (*with_remedy(arms, found), *choice.notes):
        console.print(note)
    for table in choice.for_people if choice.rows else ():
        console.print(laid_out(table))
    if found.ratios.has_several:
        console.print(laid_out(ratios.table(found.ratios)))
    if found.exchange.made:
        console.print(laid_out(exchange.table(found.exchange)))


def with_remedy(arms: Table[difficulty.ArmByBin], found: ByDifficulty) -> Iterator[str]:
    base = found.arms.base
    shared = easiness.flattery(base) if base.arm.seed is None else None
    for note in arms.notes:
        yield f"{note} {REMEDY}" if note == shared else note
