"""Many rows at once: COPY, which takes a fraction of the time that an INSERT for each takes."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from psycopg import sql
from sqlalchemy import Connection

from db.engine import driving
from db.models import Base


def copy_rows(connection: Connection, model: type[Base], rows: Iterable[Mapping[str, object]]) -> None:
    """Writes rows that all have the same columns as they come, in the connection's transaction."""
    waiting = iter(rows)
    for first in waiting:
        columns = tuple(first)
        values = ([row[column] for column in columns] for row in chain([first], waiting))
        copy_into(connection, model.__tablename__, columns, values)


def copy_into(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Writes rows as they come, in the connection's transaction."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with driving(connection) as driver, driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
