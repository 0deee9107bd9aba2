"""Worker processes under one command are stopped together, by a signal or by the end of one of them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from overthink.processes import run_processes

NOTES_ITS_END = """
import signal, sys, os
from pathlib import Path
folder = Path(sys.argv[1])
def stop(*_):
    (folder / f"{os.getpid()}.stopped").touch()
    sys.exit(3)
signal.signal(signal.SIGTERM, stop)
(folder / f"{os.getpid()}.ready").touch()
signal.pause()
"""

RUNS_THEM = """
import sys
from overthink.processes import run_processes
sys.exit(run_processes(sys.argv[2:], int(sys.argv[1])))
"""


def test_one_that_ends_well_is_an_end_that_is_well() -> None:
    assert run_processes([sys.executable, "-c", ""], 1) == 0


def test_a_signal_reaches_each_and_the_exit_code_is_theirs(tmp_path: Path) -> None:
    theirs = [sys.executable, "-c", NOTES_ITS_END, str(tmp_path)]
    ours = subprocess.Popen([sys.executable, "-c", RUNS_THEM, "3", *theirs])
    while len(list(tmp_path.glob("*.ready"))) < 3:
        assert ours.poll() is None
        signal.sigtimedwait([], 0.02)
    ours.send_signal(signal.SIGTERM)
    assert ours.wait(60) == 3
    assert len(list(tmp_path.glob("*.stopped"))) == 3


def test_the_end_of_one_stops_the_others(tmp_path: Path) -> None:
    theirs = [sys.executable, "-c", NOTES_ITS_END, str(tmp_path)]
    ours = subprocess.Popen([sys.executable, "-c", RUNS_THEM, "3", *theirs])
    while len(ready := list(tmp_path.glob("*.ready"))) < 3:
        assert ours.poll() is None
        signal.sigtimedwait([], 0.02)
    os.kill(int(ready[0].stem), signal.SIGKILL)
    assert ours.wait(60) == -signal.SIGKILL % 256
    assert len(list(tmp_path.glob("*.stopped"))) == 2
