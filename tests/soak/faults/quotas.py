"""Quotas that are filled: of PostgreSQL's connections and its disk, of a worker's files and their size.

The disk is not really full: no file system is made for it. A trigger answers as PostgreSQL does when it is (SQLSTATE
53100), and it is the answer that matters. A worker's limits are real (`prlimit`, while it runs), and so are the
connections.
"""

import contextlib
import threading
from collections.abc import Iterator
from random import Random

import psutil
import psycopg

from tests.acceptance.service import psql
from tests.soak.faults.connections import TERMINATE
from tests.soak.faults.fault import IsOver, busy_worker, lives
from tests.soak.world import WORKERS, World

LASTS_S = 3.0
"""How long a quota stays filled."""
FILL = """
CREATE OR REPLACE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE OR REPLACE TRIGGER disk_full BEFORE INSERT ON steps EXECUTE FUNCTION disk_full();
"""
EMPTY = "DROP TRIGGER IF EXISTS disk_full ON steps; DROP FUNCTION IF EXISTS disk_full();"
FEW_DESCRIPTORS = 16
"""Fewer than a worker has open: what is open stays so, and nothing more can be opened."""


def connections_used_up(world: World, dice: Random) -> IsOver:
    """PostgreSQL has no connection left for anybody, and those that there were are cut."""
    is_over = lives(world, *WORKERS, "reconcile")
    with contextlib.ExitStack() as taken:
        _take_all(world, taken)
        world.links.cut()  # the second machine has to connect anew, to a PostgreSQL that is full
        _take_all(world, taken)
        _last()
    return is_over


def database_full(world: World, dice: Random) -> IsOver:
    is_over = lives(world, *WORKERS)
    world.patiently(lambda: world.order(FILL))
    try:
        _last()
    finally:
        world.patiently(lambda: world.order(EMPTY))
    return is_over


def descriptors_used_up(world: World, dice: Random) -> IsOver:
    """A worker loses its connections to PostgreSQL, and can open none."""
    victim = busy_worker(world, dice)
    with _limited(world.process(victim), psutil.RLIMIT_NOFILE, FEW_DESCRIPTORS):
        world.ask_patiently(TERMINATE)
        _last()
    return lives(world, *WORKERS)


def log_full(world: World, dice: Random) -> IsOver:
    """A worker has something to say, and cannot write a byte to its log."""
    victim = busy_worker(world, dice)
    is_over = lives(world, victim)
    with _limited(world.process(victim), psutil.RLIMIT_FSIZE, 0):
        world.ask_patiently(TERMINATE)
        _last()
    return is_over


@contextlib.contextmanager
def _limited(process: psutil.Process, resource: int, limit: int) -> Iterator[None]:
    soft, hard = process.rlimit(resource)
    process.rlimit(resource, (limit, hard))
    try:
        yield
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.rlimit(resource, (soft, hard))


def _take_all(world: World, taken: contextlib.ExitStack) -> None:
    """Until PostgreSQL refuses."""
    with contextlib.suppress(psycopg.OperationalError):
        while True:
            taken.enter_context(psql(world.url))


def _last() -> None:
    threading.Event().wait(LASTS_S)
