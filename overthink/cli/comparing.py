"""Arms side by side: two of them with the problems that part them, or all against one."""

from collections.abc import Sequence

from rich.console import Console
from sqlalchemy import Engine

from db import queries
from db.queries import ExperimentDetail
from db.results import ArmResult, Comparison, against, arm_results, paired
from overthink import embedded
from overthink.cli import render, terminal
from overthink.cli.options import Output
from overthink.cli.render_comparison import adjusted_table, flips_table, sides_table
from overthink.comparison_documents import ComparisonDocument, comparison_document, comparison_row
from overthink.documents import print_csv, print_document

MOST_FLIPS = 20
"""How many problems are listed each way; --json has all."""


def compare_arms(reference: str, first: str, second: str, output: Output) -> None:
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        experiment = queries.experiment(database, reference)
        comparison = paired(database, experiment.id, first, second)
        if output is Output.TEXT:
            print_comparison(terminal.standard_output(), database, experiment, comparison)
            return
        (document,) = documents(database, experiment, [comparison])
    if output is Output.JSON:
        print_document(document)
    else:
        print_rows([document])


def compare_against(reference: str, baseline: str, output: Output) -> None:
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        experiment = queries.experiment(database, reference)
        compared = against(database, experiment.id, baseline)
        if output is Output.TEXT:
            print_against(terminal.standard_output(), experiment, compared, arm_results(database, experiment.id))
            return
        made = documents(database, experiment, compared)
    if output is Output.JSON:
        print_document(made)
    else:
        print_rows(made)


def documents(
    database: Engine, experiment: ExperimentDetail, compared: Sequence[Comparison]
) -> list[ComparisonDocument]:
    arms = {arm.arm.id: arm for arm in arm_results(database, experiment.id)}
    keys = queries.problem_keys(database, experiment.id)
    return [comparison_document(experiment, each, arms, keys) for each in compared]


def print_rows(made: Sequence[ComparisonDocument]) -> None:
    rows = [comparison_row(document) for document in made]
    print_csv(list(rows[0]) if rows else [], rows)


def print_comparison(console: Console, database: Engine, experiment: ExperimentDetail, comparison: Comparison) -> None:
    ids = (comparison.first.id, comparison.second.id)
    arms = {arm.arm.id: arm for arm in arm_results(database, experiment.id) if arm.arm.id in ids}
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
