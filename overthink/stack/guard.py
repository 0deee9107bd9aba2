"""The guard: a small process that outlives the supervisor, to end what the supervisor leaves behind.

The supervisor alone holds the write end of the pipe that is the guard's standard input. However the supervisor ends,
even by kill -9, the kernel closes that end; the guard reads the end of file, kills every process of the stack, and
removes its stack.json and run folder. It inherits the lock on the home, so nobody starts a new stack there before.

`Guard` is the supervisor's side. The process runs this file by its path (`python -P guard.py`), so that it loads
nothing of ours but family.py.
"""

import argparse
import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .family import Family

ON_GUARD = b"on guard\n"
LONGEST_CLEARING_S = 20.0


class Guard:
    """A guard process, replaced when it dies. Everything is cleared up when it is dismissed, or when we die."""

    def __init__(self, family: "Family", remove: Sequence[Path], lock_descriptor: int, log: Path) -> None:
        places = ("--data-folder", family.data_folder, "--remove", *remove)
        self._command = (sys.executable, "-P", __file__, "--stack-id", family.stack_id, *map(str, places))
        self._lock_descriptor = lock_descriptor
        self._log = log
        self._is_dismissed = False
        self._change = threading.Lock()
        self._process = self._post()
        threading.Thread(target=self._replace_the_fallen, name="guard", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def dismiss(self) -> None:
        """Lets the guard clear up and end."""
        with self._change:
            self._is_dismissed = True
            assert self._process.stdin is not None
            self._process.stdin.close()
        self._process.wait(LONGEST_CLEARING_S)

    def _post(self) -> "subprocess.Popen[bytes]":
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                pass_fds=(self._lock_descriptor,),
                start_new_session=True,
            )
        assert process.stdout is not None
        process.stdout.read(len(ON_GUARD))
        process.stdout.close()
        return process

    def _replace_the_fallen(self) -> None:
        while True:
            self._process.wait()
            with self._change:
                if self._is_dismissed:
                    return
                assert self._process.stdin is not None
                self._process.stdin.close()
                self._process = self._post()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--stack-id", required=True)
    parser.add_argument("--data-folder", type=Path, required=True)
    parser.add_argument("--remove", type=Path, nargs="*", default=[])
    options = parser.parse_args()
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    family = _load_family().Family(options.stack_id, options.data_folder)
    with contextlib.suppress(BrokenPipeError):  # the supervisor is dead already
        os.write(sys.stdout.fileno(), ON_GUARD)
    sys.stdin.read()
    survivors = family.end()
    for path in options.remove:
        _remove(path)
    if survivors:
        print("could not end:", *survivors, file=sys.stderr, flush=True)


def _load_family() -> ModuleType:
    spec = importlib.util.spec_from_file_location("family", Path(__file__).with_name("family.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["family"] = module  # where its dataclass looks for it
    spec.loader.exec_module(module)
    return module


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
