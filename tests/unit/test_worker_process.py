"""How a worker process stops itself."""

import os
import signal
from pathlib import Path

import pytest

from db.settings import Settings
from scaling.spec import yaml12
from worker.worker_process import WorkerProcess


def test_a_worker_whose_heartbeat_and_teller_both_die_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had no file descriptors left, both died of that, and the second signal ended it with its jobs in its hands."""
    registry = tmp_path / "models.yaml"
    registry.write_text(yaml12.dump({"models": {"tiny": {"endpoint": "http://127.0.0.1:1"}}}))
    sent: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append(number))
    process = WorkerProcess(
        Settings(database_url="postgresql://127.0.0.1:1/none", redis_url="redis://127.0.0.1:1/0", models=registry)
    )
    process.break_down("heartbeat")
    process.break_down("teller")
    assert sent == [signal.SIGTERM]
    assert process.is_broken
