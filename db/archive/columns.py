"""A column as Arrow has it, and its values on the way there and back. JSON stays the text that PostgreSQL writes."""

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    cast,
    literal,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import NULLTYPE, TypeEngine

from db.archive.numbers import Ids, IdsOf, number
from db.archive.tables import named

# The first that fits: a BigInteger is an Integer too, a closed set a String.
ARROW_TYPES: tuple[tuple[type[TypeEngine[Any]], pa.DataType], ...] = (
    (BigInteger, pa.int64()),
    (Integer, pa.int32()),
    (Boolean, pa.bool_()),
    (Float, pa.float64()),
    (DateTime, pa.timestamp("us", tz="UTC")),
    (JSONB, pa.string()),
    (LargeBinary, pa.binary()),
    (String, pa.string()),
)


def arrow_type(kind: TypeEngine[Any]) -> pa.DataType:
    """Raises NotImplementedError for a type that no table had when this was written: a line in ARROW_TYPES."""
    if isinstance(kind, ARRAY):
        return pa.list_(arrow_type(kind.item_type))
    for known, arrow in ARROW_TYPES:
        if isinstance(kind, known):
            return arrow
    raise NotImplementedError(f"archives have no Arrow type for {kind!r}: add it to ARROW_TYPES")


def arrow_schema(table: Table) -> pa.Schema:
    return pa.schema([(column.name, arrow_type(column.type)) for column in table.columns])


def readable(column: Column[Any]) -> ColumnElement[Any]:
    """The column as the driver reads it: plain text, numbers, times and lists of them."""
    if isinstance(column.type, JSONB):
        return cast(column, Text).label(column.name)
    return type_coerce(column, NULLTYPE).label(column.name)


def storable(column: Column[Any], value: object) -> object:
    """What `readable` read, as an INSERT takes it."""
    return cast(literal(value, Text), column.type) if isinstance(column.type, JSONB) else value


def written(column: Column[Any], values: Sequence[Any]) -> Sequence[Any]:
    """As COPY takes them. The driver looks at each token id for what to escape; there is nothing."""
    if isinstance(column.type, ARRAY) and isinstance(column.type.item_type, Integer):
        return [None if many is None else f"{{{','.join(map(str, many))}}}" for many in values]
    return values


def numbered(column: Column[Any], values: Sequence[Any], ids: IdsOf) -> Sequence[Any]:
    """Ids as numbers; other values as they are."""
    return _translated(column, values, ids, number)


def with_ids(column: Column[Any], values: Sequence[Any], ids: IdsOf) -> Sequence[Any]:
    """Numbers as ids; other values as they are."""
    return _translated(column, values, ids, lambda known, each: known[each])


def _translated(column: Column[Any], values: Sequence[Any], ids: IdsOf, by: Callable[[Ids, int], int]) -> Sequence[Any]:
    table = named(column)
    if table is None:
        return values
    known = ids[table.name]
    if isinstance(column.type, ARRAY):
        return [None if many is None else [by(known, each) for each in many] for many in values]
    return [None if each is None else by(known, each) for each in values]
