"""One running process of a part: in a session of its own, its output in a log, ended together with its group."""

import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from .family import end, members_of_group
from .part import Part

LOG_TAIL_LINES = 20
GROUP_ENDS_WITHIN_S = 6.0


class PartProcess:
    """Starts at construction. Its own session means that the terminal's Ctrl-C does not reach it."""

    def __init__(self, part: Part, environment: Mapping[str, str], log: BinaryIO) -> None:
        self._part = part
        self.started = time.monotonic()
        self._popen = subprocess.Popen(
            part.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=dict(environment) | dict(part.environment),
            start_new_session=True,
            user=part.account.uid if part.account else None,
            group=part.account.gid if part.account else None,
            extra_groups=[] if part.account else None,
        )

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return self._popen.poll()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def wait(self, timeout_s: float | None = None) -> int | None:
        try:
            return self._popen.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> None:
        """Asks it to end, waits for its grace, then kills what is left of its group."""
        if self.exit_code is None:
            self._popen.send_signal(self._part.stop_signal)
            self.wait(self._part.stop_grace_s)
        self.kill()

    def kill(self) -> None:
        """Kills the whole group, also when its leader is dead already (vLLM's engine outlives its server)."""
        if self.exit_code is None:
            self._popen.kill()
            self.wait()
        end(lambda: members_of_group(self.pid), timeout_s=GROUP_ENDS_WITHIN_S)


def describe_exit(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def open_log(path: Path, is_new_run: bool) -> BinaryIO:
    """A run of the stack starts a new log and keeps the last one beside it."""
    if is_new_run and path.exists():
        shutil.move(path, path.with_suffix(".previous.log"))
    return path.open("ab")


def log_tail(path: Path) -> str:
    text = path.read_text(errors="replace") if path.exists() else ""
    return "\n".join(text.splitlines()[-LOG_TAIL_LINES:])
