"""What to do while PostgreSQL is away: wait and try again. Every write is guarded, so trying twice is safe."""

import logging
import random
from collections.abc import Callable
from threading import Event
from time import monotonic
from typing import TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from db.engine import DatabaseUnavailableError

log = logging.getLogger(__name__)

T = TypeVar("T")

DATABASE_AWAY = (DatabaseUnavailableError, OperationalError, InterfaceError, PoolTimeoutError)
"""What is raised when the database is restarting, unreachable or overrun."""


def first_line(error: Exception) -> str:
    return (str(getattr(error, "orig", None) or error).strip() or type(error).__name__).splitlines()[0]


def patiently(write: Callable[[], T], what: str, *, give_up_after_s: float = 600.0, stop: Event | None = None) -> T:
    """Does `write` again, with growing pauses, for as long as the database is away; raises its last error then.

    A set `stop` ends the patience after one more try.
    """
    since, pause_s = monotonic(), 0.25
    stop = stop or Event()
    while True:
        try:
            return write()
        except DATABASE_AWAY as error:
            if stop.is_set() or monotonic() - since > give_up_after_s:
                raise
            log.debug("%s: PostgreSQL is away (%s); trying again", what, first_line(error))  # the heartbeat warns, once
        stop.wait(pause_s * random.uniform(0.5, 1.0))
        pause_s = min(10.0, pause_s * 2)
