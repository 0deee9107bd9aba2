"""An embedded stack for as long as a command needs one, told about on a terminal, and stopped whatever happens."""

import signal
import time
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import FrameType

from rich.console import Console
from sqlalchemy import Engine

from db.migrate import is_current, migrate
from db.queries import fleet
from db.settings import Settings, settings
from overthink.services import find_services, open_database, require_services
from overthink.stack import EventKind, Stack, StackError, StackEvent

EVERYTHING = frozenset({"postgres", "redis", "vllm", "migrate", "worker", "reconcile"})
ONLY_POSTGRES = frozenset({"postgres"})
"""Enough to look at what was run before, in a second or two."""

WORKER_ANNOUNCES_WITHIN_S = 60.0
LOOK_EVERY_S = 0.25


class Teller:
    """Says what users care for: parts that are ready (unless that takes no time), died or were given up."""

    def __init__(self, console: Console, is_telling_all: bool) -> None:
        self._console = console
        self._is_telling_all = is_telling_all

    def __call__(self, event: StackEvent) -> None:
        if event.kind is EventKind.READY and self._is_telling_all:
            self._console.print(f"  {event}", style="dim")
        elif event.kind in (EventKind.DIED, EventKind.FAILED):
            self._console.print(f"  {event}", style="yellow" if event.kind is EventKind.DIED else "red")


@contextmanager
def started(console: Console, *, dashboard: bool, names: Collection[str] = EVERYTHING) -> Iterator[Stack]:
    """A stack that is ready. Raises StackError; leaves nothing running, however the block ends.

    With OVERTHINK_MODELS set, its workers serve those models, and the tiny model's server is not started.
    """
    here = settings()
    teller = Teller(console, "vllm" in names)
    stack = Stack(here.home, dashboard=dashboard, names=names, models=here.models, on_event=teller)
    try:
        with _waiting(console, names):
            stack.start()
        yield stack
    finally:
        with uninterrupted():
            stack.stop()


@contextmanager
def database_at_hand(console: Console) -> Iterator[tuple[Settings, Engine]]:
    """PostgreSQL as configured or alive; else the embedded one alone, for as long as the block takes.

    For commands that look at or steer what is stored. Raises NoServicesError if there is nothing to look at.
    """
    found = find_services()
    if found is None and not has_experiments():
        require_services()
    if found is not None:
        with open_database(found) as database:
            yield found, database
        return
    with terminable(), only_postgres(console, dashboard=False) as (stack, database):
        yield settings_of(stack), database


@contextmanager
def only_postgres(console: Console, *, dashboard: bool) -> Iterator[tuple[Stack, Engine]]:
    """The embedded PostgreSQL, its tables up to date, and the dashboard if asked for; nothing runs experiments."""
    names = ONLY_POSTGRES | {"redis"} if dashboard else ONLY_POSTGRES
    with started(console, dashboard=dashboard, names=names) as stack, open_database(settings_of(stack)) as database:
        if not is_current(database):
            migrate(database)
        yield stack, database


def has_experiments() -> bool:
    """Whether an embedded stack was ever started in the home."""
    return (settings().home / "postgres").exists()


@contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM ends the block as Ctrl-C does: with a KeyboardInterrupt."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl-C and SIGTERM do nothing meanwhile. (If all is killed, the stack's guard does the rest.)"""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def settings_of(stack: Stack) -> Settings:
    info = stack.info
    return settings().model_copy(
        update={"database_url": info.database_url, "redis_url": info.redis_url, "models": info.models}
    )


def require_alive(stack: Stack) -> None:
    """Raises StackError if a part was given up: nothing would ever end."""
    if stack.failed:
        raise StackError("\n\n".join(stack.failed))


def wait_for_worker(stack: Stack, database: Engine, lease_ttl_s: float) -> None:
    """A worker process is up before it has checked its models and announced itself. Raises StackError."""
    since = time.monotonic()
    while not fleet(database, lease_ttl_s).alive:
        require_alive(stack)
        if time.monotonic() - since > WORKER_ANNOUNCES_WITHIN_S:
            log = settings().home / "logs" / "worker.log"
            raise StackError(f"the worker did not announce itself within {WORKER_ANNOUNCES_WITHIN_S:.0f} s; see {log}")
        time.sleep(LOOK_EVERY_S)


def _waiting(console: Console, names: Collection[str]) -> AbstractContextManager[object]:
    """Something that moves while the stack starts; a plain line where nobody watches."""
    is_long = "vllm" in names
    text = "Starting the embedded stack; vLLM takes half a minute ..." if is_long else "Starting PostgreSQL ..."
    if console.is_terminal:
        return console.status(text)
    if is_long:
        console.print(text)
    return nullcontext()
