"""A clock that can be moved under a running process: a few functions of libc, preloaded (`clock.c`).

Only the wall clock moves: how long something takes is measured by another, and is right.
"""

import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("clock.c")


class Clock:
    """Of the processes that are started with `environment`. Needs a C compiler, as the installation does."""

    def __init__(self, folder: Path) -> None:
        self._offset, library = folder / "clock", folder / "clock.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"], check=True)
        self.environment = {"LD_PRELOAD": str(library), "SOAK_CLOCK": str(self._offset)}
        self.move(0)

    def move(self, offset_s: int) -> None:
        """From now on it is `offset_s` ahead of the true time, or behind it."""
        self._offset.touch()
        with self._offset.open("r+b") as file:  # in place: who has it mapped sees it
            file.write(struct.pack("q", offset_s))
