"""What the agent and its faults see of the stack: processes, tables in plain SQL; and how to wait for a state."""

import datetime as dt
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, LiteralString, TypeVar

import psutil
import psycopg
import redis
from sqlalchemy import Engine

from overthink.stack import Stack
from tests.acceptance.service import psql
from tests.soak.clock import Clock
from tests.soak.links import Links
from tests.soak.machine import NAME as SECOND
from tests.soak.meter import Meter
from worker.database_outage import DATABASE_AWAY

T = TypeVar("T")

WORKERS = ("worker", SECOND)
PATIENCE_S = 600.0
"""For any state that must come: generous, since the machine may be busy. Nothing is concluded from how long it took."""
LOOK_EVERY_S = 0.1
ALIVE: LiteralString = """
SELECT count(*) FROM workers
WHERE pid = %s AND stopped_at IS NULL AND now() - heartbeat_at < %s * interval '1 s'
"""
HELD: LiteralString = "SELECT count(*) FROM jobs WHERE status = 'running' AND split_part(worker, ':', 2) = %s"
WORKED: LiteralString = """
SELECT count(*) FROM attempts
WHERE started_at > %s AND outcome = 'succeeded' AND split_part(worker, ':', 2) = %s
"""


class NotSoError(AssertionError):
    """What must hold did not come to hold. The message says what, and after which fault."""


def _living(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [] if process.status() == psutil.STATUS_ZOMBIE else [process]
    except psutil.NoSuchProcess:
        return []


@dataclass
class World:
    stack: Stack
    database: Engine
    links: Links
    clock: Clock
    meter: Meter
    lease_ttl_s: float
    family: set[psutil.Process] = field(default_factory=set)
    """Every process of the stack that was ever seen."""

    @property
    def url(self) -> str:
        return self.stack.environment["OVERTHINK_DATABASE_URL"]

    def ask(self, query: LiteralString, *values: object) -> Any:
        """The first column of the first row; psycopg's errors while PostgreSQL is away."""
        with psql(self.url) as connection:
            row = connection.execute(query, values).fetchone()
        return None if row is None else row[0]

    def patiently(self, act: Callable[[], T]) -> T:
        """What it returns, once it does so without PostgreSQL or Redis being away. It may be done twice."""
        done: list[T] = []
        self.until(lambda: done.append(act()) or True, "PostgreSQL and Redis answer")
        return done[-1]

    def ask_patiently(self, query: LiteralString, *values: object) -> Any:
        return self.patiently(lambda: self.ask(query, *values))

    def order(self, statements: LiteralString) -> None:
        with psql(self.url) as connection:
            connection.execute(statements)

    def meet_processes(self) -> None:
        """Remembers the processes of the stack that live now."""
        self.family.update(psutil.Process().children(recursive=True))

    def redis(self) -> redis.Redis:
        return redis.Redis.from_url(self.stack.environment["OVERTHINK_REDIS_URL"].replace("redis+socket://", "unix://"))

    def now(self) -> dt.datetime:
        """By the only clock that counts."""
        now = self.ask_patiently("SELECT now()")
        assert isinstance(now, dt.datetime)
        return now

    def pid(self, part: str) -> int:
        """Of a part that is, or will soon be, started."""
        self.until(lambda: self.stack.part(part).pid is not None, f"{part} runs")
        pid = self.stack.part(part).pid
        assert pid is not None
        return pid

    def process(self, part: str) -> psutil.Process:
        """One that lives: another fault may just have ended it, and then the next one is waited for."""
        found: list[psutil.Process] = []
        self.until(lambda: found.extend(_living(self.pid(part))) or found, f"{part} runs")
        return found[0]

    def until(self, is_so: Callable[[], object], what: str) -> None:
        """Waits while PostgreSQL or Redis are away, too."""
        deadline = time.monotonic() + PATIENCE_S
        while not self._is_so(is_so):
            if self.stack.failed:
                raise NotSoError("\n\n".join(self.stack.failed))
            if time.monotonic() > deadline:
                raise NotSoError(f"not within {PATIENCE_S:.0f} s: {what}")
            threading.Event().wait(LOOK_EVERY_S)

    def _is_so(self, is_so: Callable[[], object]) -> bool:
        try:
            return bool(is_so())
        except (psycopg.OperationalError, redis.RedisError, *DATABASE_AWAY):
            return False

    def held_by(self, pid: int) -> int:
        """Jobs that run at a worker."""
        return int(self.ask(HELD, str(pid)))

    def is_alive(self, pid: int) -> bool:
        """Whether the database knows the worker as one that lives: announced, not buried, and heard of lately."""
        return bool(self.ask(ALIVE, pid, self.lease_ttl_s))

    def has_worked(self, pid: int, since: dt.datetime) -> bool:
        """Whether the worker has ended a job well that it began after that."""
        return bool(self.ask(WORKED, since, str(pid)))
