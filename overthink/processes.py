"""Several worker processes under one command: started together, stopped together."""

import signal
import subprocess
from collections.abc import Sequence
from types import FrameType

STOPPED = (signal.SIGTERM, signal.SIGINT)


def run_processes(command: Sequence[str], number: int) -> int:
    """Runs `number` of them until all have ended; a signal to stop reaches each, and so does the end of any one.

    Whoever watches over this process starts them all again. Returns the first exit code that is not 0, or 0.
    """
    processes = [subprocess.Popen(command, start_new_session=True) for _ in range(number)]

    def stop(asked: int, frame: FrameType | None = None) -> None:
        for process in processes:
            if process.poll() is None:
                process.send_signal(asked)

    before = {each: signal.signal(each, stop) for each in STOPPED}
    try:
        codes = [wait_for_any(processes)]
        stop(signal.SIGTERM)
        codes += [process.wait() for process in processes]
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    return next((code for code in codes if code), 0)


def wait_for_any(processes: Sequence[subprocess.Popen[bytes]]) -> int:
    """The exit code of the first to end."""
    while True:
        for process in processes:
            try:
                return process.wait(0.2 / len(processes))
            except subprocess.TimeoutExpired:
                continue
