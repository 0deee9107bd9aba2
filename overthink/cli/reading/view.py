"""Any question about an experiment, answered by its name: `overthink results EXP --view NAME`."""

from collections.abc import Mapping, Sequence

import typer

from overthink import embedded
from overthink.cli import terminal
from overthink.cli.options import Output
from overthink.cli.reading.meaning import measured
from overthink.cli.reading.tables import print_as, print_tables
from results import question_named


def show_view(
    name: str,
    reference: str,
    others: Sequence[str],
    options: Mapping[str, object],
    output: Output,
) -> None:
    """With the arms of other experiments, over the problems that all of them asked."""
    question = question_named(name)
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        measurements = measured(database, (reference, *others))
        table = question.table(question.answer(measurements, **options))
    print_as(
        output,
        lambda: question.document(measurements, table),
        lambda: table.csv,
        lambda console: print_tables(console, measurements, table),
    )


def options_typed(typed: Sequence[str]) -> dict[str, str | list[str]]:
    """`--option against=1`, by name; what is given several times has all of it."""
    given: dict[str, list[str]] = {}
    for each in typed:
        name, equals, value = each.partition("=")
        if not equals:
            raise typer.BadParameter(f"--option is NAME=VALUE, got {each!r}")
        given.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in given.items()}
