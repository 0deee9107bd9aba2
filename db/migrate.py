"""Bringing a database's tables up to date, with Alembic. The migrations lie in `db/migrations/versions`.

Developers: `alembic revision --autogenerate -m "..."` with OVERTHINK_DATABASE_URL set drafts the next one.
"""

import time
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from scaling.errors import UnreachableError

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
TRIES, PAUSE_S = 20, 3.0


class MigrationBlockedError(UnreachableError):
    """Others hold a table for so long that it cannot be changed. Migrate when they have ended; what is done stays."""


def migrate(database: Engine, tries: int = TRIES, pause_s: float = PAUSE_S) -> None:
    """Applies every migration that is missing, each by itself. Several processes at once take turns.

    One that would have to wait for a table is put off: whoever wants that table next would have to wait behind it.
    """
    for left in reversed(range(tries)):
        try:
            upgrade(database)
        except OperationalError as error:
            if not isinstance(error.orig, psycopg.errors.LockNotAvailable):
                raise
            if not left:
                raise MigrationBlockedError(
                    f"a table that has to be changed was in use at each of {tries} tries. End what reads or writes it "
                    "(long queries, `pg_stat_activity` lists them), or stop the workers, and run: overthink migrate"
                ) from error
            time.sleep(pause_s)
        else:
            return


def upgrade(database: Engine) -> None:
    config = alembic_config()
    config.attributes["database"] = database
    command.upgrade(config, "head")


def is_current(database: Engine) -> bool:
    """Whether the tables are those that this code expects."""
    with database.connect() as connection:
        found = MigrationContext.configure(connection).get_current_heads()
    return set(found) == {head()}


def head() -> str:
    """The version of the tables that this code expects: its latest migration."""
    latest = ScriptDirectory.from_config(alembic_config()).get_current_head()
    assert latest is not None
    return latest


def versions() -> tuple[str, ...]:
    """Every version that tables ever had, oldest first."""
    scripts = ScriptDirectory.from_config(alembic_config()).walk_revisions()
    return tuple(reversed([script.revision for script in scripts]))


def alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
