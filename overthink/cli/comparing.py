"""Arms side by side: two of them with the problems that part them, or all against one."""

from collections.abc import Sequence
from dataclasses import dataclass

import typer
from rich.console import Console

from dashboard.numbers import at_budget_words
from db import queries
from db.queries import ExperimentDetail
from db.results import (
    ArmResult,
    Comparison,
    Measurements,
    against,
    arm_results,
    lines_through,
    paired,
)
from overthink import embedded
from overthink.cli import render, terminal
from overthink.cli.options import Output
from overthink.cli.render_comparison import adjusted_table, flips_table, sides_table
from overthink.comparison_documents import (
    ComparisonDocument,
    at_budget_document,
    comparison_document,
    comparison_row,
)
from overthink.documents import print_csv, print_document
from scaling.axes import Axis

MOST_FLIPS = 20
"""How many problems are listed each way; --json has all."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Where two curves are to be compared: a mean per problem."""

    axis: Axis
    amount: float


def compare_arms(reference: str, first: str, second: str, budget: Budget | None, output: Output) -> None:
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        measurements = Measurements(database, queries.experiment(database, reference))
        comparison = paired(measurements, first, second)
        at_budget = None
        if budget is not None:
            sides = lines_through(measurements, comparison.first, comparison.second, budget.axis)
            at_budget = (sides, sides.at(budget.amount))
        if output is Output.TEXT:
            print_comparison(terminal.standard_output(), measurements, comparison)
            if at_budget is not None:
                terminal.standard_output().print(at_budget_words(*at_budget))
            return
        (document,) = documents(measurements, [comparison])
    document["equal_compute"] = None if at_budget is None else at_budget_document(*at_budget)
    if output is Output.JSON:
        print_document(document)
    else:
        print_rows([document])


def compare_against(reference: str, baseline: str, output: Output) -> None:
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        measurements = Measurements(database, queries.experiment(database, reference))
        compared = against(measurements, baseline)
        if output is Output.TEXT:
            print_against(terminal.standard_output(), measurements.experiment, compared, arm_results(measurements))
            return
        made = documents(measurements, compared)
    if output is Output.JSON:
        print_document(made)
    else:
        print_rows(made)


def budget_of(at_tokens: float | None, at_flops: float | None) -> Budget | None:
    if at_tokens is not None and at_flops is not None:
        raise typer.BadParameter("--at-tokens and --at-flops are two budgets; give one of them")
    if at_flops is not None:
        return Budget(Axis.FLOPS, at_flops)
    return None if at_tokens is None else Budget(Axis.GENERATED_BY_ALL, at_tokens)


def documents(measurements: Measurements, compared: Sequence[Comparison]) -> list[ComparisonDocument]:
    arms = {arm.arm.id: arm for arm in arm_results(measurements)}
    keys = measurements.problem_keys()
    return [comparison_document(measurements.experiment, each, arms, keys) for each in compared]


def print_rows(made: Sequence[ComparisonDocument]) -> None:
    rows = [comparison_row(document) for document in made]
    print_csv(list(rows[0]) if rows else [], rows)


def print_comparison(console: Console, measurements: Measurements, comparison: Comparison) -> None:
    ids = (comparison.first.id, comparison.second.id)
    arms = {arm.arm.id: arm for arm in arm_results(measurements) if arm.arm.id in ids}
    console.print(render.headline(measurements.experiment))
    print_sides(console, [arms[each] for each in dict.fromkeys(ids)])
    console.print(render.comparisons_table([comparison]))
    console.print(comparison_note(comparison))
    if comparison.result.warning is not None:
        console.print(comparison.result.warning, style="yellow")
    keys = measurements.problem_keys()
    for title, flips in (("Right under the first only", comparison.lost), ("under the second only", comparison.gained)):
        if flips:
            console.print(flips_table(title, flips[:MOST_FLIPS], len(flips), keys))
    if comparison.lost or comparison.gained:
        console.print("The numbers are jobs: /trace?job=NUMBER in the dashboard is the trace.")


def print_against(
    console: Console, experiment: ExperimentDetail, compared: Sequence[Comparison], arms: Sequence[ArmResult]
) -> None:
    console.print(render.headline(experiment))
    print_sides(console, arms)
    console.print(adjusted_table(compared))
    if compared:
        console.print(render.adjustment_note(compared[0].result.together))


def print_sides(console: Console, arms: Sequence[ArmResult]) -> None:
    console.print(sides_table(arms))
    for note in render.results_notes(arms):
        console.print(note)


def comparison_note(comparison: Comparison) -> str:
    result = comparison.result
    return (
        f"{result.common_problems} problems in common: the second is right more often on {result.second_better}, "
        f"the first on {result.first_better} ({result.test})."
    )
