"""Answers on a page, laid out from their columns: as a table whose rows may be links, and as notes below.

Arms go by their names where a column has their labels, and in notes; the label stands behind the name.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import streamlit as st

from dashboard import linked_table
from dashboard.escaping import in_markdown
from dashboard.linked_table import Door, Named
from results import ArmNames
from results.columns import Column, Table
from results.words.arm_names import named

Row = TypeVar("Row")
Cell = str | Door | Named


def show(
    name: str,
    answer: Table[Row],
    doors: Sequence[str | None] | None = None,
    cells: Mapping[str, Callable[[Row], Cell]] | None = None,
    widest: Mapping[str, str] | None = None,
    names: ArmNames | None = None,
) -> None:
    """`doors` are the rows' addresses; `cells` are columns that open something of their own, or have other words,
    `widest` their CSS."""
    shown = answer.shown
    columns = {each.name: _heading(each, answer.rows, (widest or {}).get(each.name, "22rem")) for each in shown}
    texts = {each.name: (cells or {}).get(each.name, _cell_of(each, names or {})) for each in shown}
    rows = [{name: cell(row) for name, cell in texts.items()} for row in answer.rows]
    linked_table.show(name, columns, rows, doors)


def _cell_of(column: Column[Row], names: ArmNames) -> Callable[[Row], Cell]:
    def cell(row: Row) -> Cell:
        words = column.cell(row)
        name = named(words, names) if column.has_arms else words
        return words if name == words else Named(name, words)

    return cell


def _heading(column: Column[Row], rows: Sequence[Row], widest: str) -> linked_table.Column:
    title, help = typographic(column.title or ""), typographic(column.help)
    return linked_table.Column(title, help, is_number=column.is_number(rows), widest=widest)


def notes(answer: Table[Row], *before: str, names: ArmNames | None = None) -> None:
    """Below a plot or a table; `before` is Markdown."""
    st.caption(" ".join([*before, *(in_markdown(typographic(named(each, names or {}))) for each in answer.notes)]))


def typographic(text: str) -> str:
    """As the pages are set."""
    return text.replace("'", "’")
