"""What is told of an answer, declared once: the columns of its table, and the table laid out for whoever reads it.

A column's name is its key in JSON and in CSV, and a promise: it is never renamed. Machines get values as they are
(shares in 0..1, null where nothing is known); people get titles and words (`wording`), and only the columns that have a
title. Nothing here knows a page, a terminal or an experiment.
"""

import csv
import io
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Generic, TypeVar

from pydantic import JsonValue

from results import wording
from scaling.statistics.estimates import Estimate

Row = TypeVar("Row")
Part = TypeVar("Part")
Record = dict[str, JsonValue]


def _always(rows: Sequence[Any]) -> bool:
    return True


def any_of(value: Callable[[Any], object]) -> Callable[[Sequence[Any]], bool]:
    """Whether some row has something there."""
    return lambda rows: any(value(row) for row in rows)


def itself(row: Row) -> Row:
    return row


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """`title` None: for machines only, and not `is_kept`: for people only. `help` stands behind the title.

    `show` makes the words that people read, of the value; or of what `of` gives, where they read more than one number
    at once (a value and its interval). `needed` says whether these rows have anything to show people in it.
    `has_arms`: its words have labels of arms, which a page may name.
    """

    name: str
    value: Callable[[Row], object]
    title: str | None = None
    help: str = ""
    show: Callable[[Any], str] = wording.shown
    of: Callable[[Row], object] | None = None
    needed: Callable[[Sequence[Row]], bool] = _always
    is_kept: bool = True
    has_arms: bool = False

    def cell(self, row: Row) -> str:
        return self.show((self.of or self.value)(row))

    def is_number(self, rows: Sequence[Row]) -> bool:
        """Whether it is flushed right: it has numbers, whatever people read of them."""
        values = [self.value(row) for row in rows]
        return any(isinstance(each, int | float | Mapping) and not isinstance(each, bool) for each in values)


Columns = tuple[Column[Row], ...]


def estimate(
    name: str,
    of: Callable[[Row], Estimate],
    title: str | None = None,
    help: str = "",
    *,
    ends: tuple[str, str] = ("ci_low", "ci_high"),
    show: Callable[[Estimate], str] = wording.percent,
    interval: Callable[[Estimate], str] = wording.interval,
) -> Columns[Row]:
    """A mean and the ends of its 95 % interval: three columns for machines, two for people."""
    low, high = ends
    between = None if title is None else "95 % interval"
    return (
        Column(name, lambda row: of(row).value, title, help, show, of),
        Column(low, lambda row: of(row).low, between, "over problems", interval, of),
        Column(high, lambda row: of(row).high),
    )


def nested(estimate: Estimate) -> dict[str, float]:
    """An estimate as one value: an object in JSON; in CSV under the column's name, the ends behind it."""
    return {"value": estimate.value, "ci_low": estimate.low, "ci_high": estimate.high}


def counted(estimate: Estimate) -> dict[str, float]:
    """The same, and over how many problems."""
    return {**nested(estimate), "n": estimate.n}


def in_one(
    name: str, of: Callable[[Row], Estimate], title: str, help: str, show: Callable[[Estimate], str]
) -> Column[Row]:
    """An estimate in one column: an object for machines, of all its numbers."""
    return Column(name, lambda row: counted(of(row)), title, help, show, of)


def each_of(
    name: str, of: Callable[[Row], Sequence[Estimate]], titles: Sequence[str], show: Callable[[Estimate], str]
) -> Columns[Row]:
    """Several estimates: a list for machines, and for people a column each, by its title."""

    def column(at: int, title: str) -> Column[Row]:
        return replace(in_one(title, lambda row: of(row)[at], title, "", show), is_kept=False)

    listed: Column[Row] = Column(name, lambda row: [counted(each) for each in of(row)])
    return (listed, *(column(at, title) for at, title in enumerate(titles)))


