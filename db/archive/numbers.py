"""The ids of a table's rows in one database, against their numbers in an archive: from 0, in the order of the ids.

Eight bytes a row, jobs included: all that is held of a whole experiment at once.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, Table, any_, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, BIGINT

from db.archive.tables import OWNED, ROOT, named, owner, references
from db.models.base import IDS_OF

OWNERS_AT_ONCE = 500
DRAWN = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :rows)")

Ids = Sequence[int]
IdsOf = Mapping[str, Ids]
"""By the table's name."""


def number(ids: Ids, row_id: int) -> int:
    """Of a row whose id is among them."""
    return bisect_left(ids, row_id)


def ids_of(connection: Connection, experiment_id: int) -> IdsOf:
    """What the experiment's rows are called here, and those of shared tables that they name."""
    found = {ROOT.name: array("q", [experiment_id])}
    for table in OWNED:
        if table is not ROOT and table.columns[0].identity is not None:
            found[table.name] = array("q", sorted(_read(connection, table, table.columns[0], found)))
    for column in references():
        name = column.info[IDS_OF]
        told = set(_read(connection, column.table, func.unnest(column), found))
        found[name] = array("q", sorted(told.union(found.get(name, ()))))
    return found


def draw(connection: Connection, table: Table, rows: int) -> Ids:
    """New ids, ascending; with gaps, where others draw meanwhile."""
    return array("q", connection.execute(DRAWN, {"table": table.name, "rows": rows}).scalars())


def owners(table: Table, ids: IdsOf) -> Iterator[list[int]]:
    """The ids that may stand in the table's column of owners, some at a time."""
    owning = named(owner(table))
    assert owning is not None
    known = ids[owning.name]
    return (list(known[start : start + OWNERS_AT_ONCE]) for start in range(0, len(known), OWNERS_AT_ONCE))


def is_owned(table: Table) -> ColumnElement[bool]:
    """The condition that a row is of one of the owners bound as `owners`."""
    return owner(table) == any_(bindparam("owners", type_=ARRAY(BIGINT)))


def _read(connection: Connection, table: Table, value: ColumnElement[int], ids: IdsOf) -> Iterable[int]:
    chosen = select(value).where(is_owned(table)).distinct()
    for some in owners(table, ids):
        yield from connection.execute(chosen, {"owners": some}).scalars()
