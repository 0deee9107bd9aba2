"""Who outlived the stack: processes that were seen in it, that carry its mark, or are in the group of one of them."""

import contextlib
import os
from collections.abc import Collection
from pathlib import Path

import psutil

from tests.conftest import family


def orphans(home: Path, seen: Collection[psutil.Process]) -> set[psutil.Process]:
    """Nobody, if the stack ended as it must."""
    groups = {process.pid for process in seen if not _is_taken_over(process)}
    strays = {process for process in psutil.process_iter() if _group(process) in groups}
    return {each for each in {*seen, *strays, *family(home)} if _lives(each)}


def _is_taken_over(process: psutil.Process) -> bool:
    """Its number is that of a stranger by now: a group that is called so is the stranger's."""
    return psutil.pid_exists(process.pid) and not process.is_running()


def _group(process: psutil.Process) -> int | None:
    with contextlib.suppress(OSError):
        return os.getpgid(process.pid)
    return None


def _lives(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False
