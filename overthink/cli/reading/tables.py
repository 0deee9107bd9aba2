"""Tables of answers in the terminal, laid out from their columns. What is amiss has a colour."""

from collections.abc import Callable, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from overthink.cli import terminal
from overthink.cli.harmless import harmless
from overthink.cli.options import Output
from overthink.cli.reading.experiments import print_headlines
from results import Measurements
from results.columns import Table


def if_any(style: str) -> Callable[[Any], str]:
    return lambda count: style if count else "dim"


STYLES: Mapping[str, Callable[[Any], str]] = {
    "failed": if_any("red"),
    "truncated": if_any("yellow"),
    "unparsed": if_any("yellow"),
    "clear": if_any("green"),
    "live_workers": lambda count: "" if count else "red",
}
"""Of a value, by the name of its column."""
FLUSHED_RIGHT = ("unread",)
"""Beside the count that it explains."""


def laid_out(table: Table[Any], title: str | None = None) -> RichTable:
    """Numbers are flushed right."""
    shown, rows = table.shown, table.rows
    titles = [str(column.title) for column in shown]
    numbers = [str(each.title) for each in shown if each.is_number(rows) or each.name in FLUSHED_RIGHT]
    made = terminal.table(*titles, numbers=numbers)
    made.title, made.title_justify = title, "left"
    for row, cells in zip(rows, table.cells, strict=True):
        styles = (STYLES[column.name](column.value(row)) if column.name in STYLES else "" for column in shown)
        made.add_row(*(Text(harmless(cell), style) for cell, style in zip(cells, styles, strict=True)))
    return made


def print_as(
    output: Output, document: Callable[[], object], csv: Callable[[], str], text: Callable[[Console], None]
) -> None:
    """One answer, laid out for whom it is asked."""
    if output is Output.JSON:
        terminal.print_document(document())
    elif output is Output.CSV:
        print(csv(), end="")
    else:
        text(terminal.standard_output())


def print_tables(console: Console, measurements: Measurements, first: Table[Any], *others: Table[Any]) -> None:
    """Below what was measured. Of the others, those that have rows."""
    print_headlines(console, measurements)
    for table in (first, *(each for each in others if each.rows)):
        print_table(console, table)


def print_table(console: Console, table: Table[Any]) -> None:
    """And below it what a reader must be told."""
    for each in table.for_people:
        if each.rows:
            console.print(laid_out(each))
    for note in table.notes:
        console.print(note)
