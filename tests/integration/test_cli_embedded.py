"""The command with its own embedded stack: joined, started for a moment, or interrupted while it starts."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from db.engine import connect
from overthink.cli.exits import Exit
from overthink.stack import Stack
from tests.cli import Overthink, overthink
from tests.conftest import CHECKOUT, start_or_skip, wait_until
from tests.integration.scenes import finish, running_experiment

__all__ = ["overthink"]


@pytest.fixture
def home(overthink: Overthink, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home that PostgreSQL's own user can reach."""
    del overthink  # it clears the environment, and sets a home that the next line replaces
    folder = CHECKOUT / ".overthink" / "tests"
    folder.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="home-", dir=folder))
    home.chmod(0o711)
    monkeypatch.setenv("OVERTHINK_HOME", str(home))
    yield home
    shutil.rmtree((home / "postgres").resolve(), ignore_errors=True)
    shutil.rmtree(home)


def test_what_was_run_is_read_while_the_stack_lives_and_after_it_stopped(overthink: Overthink, home: Path) -> None:
    stack = Stack(home, dashboard=False, names={"postgres", "redis", "migrate"})
    try:
        start_or_skip(stack)
        database = connect(stack.environment["OVERTHINK_DATABASE_URL"])
        running_experiment(database)
        finish(database)
        database.dispose()
        joined = overthink("results", "scene", "--json")
    finally:
        stack.stop()
    alone = overthink("results", "scene", "--json")
    assert (joined.code, alone.code) == (Exit.OK, Exit.OK)
    assert json.loads(joined.out) == json.loads(alone.out)
    assert overthink("status").code == Exit.OK
    assert processes_of(home) == []


def test_a_second_stack_is_refused_and_leaves_the_first_to_be_joined(overthink: Overthink, home: Path) -> None:
    """The refused one used to remove the living stack's stack.json, after which nobody could join it."""
    with Stack(home, dashboard=False, names={"postgres", "redis", "migrate"}):
        refused = overthink("up")
        assert refused.code == Exit.UNREACHABLE
        assert f"in use by process {os.getpid()}" in refused.err
        assert overthink("status").code == Exit.OK
        assert (home / "stack.json").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_while_it_starts_leaves_nothing_behind(home: Path, number: signal.Signals) -> None:
    run = subprocess.Popen(
        [sys.executable, "-m", "overthink", "run", "specs/demo.yaml", "--json"],
        cwd=CHECKOUT,
        env=os.environ | {"OVERTHINK_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: "vllm.log" in logs(home))
    run.send_signal(number)
    out, err = run.communicate()
    assert run.returncode == Exit.INTERRUPTED, err
    assert out == ""
    assert "Interrupted." in err
    assert processes_of(home) == []
    assert not (home / "stack.json").exists()


def logs(home: Path) -> list[str]:
    return [path.name for path in (home / "logs").glob("*.log")]


def processes_of(home: Path) -> list[str]:
    """Command lines that name the home; our own is not among them."""
    found = (process.info["cmdline"] for process in psutil.process_iter(["cmdline"]))
    return [" ".join(command) for command in found if command and str(home) in " ".join(command)]
