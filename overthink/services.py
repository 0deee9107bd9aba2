"""Where PostgreSQL and Redis are: in the environment, or in the embedded stack that is alive. Starts nothing."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from db.engine import check, connect
from db.settings import Settings, settings
from overthink.stack import StackInfo, join
from scaling.errors import UnreachableError

REMEDY = "Start the embedded stack with `overthink up`, or set OVERTHINK_DATABASE_URL and OVERTHINK_REDIS_URL."


class NoServicesError(UnreachableError):
    """No database is configured and no embedded stack is alive. Start one, or set the environment variables."""


def find_services() -> Settings | None:
    """Settings with a database and a Redis: the environment's, else the live stack's; None if there is neither."""
    configured = settings()
    if configured.database_url or configured.redis_url:
        return _complete(configured)
    stack = join(configured.home)
    return None if stack is None else _joined(configured, stack)


def require_services() -> Settings:
    """Raises NoServicesError where `find_services` finds none."""
    found = find_services()
    if found is None:
        raise NoServicesError(
            f"no database is configured, and no embedded stack is alive in {settings().home}. {REMEDY}"
        )
    return found


def settings_for_migrating() -> Settings:
    """Like `require_services`, but a database alone is enough."""
    configured = settings()
    return configured if configured.database_url else require_services()


@contextmanager
def open_database(found: Settings) -> Iterator[Engine]:
    """A database that answers. Raises DatabaseUnavailableError."""
    assert found.database_url is not None
    database = connect(found.database_url, pool_size=2)
    try:
        check(database)
        yield database
    finally:
        database.dispose()


def environment_for(found: Settings) -> dict[str, str]:
    """This process's environment, with what makes a child use the same services."""
    chosen = {
        "OVERTHINK_DATABASE_URL": found.database_url,
        "OVERTHINK_REDIS_URL": found.redis_url,
        "OVERTHINK_MODELS": None if found.models is None else str(found.models),
    }
    return dict(os.environ) | {name: value for name, value in chosen.items() if value is not None}


def _complete(configured: Settings) -> Settings:
    """Half a configuration is a mistake: never mix a team's database with a Redis of our own."""
    if configured.database_url and configured.redis_url:
        return configured
    given, missing = "OVERTHINK_DATABASE_URL", "OVERTHINK_REDIS_URL"
    if configured.redis_url:
        given, missing = missing, given
    raise NoServicesError(f"{given} is set and {missing} is not. Set both, or neither for the embedded stack.")


def _joined(configured: Settings, stack: StackInfo) -> Settings:
    models = configured.models or stack.models
    return configured.model_copy(
        update={"database_url": stack.database_url, "redis_url": stack.redis_url, "models": models}
    )