def lifted(prefix: str, columns: Columns[Part], of: Callable[[Row], Part]) -> Columns[Row]:
    """Columns of a part of each row, their names behind the part's."""
    return tuple(_of_part(replace(each, name=f"{prefix}{each.name}"), of) for each in columns)


def _of_part(column: Column[Part], of: Callable[[Row], Part]) -> Column[Row]:
    shown = column.of or column.value
    return Column(
        column.name,
        lambda row: column.value(of(row)),
        column.title,
        column.help,
        column.show,
        lambda row: shown(of(row)),
        lambda rows: column.needed([of(row) for row in rows]),
        column.is_kept,
        column.has_arms,
    )


@dataclass(frozen=True, slots=True)
class Table(Generic[Row]):
    """Rows under their columns, and what a reader of them must be told.

    `order` are the names of the columns that people are shown; empty: all that have a title, as they stand. Rows that
    begin with the same `once` cells show them once. Where these rows are not for everybody, `people` is what people
    read instead, and `long` what CSV and data frames have: a row for each number.
    """

    columns: Columns[Row]
    rows: Sequence[Row]
    notes: Sequence[str] = ()
    order: Sequence[str] = ()
    once: int = 0
    long: "Table[Any] | None" = None
    people: "tuple[Table[Any], ...]" = ()

    @property
    def for_people(self) -> "tuple[Table[Any], ...]":
        return self.people or (self,)

    @property
    def shown(self) -> Columns[Row]:
        """What people are shown."""
        titled = {each.name: each for each in self.columns if each.title is not None}
        return tuple(each for each in (titled[name] for name in self.order or titled) if each.needed(self.rows))

    @property
    def cells(self) -> list[list[str]]:
        shown = self.shown
        rows = [[column.cell(row) for column in shown] for row in self.rows]
        return [
            [""] * self.once + row[self.once :] if self.once and above[: self.once] == row[: self.once] else row
            for above, row in zip([[], *rows], rows, strict=False)
        ]

    @property
    def records(self) -> list[Record]:
        """For JSON."""
        return [record(self.columns, row) for row in self.rows]

    @property
    def flat(self) -> list[Record]:
        """For CSV and for data frames: no objects within objects."""
        return self.long.flat if self.long else [flattened(each) for each in self.records]

    @property
    def csv(self) -> str:
        columns = (self.long or self).columns
        return csv_text(self.flat, () if self.flat else [each.name for each in columns if each.is_kept])


def record(columns: Iterable[Column[Row]], row: Row) -> Record:
    return {each.name: plain(each.value(row)) for each in columns if each.is_kept}


def plain(value: Any) -> JsonValue:
    """JSON has no NaN and no infinity: what is not known is null. Enums are their values."""
    if isinstance(value, Mapping):
        return {str(plain(name)): plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    known: JsonValue = value.value if isinstance(value, Enum) else value
    return known


def flattened(record: Mapping[str, JsonValue]) -> Record:
    """What lies in an object has the object's name before its own, but for `value`, which has it alone.

    Several objects are numbered from 1.
    """
    flat: Record = {}
    for name, value in record.items():
        if isinstance(value, list) and any(isinstance(each, dict) for each in value):
            flat |= flattened({f"{name}_{number}": each for number, each in enumerate(value, start=1)})
        elif isinstance(value, dict):
            flat |= {name if key == "value" else f"{name}_{key}": each for key, each in flattened(value).items()}
        else:
            flat[name] = " / ".join(map(str, value)) if isinstance(value, list) else value
    return flat


def csv_text(rows: Sequence[Mapping[str, object]], names: Sequence[str] = ()) -> str:
    """Rows of the same names, by default the first's; None and what is missing are empty fields.

    Text that a spreadsheet would take for a formula is quoted.
    """
    if not rows and not names:
        return ""
    text = io.StringIO()
    writer = csv.DictWriter(text, names or list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _guarded(cell) for name, cell in row.items()} for row in rows)
    return text.getvalue()


def _guarded(cell: object) -> object:
    is_formula = isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    return f"'{cell}" if is_formula else cell
