"""Every arm on easy and on hard problems, and the choice among them."""

from collections.abc import Iterable, Iterator

from rich.console import Console

from db import queries
from db.queries import ExperimentDetail
from overthink import embedded
from overthink.cli import render, terminal
from overthink.cli.documents import print_csv, print_document
from overthink.cli.options import EasinessName, Output
from overthink.cli.render_difficulty import (
    bars_table,
    bins_table,
    choices_table,
    exchanges_table,
    optimal_table,
    ratios_table,
)
from overthink.cli.render_figures import figures_notes
from overthink.difficulty_documents import COLUMNS, DifficultyDocument, difficulty_document, difficulty_rows
from results import Easiness, Measurements, axis_notes, difficulty
from scaling.compute.axes import Axis


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
        experiment = queries.experiment(database, reference)
        among = None if base_in is None else Measurements(database, queries.experiment(database, base_in))
        measurements = Measurements(database, experiment)
        found = difficulty(measurements, base, Easiness(by.value), axis, num_bins, among)
        notes = axis_notes(measurements, axis, of_fewer=True)
    document = difficulty_document(experiment, found, axis)
    if output is Output.JSON:
        print_document(document)
    elif output is Output.CSV:
        print_csv(COLUMNS, list(difficulty_rows(document)))
    else:
        said = (*figures_notes(found.figures, axis), *difficulty_notes(document), *notes)
        print_difficulty(terminal.standard_output(), experiment, document, said)


def print_difficulty(
    console: Console, experiment: ExperimentDetail, document: DifficultyDocument, notes: Iterable[str]
) -> None:
    console.print(render.headline(experiment))
    console.print(bins_table(document))
    console.print(bars_table(document))
    for note in notes:
        console.print(note)
    if document["compute_optimal"]:
        console.print(optimal_table(document))
        console.print(choices_table(document))
    if any(len(curve) > 1 for curve in document["ratios"]):
        console.print(ratios_table(document))
    if document["exchanges"]:
        console.print(exchanges_table(document))


def difficulty_notes(document: DifficultyDocument) -> Iterator[str]:
    if document["base_experiment"] == document["experiment"]:
        yield (
            f"{document['base']} made the bins: its own bars are flattered by that, and a little those of arms that "
            "ask the same with the same seed. --base-in takes an arm of another experiment, with another seed."
        )
    if document["unbinned"]:
        yield f"{document['unbinned']:,} problems have no result of it, and are in no bin."
    if any(each["cost"] is not None and each["cost"] > each["budget"] for each in document["compute_optimal"]):
        yield (
            "Costs are what was spent: a setting is chosen within the budget on one half of a bin, and may by chance "
            "spend more on the other, which it is measured on."
        )
    if document["unchosen"] is not None:
        yield f"No choice by difficulty: {document['unchosen']}."
