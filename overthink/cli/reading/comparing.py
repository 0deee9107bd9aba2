"""Arms side by side: two of them with the problems that part them, or all against one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import typer
from rich.console import Console
from rich.table import Table as RichTable

from db import queries
from overthink import embedded
from overthink.cli import terminal
from overthink.cli.options import Output
from overthink.cli.reading.experiments import print_headlines
from overthink.cli.reading.meaning import arm_meant, arms_meant, label_among, side_by_side_of
from overthink.cli.reading.tables import laid_out, print_as, print_table
from results import arm_results, arms, comparisons
from results.at_budget import AtBudget, at_budget
from results.columns import Table, csv_text
from results.comparisons import Comparison, all_against, paired
from results.measured.measurements import Measurements
from results.problems import Flip, flip_columns, side_by_side
from scaling.compute.axes import Axis
from scaling.statistics.comparisons import Cell

MOST_FLIPS = 20
"""How many problems are listed each way; --json has all."""
FLIPS = {Cell.LOST: "Right under the first only", Cell.GAINED: "under the second only"}


@dataclass(frozen=True, slots=True)
class Budget:
    """Where two curves are to be compared: a mean per problem."""

    axis: Axis
    amount: float


def budget_of(at_tokens: float | None, at_flops: float | None) -> Budget | None:
    if at_tokens is not None and at_flops is not None:
        raise typer.BadParameter("--at-tokens and --at-flops are two budgets; give one of them")
    if at_flops is not None:
        return Budget(Axis.FLOPS, at_flops)
    return None if at_tokens is None else Budget(Axis.GENERATED_BY_ALL, at_tokens)


def compare_arms(experiment: str, first: str, second: str | None, budget: Budget | None, output: Output) -> None:
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        measurements, *labels = arms_meant(database, experiment, first, second)
        comparison = paired(measurements, *labels)
        arms = comparison.first, comparison.second
        found = None if budget is None else at_budget(measurements, *arms, budget.axis, budget.amount)
        print_as(
            output,
            lambda: comparisons.document(measurements, comparison, found),
            lambda: csv_text([comparisons.row(measurements, comparison, found)]),
            lambda console: print_comparison(console, measurements, comparison, found),
        )


def compare_against(reference: str, baseline: str, output: Output) -> None:
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        home = queries.experiment(database, reference)
        arm = arm_meant(database, baseline, home)
        measurements = side_by_side_of(database, [home, arm.experiment])
        compared = all_against(measurements, label_among(measurements, arm), {each.id for each in home.arms})
        print_as(
            output,
            lambda: [comparisons.document(measurements, each) for each in compared],
            lambda: csv_text([comparisons.row(measurements, each) for each in compared]),
            lambda console: print_compared(console, measurements, compared),
        )


def print_comparison(
    console: Console, measurements: Measurements, comparison: Comparison, found: AtBudget | None
) -> None:
    print_compared(console, measurements, [comparison])
    print_flips(console, measurements, comparison)
    for line in () if found is None else found.words:
        console.print(line)


def print_compared(console: Console, measurements: Measurements, compared: Sequence[Comparison]) -> None:
    """The arms with all that could cloud them, and their differences."""
    print_headlines(console, measurements)
    sides = comparisons.sides_table(compared)
    shown = {side.arm.id for side in sides.rows}
    found = [each for each in arm_results(measurements) if each.arm.id in shown]
    print_table(console, replace(sides, notes=tuple(arms.notes(found))))
    print_table(console, comparisons.table(compared))


def print_flips(console: Console, measurements: Measurements, comparison: Comparison) -> None:
    found = side_by_side(measurements, comparison.first.label, comparison.second.label)
    flipped = {cell: found.pairs.inside(cell).flips for cell in FLIPS}
    for cell, flips in flipped.items():
        if flips:
            console.print(flips_table(FLIPS[cell], flips, found.keys))
    if any(flipped.values()):
        console.print("The numbers are jobs: /trace?job=NUMBER in the dashboard is the trace.")


def flips_table(title: str, flips: Sequence[Flip], keys: Sequence[str]) -> RichTable:
    """The problems, and the job of each arm. Repeats are told apart where there are any."""
    listed = flips[:MOST_FLIPS]
    title = f"{title}: {len(flips):,}" + (f", the first {len(listed)}" if len(listed) < len(flips) else "")
    return laid_out(Table(flip_columns(keys), listed), title)
