"""The ids of a table's rows in one database, against their numbers in an archive: from 0, in the order of the ids.

Eight bytes a row, jobs included: all that is held of a whole experiment at once.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, Table, func, select, text

from db.archive.tables import OWNED, ROOT, SHARED, UPLOADS, named, owner, references
from db.models.base import IDS_OF

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
            found[table.name] = array("q", _read(connection, table, table.columns[0], experiment_id))
    for column in references():
        name = column.info[IDS_OF]
        told = set(_read(connection, column.table, func.unnest(column), experiment_id))
        found[name] = array("q", sorted(told.union(found.get(name, ()))))
    return found


def draw(connection: Connection, table: Table, rows: int) -> Ids:
    """New ids, ascending; with gaps, where others draw meanwhile."""
    return array("q", connection.execute(DRAWN, {"table": table.name, "rows": rows}).scalars())


def is_archived(table: Table, ids: IdsOf) -> ColumnElement[bool]:
    """The condition that a row belongs to the archive of the experiment whose ids these are."""
    experiment_id = ids[ROOT.name][0]
    if table in SHARED:
        return table.columns[0].in_(ids[table.name])
    if table is UPLOADS:
        address = ROOT.c.spec["data_set"]["upload"].astext
        return table.c.address == select(address).where(ROOT.c.id == experiment_id).scalar_subquery()
    return is_of(table, experiment_id)


def is_of(table: Table, experiment_id: int) -> ColumnElement[bool]:
    """The condition that a row is the experiment's, or hangs on what is."""
    column = owner(table)
    owning = named(column)
    assert owning is not None
    if owning is ROOT:
        return column == experiment_id
    return column.in_(select(owning.columns[0]).where(is_of(owning, experiment_id)))


def _read(connection: Connection, table: Table, value: ColumnElement[int], experiment_id: int) -> Iterable[int]:
    chosen = select(value).where(is_of(table, experiment_id)).distinct().order_by(value)
    return connection.execute(chosen).scalars()
