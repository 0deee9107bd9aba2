"""`scaling.types.Counts` as columns: which they are, and how they are written and read."""

from dataclasses import asdict, fields

from sqlalchemy import Row

from scaling.types import Counts

COUNT_COLUMNS = tuple(field.name for field in fields(Counts))


def counts_of(row: Row[tuple[object, ...]]) -> Counts:
    """The counts in a row that has all count columns."""
    return Counts(**{name: getattr(row, name) for name in COUNT_COLUMNS})


def count_values(counts: Counts) -> dict[str, object]:
    return asdict(counts)
