"""`Counts`, and `Unknown` beside it, as columns: which they are, and how they are written and read."""

from dataclasses import fields
from operator import attrgetter

from sqlalchemy import Row

from scaling.compute.spending import Unknown
from scaling.types import Counts

COUNT_COLUMNS = tuple(field.name for field in fields(Counts))
_counts_in = attrgetter(*COUNT_COLUMNS)

UNKNOWN_COLUMNS = tuple(f"unknown_{name}" for name in Unknown._fields)

SPENDING_COLUMNS = (*COUNT_COLUMNS, *UNKNOWN_COLUMNS)
"""What is known of an attempt: what servers counted, and what it spent on top of that, at most."""


def counts_of(row: Row[tuple[object, ...]]) -> Counts:
    """The counts in a row that has all count columns."""
    return Counts(**{name: getattr(row, name) for name in COUNT_COLUMNS})


def unknown_of(row: Row[tuple[object, ...]]) -> Unknown | None:
    """None for what was spent before it was told."""
    values = [getattr(row, name) for name in UNKNOWN_COLUMNS]
    return None if None in values else Unknown(*values)


def count_values(counts: Counts) -> dict[str, object]:
    return dict(zip(COUNT_COLUMNS, _counts_in(counts), strict=True))


def spending_values(counts: Counts, unknown: Unknown) -> dict[str, object]:
    return dict(zip(SPENDING_COLUMNS, (*_counts_in(counts), *unknown), strict=True))
