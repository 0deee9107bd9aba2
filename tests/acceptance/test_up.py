"""`overthink up`: the whole stack from the command line, and what is left when it ends in whatever way."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from overthink.stack import StackInfo, join
from tests.conftest import CHECKOUT, family, wait_until


@contextmanager
def going_up(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("OVERTHINK_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "overthink", "up"],
        env=bare | {"OVERTHINK_HOME": str(home)},
        cwd=CHECKOUT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        wait_until(lambda: not family(home))


def titles(home: Path) -> str:
    lines = []
    for process in family(home):
        with suppress(psutil.NoSuchProcess):
            lines.append(" ".join(process.cmdline()))
    return "\n".join(lines)


def joined(home: Path) -> StackInfo:
    info = join(home)
    assert info is not None
    return info


@pytest.mark.timeout(600)
def test_a_killed_supervisor_takes_everything_with_it_vllms_engine_included(home: Path) -> None:
    """A vLLM server killed with -9 leaves its engine processes behind for ever, memory and all; the guard does not."""
    with going_up(home) as supervisor:
        wait_until(lambda: supervisor.poll() is not None or join(home) is not None)
        assert supervisor.poll() is None, (home / "logs" / "vllm.log").read_text()[-2000:]
        assert urlopen(f"{joined(home).dashboard_url}/_stcore/health").status == 200
        assert all(name in titles(home) for name in ("VLLM::EngineCore", "postgres", "redis-server", "reconcile"))
        experiments = subprocess.run(
            [sys.executable, "-m", "overthink", "status", "--json"],
            env=os.environ | {"OVERTHINK_HOME": str(home)},
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
        )
        assert json.loads(experiments.stdout) is not None, experiments.stderr
        supervisor.kill()
        wait_until(lambda: not family(home))
        wait_until(lambda: not (home / "stack.json").exists())
        assert join(home) is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_it_starts_stops_everything(home: Path, number: signal.Signals) -> None:
    with going_up(home) as supervisor:
        wait_until(lambda: "vllm.entrypoints" in titles(home))
        supervisor.send_signal(number)
        assert supervisor.wait() != 0
        assert family(home) == []
