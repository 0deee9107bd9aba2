"""One part of the stack: what to run, how to tell that it is ready, and how to end it."""

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Account:
    """The unprivileged user that PostgreSQL runs as when we are root; it refuses to run as root."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Part:
    name: str
    command: tuple[str, ...]
    is_ready: Callable[[], bool] | None = None
    """Asked again and again. None: the part does its work and ends, and is ready when it exits with 0."""
    settles_after_s: float = 0.0
    """It is not ready before it has run for so long."""
    needs: tuple[str, ...] = ()
    """Names of parts that must be ready first."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """What is added to the stack's environment."""
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_grace_s: float = 10.0
    ready_timeout_s: float = 60.0
    max_quick_deaths: int = 5
    """Deaths in a row, each before the part had served for a while, after which it is given up."""
    before_start: Callable[[], None] | None = None
    """Clears what a crash of the last process left behind."""
