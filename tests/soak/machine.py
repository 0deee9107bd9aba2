"""The second machine: a worker from another checkout, with ways and a clock of its own."""

import shutil
import sys
from pathlib import Path
from urllib.parse import urlsplit

from overthink.stack import Part, Stack
from overthink.stack.vllm import write_registry
from tests.soak.clock import Clock
from tests.soak.links import Links

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGES = ("scaling", "db", "results", "worker", "dashboard", "overthink", "demo")
NAME = "worker-2"
SOCKET = ".s.PGSQL.5432"
READY = " ready: "


class Ways:
    """Where the stack's PostgreSQL, Redis and vLLM are. It chooses them when it starts, so they are asked later."""

    def __init__(self) -> None:
        self.stack: Stack | None = None

    def postgres(self) -> Path:
        return Path((self._stack.info.database_url or "").partition("host=")[2]) / SOCKET

    def redis(self) -> Path:
        return Path(urlsplit(self._stack.info.redis_url or "").path)

    def vllm_port(self) -> int:
        port = urlsplit(self._stack.vllm_endpoint or "").port
        assert port is not None
        return port

    @property
    def _stack(self) -> Stack:
        assert self.stack is not None, "the stack is made before anybody connects"
        return self.stack


def second_machine(folder: Path, logs: Path, links: Links, ways: Ways, clock: Clock) -> Part:
    """`folder`: short, for the sockets in it. The source tree is copied there."""
    checkout = folder / "checkout"
    for package in PACKAGES:
        shutil.copytree(CHECKOUT / package, checkout / package, ignore=shutil.ignore_patterns("__pycache__"))
    links.relay_socket(folder / SOCKET, ways.postgres)
    links.relay_socket(folder / "redis", ways.redis)
    write_registry(folder / "models.yaml", f"http://127.0.0.1:{links.relay_port(ways.vllm_port)}")
    log = logs / f"{NAME}.log"
    return Part(
        NAME,
        (sys.executable, "-P", "-m", "overthink", "worker"),
        lambda: READY in log.read_text(errors="replace"),
        needs=("postgres", "redis", "migrate", "vllm"),
        environment={
            "PYTHONPATH": str(checkout),
            "OVERTHINK_DATABASE_URL": f"postgresql+psycopg://overthink@/overthink?host={folder}",
            "OVERTHINK_REDIS_URL": f"redis+socket://{folder / 'redis'}",
            "OVERTHINK_MODELS": str(folder / "models.yaml"),
            **clock.environment,
        },
    )
