"""Any question about an experiment, answered by its name: `overthink results EXP --view NAME`."""

from collections.abc import Mapping, Sequence

import typer

from db import queries
from overthink import embedded
from overthink.cli import render, terminal
from overthink.cli.documents import print_document
from overthink.cli.meaning import side_by_side_of
from overthink.cli.options import Output
from overthink.cli.tables import print_table
from results import question_named


def show_view(name: str, reference: str, others: Sequence[str], options: Mapping[str, object], output: Output) -> None:
    """With the arms of other experiments, over the problems that all of them asked."""
    question = question_named(name)
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        measurements = side_by_side_of(database, [queries.experiment(database, each) for each in (reference, *others)])
        table = question.table(question.answer(measurements, **options))
    if output is Output.JSON:
        print_document(question.document(measurements, table))
    elif output is Output.CSV:
        print(table.csv, end="")
    else:
        console = terminal.standard_output()
        render.print_headlines(console, measurements)
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
