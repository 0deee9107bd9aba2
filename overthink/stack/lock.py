"""One stack per home: a lock on `stack.lock`, which the guard inherits, and what `stack.json` tells those who join."""

import fcntl
import os
import time
from pathlib import Path

import psutil
from pydantic import BaseModel, ConfigDict

from .events import StackError
from .home import Home

ORPHAN_WAIT_S = 20.0  # a killed supervisor's guard needs up to 8 s to end what was left


class StackInfo(BaseModel):
    """How to reach a live stack; the contents of stack.json."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: str | None
    redis_url: str | None
    models: Path | None
    dashboard_url: str | None
    pid: int

    @property
    def environment(self) -> dict[str, str]:
        """The settings that make a process use this stack."""
        values = {
            "OVERTHINK_DATABASE_URL": self.database_url,
            "OVERTHINK_REDIS_URL": self.redis_url,
            "OVERTHINK_MODELS": self.models,
        }
        return {name: str(value) for name, value in values.items() if value is not None}

    def write(self, path: Path) -> None:
        """Writes it whole or not at all."""
        partial = path.with_suffix(".partial")
        partial.touch(mode=0o600)
        partial.write_text(self.model_dump_json(indent=2) + "\n")
        partial.replace(path)


def join(home: Path) -> StackInfo | None:
    """The live stack in `home`, or None: a stack.json that nobody holds the lock for is a leftover."""
    place = Home(home.resolve())
    try:
        descriptor = os.open(place.lock, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return StackInfo.model_validate_json(place.info.read_text()) if place.info.exists() else None
    finally:
        os.close(descriptor)
    return None


class HomeLock:
    """Held from construction to `release`, and by every process that inherits the descriptor."""

    def __init__(self, home: Home) -> None:
        self.descriptor = os.open(home.lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._acquire(home)
        except StackError:
            os.close(self.descriptor)
            raise
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, str(os.getpid()).encode(), 0)

    def _acquire(self, home: Home) -> None:
        """Waits while the holder is a guard that clears up, and a moment longer than a `join` looks."""
        started = time.monotonic()
        while True:
            try:
                return fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = _holder(home)
            waited_s = time.monotonic() - started
            if waited_s > (ORPHAN_WAIT_S if holder is None else 1.0):
                raise StackError(_refusal(home, holder))
            time.sleep(0.1)

    def release(self) -> None:
        os.close(self.descriptor)


def _holder(home: Home) -> psutil.Process | None:
    """The supervisor that wrote its id into the lock, if it lives."""
    text = home.lock.read_text().strip()
    return psutil.Process(int(text)) if text and psutil.pid_exists(int(text)) else None


def _refusal(home: Home, holder: psutil.Process | None) -> str:
    who = "a guard that is still clearing up" if holder is None else f"process {holder.pid} ({_command(holder)})"
    return (
        f"{home.root} is in use by {who}. Join it (`overthink status`, `overthink submit`), stop it with Ctrl-C, "
        "or set OVERTHINK_HOME to another folder."
    )


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline()[:6])
    except psutil.Error:
        return "its command line is hidden"
