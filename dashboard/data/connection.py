"""Where the database is: the only place in the dashboard that knows. And how old what is read may be."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from db.engine import check as check_database
from db.engine import connect
from db.settings import settings
from scaling.errors import UnreachableError

FRESH_S = 2.0
LONG_S = 3600.0
NO_REDIS = "No Redis is configured. Set OVERTHINK_REDIS_URL before starting the dashboard."


class NotConfiguredError(UnreachableError):
    """The dashboard was started without being told where PostgreSQL or Redis is. The message has the remedy."""


@st.cache_resource(on_release=Engine.dispose)
def engine_for(url: str) -> Engine:
    return connect(url)


def database() -> Engine:
    """Raises NotConfiguredError."""
    url = settings().database_url
    if url is None:
        raise NotConfiguredError(
            "No database is configured. Start the embedded stack with `overthink up`, which brings a dashboard, or "
            "set OVERTHINK_DATABASE_URL (and OVERTHINK_REDIS_URL) before starting the dashboard."
        )
    return engine_for(url)


@contextmanager
def asked() -> Iterator[Engine]:
    """The database; an outage while it is asked becomes an error that has the remedy."""
    engine = database()
    try:
        yield engine
    except OperationalError:
        check_database(engine)
        raise
