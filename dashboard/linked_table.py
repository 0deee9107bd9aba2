"""Tables whose rows are links: a row opens what it is about, by click, middle click or keyboard, and can be copied.

Pure, but for `show`. Every cell is shown literally.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from dashboard.escaping import in_html, tags_html

Row = Mapping[str, object]
NOT_KNOWN = "–"


@dataclass(frozen=True, slots=True)
class Column:
    """`shown` makes the text of a value; `help` stands behind the title; what is wider than `widest` (CSS) is cut.

    `order` is the address of the same page in this column's order, if it can be had.
    """

    title: str
    help: str = ""
    shown: Callable[[Any], str] = str
    is_number: bool = False
    widest: str = "22rem"
    order: str | None = None


@dataclass(frozen=True, slots=True)
class Door:
    """A cell that opens something of its own."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Named:
    """A short name for something whose whole name stands behind it."""

    text: str
    whole: str


@dataclass(frozen=True, slots=True)
class Share:
    """Of a whole, from 0 to 1: a bar with its number."""

    value: float


@dataclass(frozen=True, slots=True)
class Told:
    """A text with more of it on hover. `kind` is a class of the style sheet; `is_new` puts a dot before it."""

    text: str
    more: str = ""
    kind: str = ""
    is_new: bool = False


def number(title: str, help: str = "", shown: Callable[[Any], str] = "{:,}".format) -> Column:
    return Column(title, help, shown, is_number=True)


def unordered(column: Column) -> Column:
    """The same on a page that has no orders."""
    return replace(column, order=None)


def show(
    name: str,
    columns: Mapping[str, Column],
    rows: Sequence[Row],
    doors: Sequence[str | None] | None = None,
    *,
    folds: bool = False,
) -> None:
    """The columns named in `columns`, in that order. `doors` are the rows' addresses; None: they open nothing.

    On a phone the rows of one that `folds` are cards.
    """
    st.html(_table_html(name, columns, rows, [None] * len(rows) if doors is None else doors, folds=folds))


def _table_html(
    name: str, columns: Mapping[str, Column], rows: Sequence[Row], doors: Sequence[str | None], *, folds: bool
) -> str:
    head = "".join(_heading(column) for column in columns.values())
    body = "".join(_row_html(columns, row, door) for row, door in zip(rows, doors, strict=True))
    kind = "ot-table ot-folds" if folds else "ot-table"
    return (
        f'<div class="ot-table-frame" data-name="{in_html(name)}"><table class="{kind}" aria-label="{in_html(name)}">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _heading(column: Column) -> str:
    title = in_html(column.title)
    if column.order:
        title = f'<a href="{in_html(column.order)}">{title}</a>'
    help_html = f' title="{in_html(column.help)}" class="ot-helped{_align(column)}"' if column.help else ""
    return f'<th scope="col"{help_html or _class_of(column)}>{title}</th>'


def _row_html(columns: Mapping[str, Column], row: Row, door: str | None) -> str:
    """The row's link lies over all of it, and its words are those of the first cell."""
    cells = []
    for position, (name, column) in enumerate(columns.items()):
        inner = _cell_html(column, row[name])
        if position == 0 and door is not None:
            inner = f'<a class="ot-row" href="{in_html(door)}">{inner}</a>'
        is_titled = position > 0 and row[name] not in (None, [])
        titled = f' data-title="{in_html(column.title)}"' if is_titled else ""
        told = f"{_class_of(column)}{titled}{_title_of(row[name])}"
        cells.append(f'<td style="max-width:{column.widest}"{told}>{inner}</td>')
    return f"<tr>{''.join(cells)}</tr>"


def _cell_html(column: Column, value: object) -> str:
    if value is None:
        return NOT_KNOWN
    if isinstance(value, Door):
        return f'<a class="ot-cell" href="{in_html(value.href)}">{in_html(value.text)}</a>'
    if isinstance(value, Named):
        return f"<bdi>{in_html(value.text)}</bdi>"
    if isinstance(value, Share):
        return f'<progress max="1" value="{value.value:.3f}" aria-label="done"></progress> {value.value:.0%}'
    if isinstance(value, Told):
        dot = '<span class="ot-new" title="ended since you last looked"></span>' if value.is_new else ""
        return f'{dot}<bdi class="{value.kind}" title="{in_html(value.more)}">{in_html(value.text)}</bdi>'
    if isinstance(value, list):
        return tags_html(map(str, value)) or NOT_KNOWN
    return f"<bdi>{in_html(column.shown(value))}</bdi>"


def _title_of(value: object) -> str:
    """The whole of a text, which its column may cut."""
    whole = value.whole if isinstance(value, Named) else value
    return f' title="{in_html(whole)}"' if isinstance(whole, str) and whole else ""


def _class_of(column: Column) -> str:
    return f' class="{_align(column).strip()}"' if column.is_number else ""


def _align(column: Column) -> str:
    return " ot-number" if column.is_number else ""
