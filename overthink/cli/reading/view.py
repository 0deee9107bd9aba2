"""Any question about an experiment, answered by its name: `overthink results EXP --view NAME`."""

from collections.abc import Mapping, Sequence
from enum import Enum

import typer

from db import queries
from overthink import embedded
from overthink.cli import terminal
from overthink.cli.options import Output
from overthink.cli.reading.experiments import print_headlines
from overthink.cli.reading.meaning import side_by_side_of
from overthink.cli.reading.tables import print_table
from overthink.cli.terminal import print_document
from results import question_named


def show_view(
    name: str,
    reference: str,
    others: Sequence[str],
    told: Mapping[str, Enum | None],
    more: Sequence[str],
    output: Output,
) -> None:
    """With the arms of other experiments, over the problems that all of them asked.

    The view is `told` what has an option of its own, and `more` as it was typed.
    """
    question = question_named(name)
    options = {option: value.value for option, value in told.items() if value is not None} | options_given(more)
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        measurements = side_by_side_of(database, [queries.experiment(database, each) for each in (reference, *others)])
        table = question.table(question.answer(measurements, **options))
    if output is Output.JSON:
        print_document(question.document(measurements, table))
    elif output is Output.CSV:
        print(table.csv, end="")
    else:
        console = terminal.standard_output()
        print_headlines(console, measurements)
        print_table(console, table)


def options_given(typed: Sequence[str]) -> dict[str, str]:
    """`--option against=1`, by name."""
    given = {}
    for each in typed:
        name, equals, value = each.partition("=")
        if not equals:
            raise typer.BadParameter(f"--option is NAME=VALUE, got {each!r}")
        given[name] = value
    return given
