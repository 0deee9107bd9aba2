"""Arms side by side: two of them with the problems that part them, or all against one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import typer
from rich.console import Console

from db import queries
from overthink import embedded
from overthink.cli import render, terminal
from overthink.cli.documents import print_csv, print_document
from overthink.cli.meaning import arm_meant, arms_meant, label_among, side_by_side_of
from overthink.cli.options import Output
from overthink.cli.render_comparison import adjusted_table, flips_table, sides_table
from overthink.comparison_documents import (
    ComparisonDocument,
    at_budget_document,
    comparison_document,
    comparison_row,
    within_document,
)
from results import (
    ArmResult,
    Comparison,
    Joined,
    Measurements,
    NoResultsError,
    Sides,
    Within,
    against,
    arm_results,
    at_budget_words,
    axis_notes,
    ending_note,
    lines_through,
    paired,
    within_budget,
    within_words,
)
from scaling.compute.axes import Axis
from scaling.statistics.equal_compute import EqualCompute

MOST_FLIPS = 20
"""How many problems are listed each way; --json has all."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Where two curves are to be compared: a mean per problem."""

    axis: Axis
    amount: float


@dataclass(frozen=True, slots=True)
class AtBudget:
    """Two arms' families at one budget: their best within it, and their lines interpolated where both reach it."""

    within: Within
    interpolated: tuple[Sides, EqualCompute] | None
    not_interpolated: str | None
    notes: tuple[str, ...]
    """What their costs on this axis leave out."""


def compare_arms(experiment: str, first: str, second: str | None, budget: Budget | None, output: Output) -> None:
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        measurements, *labels = arms_meant(database, experiment, first, second)
        comparison = paired(measurements, *labels)
        found = None if budget is None else at_budget(measurements, comparison, budget)
        if output is Output.TEXT:
            print_comparison(terminal.standard_output(), measurements, comparison)
            if found is not None:
                print_at_budget(terminal.standard_output(), found)
            return
        (document,) = documents(measurements, [comparison])
    if found is not None:
        interpolated = found.interpolated
        document["equal_compute"] = None if interpolated is None else at_budget_document(*interpolated)
        document["within_budget"] = within_document(found.within)
    if output is Output.JSON:
        print_document(document)
    else:
        print_rows([document])


def at_budget(measurements: Measurements, comparison: Comparison, budget: Budget) -> AtBudget:
    asked = measurements, comparison.first, comparison.second, budget.axis
    within = within_budget(*asked, budget.amount)
    both = (comparison.first.id, comparison.second.id)
    notes = axis_notes(measurements, budget.axis, of_fewer=True, arms=both)
    try:
        sides = lines_through(*asked)
        return AtBudget(within, (sides, sides.at(budget.amount)), None, notes)
    except NoResultsError as error:
        return AtBudget(within, None, str(error), notes)


def print_at_budget(console: Console, found: AtBudget) -> None:
    console.print(within_words(found.within))
    if found.interpolated is not None:
        console.print(at_budget_words(*found.interpolated))
    else:
        console.print(f"Nothing to interpolate between: {found.not_interpolated}.")
    for note in found.notes:
        console.print(note)


def compare_against(reference: str, baseline: str, output: Output) -> None:
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        home = queries.experiment(database, reference)
        arm = arm_meant(database, baseline, home)
        measurements = side_by_side_of(database, [home, arm.experiment])
        label = label_among(measurements, arm)
        compared = against(measurements, label, {each.id for each in home.arms})
        if output is Output.TEXT:
            print_against(terminal.standard_output(), measurements, compared)
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
    arms = {arm.arm.id: arm for arm in own_results(measurements)}
    keys = measurements.problem_keys()
    return [comparison_document(measurements, each, arms, keys) for each in compared]


def own_results(measurements: Measurements) -> list[ArmResult]:
    """Each arm over all its own problems, whichever of them others were asked too."""
    if not isinstance(measurements, Joined):
        return list(arm_results(measurements))
    labelled = {each.arm.id: each.arm for each in measurements.samples}
    results = (each for part in measurements.parts for each in arm_results(part))
    return [replace(each, arm=labelled[each.arm.id]) for each in results]


def print_rows(made: Sequence[ComparisonDocument]) -> None:
    rows = [comparison_row(document) for document in made]
    print_csv(list(rows[0]) if rows else [], rows)


def print_comparison(console: Console, measurements: Measurements, comparison: Comparison) -> None:
    ids = (comparison.first.id, comparison.second.id)
    arms = {arm.arm.id: arm for arm in own_results(measurements) if arm.arm.id in ids}
    render.print_headlines(console, measurements)
    print_sides(console, [arms[each] for each in dict.fromkeys(ids)])
    console.print(render.comparisons_table([comparison]))
    console.print(comparison_note(comparison))
    if ending := ending_note((comparison.first, comparison.second)):
        console.print(ending)
    if comparison.result.warning is not None:
        console.print(comparison.result.warning, style="yellow")
    keys = measurements.problem_keys()
    for title, flips in (("Right under the first only", comparison.lost), ("under the second only", comparison.gained)):
        if flips:
            console.print(flips_table(title, flips[:MOST_FLIPS], len(flips), keys))
    if comparison.lost or comparison.gained:
        console.print("The numbers are jobs: /trace?job=NUMBER in the dashboard is the trace.")


def print_against(console: Console, measurements: Measurements, compared: Sequence[Comparison]) -> None:
    render.print_headlines(console, measurements)
    print_sides(console, own_results(measurements))
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
