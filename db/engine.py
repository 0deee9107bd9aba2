"""The way to PostgreSQL: one pooled engine per process, and a clear word when there is no database."""

import select
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

import psycopg
from sqlalchemy import Connection, Dialect, Engine, ExceptionContext, Row, TextClause, create_engine, event
from sqlalchemy.engine import make_url, result_tuple
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from scaling.errors import UnreachableError

CONNECT_TIMEOUT_S = 5
KEEP_ALIVE = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30_000}
"""A peer that is gone without a word is noticed within half a minute, not after Linux's two hours."""
DIALECT = make_url("postgresql+psycopg://").get_dialect()()
LOST = (psycopg.OperationalError, psycopg.errors.IdleInTransactionSessionTimeout)


class DatabaseUnavailableError(UnreachableError):
    """PostgreSQL does not answer at the address given. Start it, or set OVERTHINK_DATABASE_URL to where it is."""


def connect(url: str, pool_size: int = 16, *, most_idle_s: float | None = None) -> Engine:
    """An engine for `postgresql://user:password@host/database` (or `postgresql:///database?host=/socket/folder`).

    No connection is made until the first statement. A connection that died in the pool is replaced unseen; one that
    dies in use, or cannot be made, raises DatabaseUnavailableError.

    `most_idle_s`: PostgreSQL ends a transaction that stands still for longer, and frees its locks. Its process may be
    frozen, or cut off, and others would wait for as long as it is.
    """
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise ValueError(f"not a database URL: {url!r}; expected postgresql://user:password@host/database") from error
    if address.get_backend_name() != "postgresql":
        raise ValueError(f"{address.get_backend_name()} is not supported: give a postgresql:// URL")
    database = create_engine(
        address.set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "overthink", **KEEP_ALIVE},
    )
    setattr(database.dialect, "do_ping", is_open)  # noqa: B010
    event.listen(database, "do_connect", open_connection)
    event.listen(database, "handle_error", name_the_remedy)
    if most_idle_s is not None:
        event.listen(database, "connect", partial(end_idle_transactions, most_idle_s))
    return database


def open_connection(
    dialect: Dialect, record: ConnectionPoolEntry, arguments: tuple[str, ...], options: dict[str, Any]
) -> psycopg.Connection:
    """Where this process has no file descriptor left, psycopg raises what is no error of a database."""
    try:
        return psycopg.connect(*arguments, **options)
    except OSError as error:
        raise psycopg.OperationalError(str(error)) from error


def is_open(connection: psycopg.Connection) -> bool:
    """Whether the server has ended it: it would have said so, or hung up. To ask it takes a round trip, each time."""
    socket = select.poll()
    socket.register(connection.fileno(), select.POLLIN)
    return not socket.poll(0)


def end_idle_transactions(most_idle_s: float, connection: psycopg.Connection, record: ConnectionPoolEntry) -> None:
    connection.autocommit = True
    connection.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, false)", (f"{most_idle_s:g}s",))
    connection.autocommit = False


def check(database: Engine) -> None:
    """Raises DatabaseUnavailableError unless the database answers."""
    with database.connect() as connection:
        connection.exec_driver_sql("SELECT 1")


def shown(database: Engine) -> str:
    """The database's address without its password."""
    return database.url.set(drivername="postgresql").render_as_string(hide_password=True)


def name_the_remedy(context: ExceptionContext) -> None:
    """Turns a lost or refused connection into DatabaseUnavailableError; other errors stay what they are."""
    is_lost = context.connection is None or context.is_disconnect
    if context.is_pre_ping or not is_lost or not isinstance(context.original_exception, LOST):
        return
    raise unavailable(context.engine, context.original_exception) from context.original_exception


def unavailable(database: Engine | None, why: BaseException) -> DatabaseUnavailableError:
    address = "?" if database is None else shown(database)
    return DatabaseUnavailableError(
        f"PostgreSQL does not answer at {address} ({str(why).strip().splitlines()[0]}). "
        "Start it, or set OVERTHINK_DATABASE_URL to where it is; `overthink doctor` says more."
    )


@contextmanager
def at_once(database: Engine) -> Iterator[Connection]:
    """For one statement, which is a transaction by itself: BEGIN and COMMIT would be two round trips more."""
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection


def in_one_trip(
    connection: Connection, *statements: tuple[TextClause, Mapping[str, object]]
) -> list[Sequence[Row[Any]]]:
    """The rows of each of several statements, none of which waits for what another says: they are sent together.

    On a connection that is `at_once` they are a transaction by themselves. What of them cannot be done is told as
    SQLAlchemy tells it, and then nothing was.
    """
    with driving(connection) as driver:
        with driver.pipeline():
            cursors = [driver.execute(for_driver(statement), values) for statement, values in statements]
        return [rows_of(cursor) for cursor in cursors]


def rows_of(cursor: psycopg.Cursor[Any]) -> Sequence[Row[Any]]:
    """As SQLAlchemy's: columns by their names. None of a statement that has none."""
    if cursor.description is None:
        return ()
    row = result_tuple([column.name for column in cursor.description])
    return [row(values) for values in cursor.fetchall()]


@cache
def for_driver(statement: TextClause) -> str:
    return str(statement.compile(dialect=DIALECT))


@contextmanager
def driving(connection: Connection) -> Iterator[psycopg.Connection]:
    """Past SQLAlchemy, to its driver. What that says of a database that is full or away is told as SQLAlchemy would.

    A connection on which something failed is not used again: of statements that came behind in a pipeline, psycopg
    believes that the server has prepared them, which skipped them.
    """
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    try:
        yield driver
    except psycopg.Error as error:
        is_lost = driver.closed
        connection.invalidate(error)
        if is_lost:
            raise unavailable(connection.engine, error) from error
        raise DBAPIError.instance(None, None, error, psycopg.Error, dialect=connection.dialect) from error


@contextmanager
def reading(database: Engine) -> Iterator[Connection]:
    """One REPEATABLE READ, READ ONLY transaction: queries made in it agree with one another."""
    with database.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True) as snapshot:
        yield snapshot
