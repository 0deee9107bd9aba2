"""The `overthink` command inside the test's process: its exit code and what it printed. Nothing is configured."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from overthink.cli import main


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
