"""`scaling.rollup.Rollup` as columns: which they are, and how they are written and read."""

from dataclasses import fields
from typing import Any

from sqlalchemy import Row

from scaling.rollup import Rollup

ROLLUP_COLUMNS = tuple(field.name for field in fields(Rollup))


def rollup_of(row: Row[Any]) -> Rollup:
    """The rollup in a row that has all its columns."""
    return Rollup(**{name: stored(getattr(row, name)) for name in ROLLUP_COLUMNS})


def rollup_values(rollup: Rollup) -> dict[str, object]:
    values = {name: getattr(rollup, name) for name in ROLLUP_COLUMNS}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def stored(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
