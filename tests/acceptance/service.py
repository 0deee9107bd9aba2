"""The team's parts as processes of their own: a worker, a reconciler, and the command line that speaks to them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.conftest import wait_until

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Service:
    """Where the parts meet. Every command runs with this environment."""

    environment: dict[str, str]
    logs: Path

    def overthink(self, *arguments: str, timeout_s: float = 300.0) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "overthink", *arguments],
            env=os.environ | self.environment,
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            timeout=timeout_s,
        )

    def report(self, *arguments: str, timeout_s: float = 300.0) -> Any:
        """What a command prints with --json."""
        done = self.overthink(*arguments, "--json", timeout_s=timeout_s)
        assert done.returncode == 0, f"overthink {' '.join(arguments)}: {done.stdout}\n{done.stderr}"
        return json.loads(done.stdout)

    def start(self, *arguments: str, log: str) -> subprocess.Popen[bytes]:
        with (self.logs / f"{log}.log").open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "overthink", *arguments],
                env=os.environ | self.environment,
                cwd=CHECKOUT,
                stdout=output,
                stderr=subprocess.STDOUT,
            )


@contextmanager
def service_on(
    database_url: str, redis_url: str, registry: Path, folder: Path, processes: int = 1, **settings: str
) -> Iterator[Service]:
    """A reconciler and a worker of so many processes, ready to work; stopped as an operator would, with SIGTERM."""
    service = Service(
        {
            "OVERTHINK_DATABASE_URL": database_url,
            "OVERTHINK_REDIS_URL": redis_url,
            "OVERTHINK_MODELS": str(registry),
            "OVERTHINK_HOME": str(folder / "home"),
            **settings,
        },
        folder,
    )
    several = () if processes == 1 else ("--processes", str(processes))
    parts = [service.start("reconcile", log="reconcile"), service.start("worker", *several, log="worker")]
    try:
        wait_until(lambda: (folder / "worker.log").read_text(errors="replace").count(" ready: ") >= processes)
        yield service
    finally:
        for part in parts:
            part.terminate()
        for part in parts:
            part.wait()


def psql(url: str) -> psycopg.Connection:
    """Plain SQL, past every layer of ours."""
    return psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"))
