"""The `overthink` command inside the test's process: its exit code and what it printed."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from overthink.cli import main
from overthink.cli.exits import Exit


@dataclass(frozen=True, slots=True)
class Done:
    code: int
    out: str
    err: str


Overthink = Callable[..., Done]


@pytest.fixture
def overthink(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Overthink:
    """`overthink("status", "--json")`. Its home is empty, and no OVERTHINK_ variable is set but what a test sets."""
    for name in [name for name in os.environ if name.startswith("OVERTHINK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("OVERTHINK_HOME", str(tmp_path / "home"))

    def run(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["overthink", *arguments])
        with pytest.raises(SystemExit) as exited:
            main()
        printed = capsys.readouterr()
        code = exited.value.code
        return Done(code if isinstance(code, int) else 0, printed.out, printed.err)

    return run


@pytest.fixture
def service(overthink: Overthink, monkeypatch: pytest.MonkeyPatch, database: str, redis_url: str) -> Overthink:
    """The command, configured for this test's PostgreSQL and Redis."""
    monkeypatch.setenv("OVERTHINK_DATABASE_URL", database)
    monkeypatch.setenv("OVERTHINK_REDIS_URL", redis_url)
    return overthink


def document(done: Done) -> Any:
    """What `--json` printed; it has to have succeeded, and without a word on standard error."""
    assert (done.code, done.err) == (Exit.OK, "")
    return json.loads(done.out)
