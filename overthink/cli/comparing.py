"""Arms side by side: two of them with the problems that part them, or all against one."""

from collections.abc import Sequence
from dataclasses import dataclass

import typer
from rich.console import Console
from sqlalchemy import Engine

from db import queries
from db.queries import Arm, ExperimentDetail
from db.results import (
    ArmResult,
    Comparison,
    Line,
    Measurements,
    NoResultsError,
    against,
    arm_results,
    at_equal_compute,
    paired,
)
from overthink import embedded
from overthink.cli import render, terminal
from overthink.cli.options import Output
from overthink.cli.render_comparison import adjusted_table, flips_table, sides_table
from overthink.comparison_documents import (
    AtBudgetDocument,
    ComparisonDocument,
    at_budget_document,
    comparison_document,
    comparison_row,
)
from overthink.documents import print_csv, print_document
from scaling.compute import Axis
from scaling.lines import Setting, sweeps

MOST_FLIPS = 20
"""How many problems are listed each way; --json has all."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Where two curves are to be compared: a mean per problem."""

    axis: Axis
    amount: float


def compare_arms(reference: str, first: str, second: str, budget: Budget | None, output: Output) -> None:
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        experiment = queries.experiment(database, reference)
        comparison = paired(database, experiment.id, first, second)
        at_budget = None if budget is None else compared_at(database, experiment, comparison, budget)
        if output is Output.TEXT:
            print_comparison(terminal.standard_output(), database, experiment, comparison)
            if at_budget is not None:
                terminal.standard_output().print(at_budget_note(at_budget))
            return
        (document,) = documents(database, experiment, [comparison])
    document["equal_compute"] = at_budget
    if output is Output.JSON:
        print_document(document)
    else:
        print_rows([document])


def compared_at(
    database: Engine, experiment: ExperimentDetail, comparison: Comparison, budget: Budget
) -> AtBudgetDocument:
    """The curves are the longest sweeps through one arm and not the other."""
    first = line_through(experiment.arms, comparison.first, comparison.second)
    second = line_through(experiment.arms, comparison.second, comparison.first)
    found = at_equal_compute(database, experiment, first, second, budget.axis, budget.amount)
    return at_budget_document(budget.axis, first, second, found)


def line_through(arms: Sequence[Arm], arm: Arm, other: Arm) -> Line:
    settings = [Setting(each.model, each.strategy, each.params) for each in arms]
    lines = [[arms[number] for number in sweep.arms] for sweep in sweeps(settings)]
    apart = [line for line in lines if arm in line and other not in line]
    if not apart:
        raise NoResultsError(
            f"{arm.label!r} and {other.label!r} are settings of one sweep, which has one accuracy at a budget; "
            "compare arms of two sweeps at equal compute"
        )
    longest = max(apart, key=len)
    name = arm.label if len(longest) == 1 else f"the sweep of {len(longest)} from {longest[0].label}"
    return Line(name, tuple(each.id for each in longest))


def compare_against(reference: str, baseline: str, output: Output) -> None:
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        experiment = queries.experiment(database, reference)
        compared = against(database, experiment.id, baseline)
        if output is Output.TEXT:
            print_against(
                terminal.standard_output(), experiment, compared, arm_results(Measurements(database, experiment))
            )
            return
        made = documents(database, experiment, compared)
    if output is Output.JSON:
        print_document(made)
    else:
        print_rows(made)


def budget_of(at_tokens: float | None, at_flops: float | None) -> Budget | None:
    if at_tokens is not None and at_flops is not None:
        raise typer.BadParameter("--at-tokens and --at-flops are two budgets; give one of them")
    if at_flops is not None:
        return Budget(Axis.FLOPS, at_flops)
    return None if at_tokens is None else Budget(Axis.WITH_VERIFIER, at_tokens)


def documents(
    database: Engine, experiment: ExperimentDetail, compared: Sequence[Comparison]
) -> list[ComparisonDocument]:
    arms = {arm.arm.id: arm for arm in arm_results(Measurements(database, experiment))}
    keys = queries.problem_keys(database, experiment.id)
    return [comparison_document(experiment, each, arms, keys) for each in compared]


def print_rows(made: Sequence[ComparisonDocument]) -> None:
    rows = [comparison_row(document) for document in made]
    print_csv(list(rows[0]) if rows else [], rows)


def print_comparison(console: Console, database: Engine, experiment: ExperimentDetail, comparison: Comparison) -> None:
    ids = (comparison.first.id, comparison.second.id)
    arms = {arm.arm.id: arm for arm in arm_results(Measurements(database, experiment)) if arm.arm.id in ids}
    console.print(render.headline(experiment))
    print_sides(console, [arms[each] for each in dict.fromkeys(ids)])
    console.print(render.comparisons_table([comparison]))
    console.print(comparison_note(comparison))
    if comparison.result.warning is not None:
        console.print(comparison.result.warning, style="yellow")
    keys = queries.problem_keys(database, experiment.id)
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
    console.print(
        f"adjusted: Holm's p for {len(compared)} comparisons together; those below .05 may be claimed at once.",
    )


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


def at_budget_note(at: AtBudgetDocument) -> str:
    budget = f"{at['budget']:,.0f}" if at["budget"] < 1e7 else f"{at['budget']:.4g}"
    first, second = f"{at['first']:.1%}", f"{at['second']:.1%}"
    interval = f"{at['difference_low'] * 100:+.1f} … {at['difference_high'] * 100:+.1f}"
    return (
        f"At {budget} {at['unit']} a problem ({at['axis']}), {at['first_curve']}: {first}; "
        f"{at['second_curve']}: {second}; {at['difference'] * 100:+.1f} points ({interval}), n = {at['n']}."
    )
