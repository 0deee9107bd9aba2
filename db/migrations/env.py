"""How Alembic reaches the database: the engine that `db.migrate` hands in, else OVERTHINK_DATABASE_URL."""

from alembic import context
from sqlalchemy import Connection, Engine, text

from db.engine import connect
from db.models import Base
from db.settings import settings

MIGRATION_LOCK = 0x0EC1  # any number, the same for everyone who migrates a database


def database() -> Engine:
    handed_in = context.config.attributes.get("database")
    if isinstance(handed_in, Engine):
        return handed_in
    url = settings().database_url
    if url is None:
        raise SystemExit("Set OVERTHINK_DATABASE_URL to the database to migrate.")
    return connect(url)


def migrate() -> None:
    """A transaction for each missing migration, or more: no lock is held longer than one of them takes.

    A second process that migrates waits, and finds nothing to do. Nobody else is waited for longer than a second.
    """
    with database().connect() as connection:
        try:
            run_alone(connection)
        finally:
            connection.invalidate()  # closed, and with it go lock and setting


def run_alone(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
    connection.execute(text("SET lock_timeout = '1s'"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_server_default=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Migrations need a database to look at: run without --sql.")
migrate()
