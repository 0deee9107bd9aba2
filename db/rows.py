"""Rows as frozen values, field by field by name: a new column is named where it is declared, and nowhere in between."""

from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Row

T = TypeVar("T")


@cache
def adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def read(kind: type[T], row: Row[Any], **more: object) -> T:
    """A dataclass from the row's columns of its fields' names; `more` are fields that no column is named for.

    Members of closed sets are read by their values, arrays as tuples, JSON as what the field says.
    """
    known = row._mapping
    columns = {field.name: known[field.name] for field in fields(kind) if field.name in known}  # type: ignore[arg-type]
    value: T = adapter(kind).validate_python({**columns, **more})  # type: ignore[arg-type]
    return value
