"""Which processes belong to a stack, so that none escapes when it ends.

Every child inherits a marker in its environment, and passes it on; that finds vLLM's engine processes even after
their parent's death. (SPT_NOENV keeps setproctitle from overwriting it.) PostgreSQL overwrites its environment and its
backends leave their session, so they are known by their working directory, the data folder.

Imports nothing of ours: the guard loads this file by its path.
"""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

MARKER = "OVERTHINK_STACK_ID"


@dataclass(frozen=True)
class Family:
    stack_id: str
    """The marker's value."""
    data_folder: Path
    """PostgreSQL's; it need not exist yet."""

    @property
    def environment(self) -> dict[str, str]:
        """What marks a child."""
        return {MARKER: self.stack_id, "SPT_NOENV": "1"}

    def members(self) -> list[psutil.Process]:
        """Every living process of the stack, this one and its ancestors excepted."""
        ours = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
        data = self.data_folder.resolve()
        return [process for process in psutil.process_iter() if process.pid not in ours and self._has(process, data)]

    def _has(self, process: psutil.Process, data: Path) -> bool:
        try:
            is_ours = process.environ().get(MARKER) == self.stack_id or Path(process.cwd()) == data
            return is_ours and process.status() != psutil.STATUS_ZOMBIE
        except (psutil.Error, OSError):  # it has ended, or is another user's and so not ours
            return False

    def end(self, timeout_s: float = 8.0) -> list[psutil.Process]:
        """Kills every member; returns those that still live after `timeout_s`."""
        survivors = end(self.members, timeout_s)
        time.sleep(0.2)
        return survivors or end(self.members, timeout_s)  # a child may have been between fork and exec before


def members_of_group(group_id: int) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if _is_in_group(process, group_id)]


def end(find_members: Callable[[], list[psutil.Process]], timeout_s: float) -> list[psutil.Process]:
    """Kills processes until no more are found; returns those that still live after `timeout_s`.

    PostgreSQL is first asked to shut down at once (SIGQUIT), which spares its shared memory. Python's resource trackers
    are given time to end by themselves, because they remove the shared memory of the processes they served.
    """
    started = time.monotonic()
    while (members := find_members()) and (elapsed_s := time.monotonic() - started) < timeout_s:
        for member in members:
            _end_one(member, is_polite=elapsed_s < timeout_s / 3)
        time.sleep(0.1)
    return members


def _is_in_group(process: psutil.Process, group_id: int) -> bool:
    try:
        return os.getpgid(process.pid) == group_id and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError):
        return False


def _end_one(process: psutil.Process, is_polite: bool) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        command = process.cmdline()
        if is_polite and any("multiprocessing.resource_tracker" in word for word in command):
            return
        process.send_signal(signal.SIGQUIT if is_polite and process.name() == "postgres" else signal.SIGKILL)
