"""An embedded stack for as long as a command needs one, told about on a terminal, and stopped whatever happens."""

import signal
import time
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import FrameType

from rich.console import Console
from sqlalchemy import Engine

from db.settings import Settings, settings
from overthink.live import fleet
from overthink.stack import EventKind, Stack, StackError, StackEvent

EVERYTHING = frozenset({"postgres", "redis", "vllm", "migrate", "worker", "reconcile"})
ONLY_TO_READ = frozenset({"postgres", "redis", "migrate"})
"""Enough to look at what was run before, in a few seconds."""

WORKER_ANNOUNCES_WITHIN_S = 60.0
LOOK_EVERY_S = 0.25


class Teller:
    """Says what users care for: parts that are ready, died or were given up."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __call__(self, event: StackEvent) -> None:
        if event.kind is EventKind.READY:
            self._console.print(f"  {event}", style="dim")
        elif event.kind in (EventKind.DIED, EventKind.FAILED):
            self._console.print(f"  {event}", style="yellow" if event.kind is EventKind.DIED else "red")


@contextmanager
def started(console: Console, *, dashboard: bool, names: Collection[str] = EVERYTHING) -> Iterator[Stack]:
    """A stack that is ready. Raises StackError; leaves nothing running, however the block ends."""
    stack = Stack(settings().home, dashboard=dashboard, names=names, on_event=Teller(console))
    try:
        with _waiting(console, names):
            stack.start()
        yield stack
    finally:
        with uninterrupted():
            stack.stop()


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
    while not fleet(database, lease_ttl_s).workers:
        require_alive(stack)
        if time.monotonic() - since > WORKER_ANNOUNCES_WITHIN_S:
            log = settings().home / "logs" / "worker.log"
            raise StackError(f"the worker did not announce itself within {WORKER_ANNOUNCES_WITHIN_S:.0f} s; see {log}")
        time.sleep(LOOK_EVERY_S)


def _waiting(console: Console, names: Collection[str]) -> AbstractContextManager[object]:
    """Something that moves while the stack starts; a plain line where nobody watches."""
    text = "Starting the embedded stack; vLLM takes half a minute ..." if "vllm" in names else "Starting PostgreSQL ..."
    if console.is_terminal:
        return console.status(text)
    console.print(text)
    return nullcontext()
