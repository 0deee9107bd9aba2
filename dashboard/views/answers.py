"""Answers on a page, laid out from their columns: as a table whose rows are links, as a data frame, as notes below."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeVar

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard import linked_table
from dashboard.escaping import in_markdown
from dashboard.linked_table import Door, Named
from results.columns import Column, Table

Row = TypeVar("Row")


def show(
    name: str,
    answer: Table[Row],
    doors: Sequence[str | None],
    cells: Mapping[str, Callable[[Row], Door | str]] | None = None,
    widest: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
) -> None:
    """`doors` are the rows' addresses; `cells` are columns that open something of their own, or have other words,
    `widest` their CSS. Labels of arms stand behind their `names`."""
    shown = answer.shown
    columns = {each.name: _heading(each, answer.rows, (widest or {}).get(each.name, "22rem")) for each in shown}
    texts = {each.name: (cells or {}).get(each.name, each.cell) for each in shown}
    rows = [{name: _named(text(row), names or {}) for name, text in texts.items()} for row in answer.rows]
    linked_table.show(name, columns, rows, doors)


def _named(cell: str | Door, names: Mapping[str, str]) -> str | Door | Named:
    return Named(names[cell], cell) if isinstance(cell, str) and cell in names else cell


def _heading(column: Column[Row], rows: Sequence[Row], widest: str) -> linked_table.Column:
    title, help = typographic(column.title or ""), typographic(column.help)
    return linked_table.Column(title, help, is_number=column.is_number(rows), widest=widest)


def frame(answer: Table[Row]) -> None:
    """What has no page of its own to open."""
    heads = {typographic(each.title or ""): _text_column(each, answer.rows) for each in answer.shown}
    st.dataframe(pd.DataFrame(answer.cells, columns=list(heads)), column_config=heads, hide_index=True)


def _text_column(column: Column[Row], rows: Sequence[Row]) -> ColumnConfig:
    aligned: Literal["left", "right"] = "right" if column.is_number(rows) else "left"
    return st.column_config.TextColumn(help=typographic(column.help) or None, alignment=aligned)


def notes(answer: Table[Row], *before: str) -> None:
    """Below a plot or a table; `before` is Markdown."""
    st.caption(" ".join([*before, *(in_markdown(typographic(each)) for each in answer.notes)]))


def typographic(text: str) -> str:
    """As the pages are set."""
    return text.replace("'", "’")
