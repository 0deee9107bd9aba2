"""Which tables an experiment is spread over, and whose ids a column holds: read off the models, nothing is listed."""

from sqlalchemy import Column, Table

from db.models import Base
from db.models.base import DERIVED, IDS_OF

ROOT = Base.metadata.tables["experiments"]


def owned() -> tuple[Table, ...]:
    """`experiments`, and what hangs on it by foreign keys; owners before what they own. Not what is derived of them."""
    found: list[Table] = []
    for table in Base.metadata.sorted_tables:
        is_owned = table is ROOT or any(key.column.table in found for key in table.foreign_keys)
        if is_owned and DERIVED not in table.info:
            found.append(table)
    return tuple(found)


def named(column: Column[object]) -> Table | None:
    """The table whose ids the column holds, its own included; None: it holds none.

    A foreign key is followed to where ids are given: that of `steps` ends at `jobs`.
    """
    if column.identity is not None:
        return column.table
    if IDS_OF in column.info:
        return Base.metadata.tables[column.info[IDS_OF]]
    return next((named(key.column) for key in column.foreign_keys), None)


def owner(table: Table) -> Column[object]:
    """The column that says whose a row is: its first foreign key, or the experiment's own id."""
    return next((column for column in table.columns if column.foreign_keys), table.columns[0])


def references() -> tuple[Column[object], ...]:
    """The columns that hold arrays of ids in a table that many experiments share."""
    return tuple(column for table in OWNED for column in table.columns if IDS_OF in column.info)


OWNED = owned()
UPLOADS = Base.metadata.tables["uploads"]
"""Of it the one file, if any, that the experiment's problems were read from: it cannot be run again without."""
SHARED = tuple(dict.fromkeys(Base.metadata.tables[column.info[IDS_OF]] for column in references()))
TABLES = (*SHARED, UPLOADS, *OWNED)
"""In the order in which they are restored."""
