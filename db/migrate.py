"""Bringing a database's tables up to date, with Alembic. The migrations lie in `db/migrations/versions`.

Developers: `alembic revision --autogenerate -m "..."` with OVERTHINK_DATABASE_URL set drafts the next one.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

MIGRATIONS = Path(__file__).resolve().parent / "migrations"


def migrate(database: Engine) -> None:
    """Applies every migration that is missing. Safe to call from several processes at once: they take turns."""
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
