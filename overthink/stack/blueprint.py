"""What a stack consists of: its parts, and how each finds the others. Makes the folders they need, starts nothing."""

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .home import Home
from .lock import StackInfo
from .part import Part
from .ports import LOOPBACK, ClaimedPort, ReservedPort
from .postgres import database_url, make_database, make_socket_folder, postgres_part
from .postgres_place import find_place
from .redis import redis_part, redis_url
from .services import dashboard_part, migrate_part, reconcile_part, worker_part
from .vllm import endpoint, vllm_part, write_registry

FIRST_DASHBOARD_PORT = 8501
SERVERS = frozenset({"postgres", "redis", "vllm"})
SERVICES = frozenset({"migrate", "worker", "reconcile"})


@dataclass(frozen=True)
class Wishes:
    """What the caller wants of a stack."""

    names: Collection[str] = SERVERS | SERVICES
    """Which of our parts to start."""
    dashboard_port: int | None = FIRST_DASHBOARD_PORT
    """The first port tried for the dashboard; None: no dashboard."""
    models: Path | None = None
    """A model registry, instead of one for the tiny model; no vLLM is started then."""
    more: tuple[Part, ...] = ()
    """Parts of the caller's own."""


class Blueprint:
    """The parts of one run of a stack, with the addresses chosen for it."""

    def __init__(self, home: Home, run_folder: Path, environment: Mapping[str, str], wishes: Wishes) -> None:
        self._home = home
        self._run_folder = run_folder
        self._environment = environment
        self._wishes = wishes
        self.database_url: str | None = None
        self.redis_url: str | None = None
        self.models = wishes.models
        self.dashboard_url: str | None = None
        self.vllm_endpoint: str | None = None
        self._ports: list[ReservedPort | ClaimedPort] = []
        self.parts: tuple[Part, ...] = (*self._servers(), *self._services(), *wishes.more)

    @property
    def info(self) -> StackInfo:
        return StackInfo(
            database_url=self.database_url,
            redis_url=self.redis_url,
            models=self.models,
            dashboard_url=self.dashboard_url,
            pid=os.getpid(),
        )

    def close(self) -> None:
        for port in self._ports:
            port.close()

    def _servers(self) -> Iterator[Part]:
        names = self._wishes.names
        if "postgres" in names:
            yield self._postgres()
        if "redis" in names:
            socket = self._run_folder / "redis.sock"
            self.redis_url = redis_url(socket)
            yield redis_part(socket)
        if "vllm" in names and self.models is None:
            yield self._vllm()

    def _postgres(self) -> Part:
        place = find_place(self._home)
        make_database(place, self._environment)
        sockets = make_socket_folder(place, self._run_folder)
        self.database_url = database_url(sockets)
        return postgres_part(place, sockets)

    def _vllm(self) -> Part:
        port = ReservedPort()
        self._ports.append(port)
        self.vllm_endpoint = endpoint(port.number)
        self.models = self._home.registry
        write_registry(self.models, self.vllm_endpoint)
        return vllm_part(self._home, self._run_folder, port.number)

    def _services(self) -> Iterator[Part]:
        services = (migrate_part(), reconcile_part(), worker_part(self._home.log("worker")))
        yield from (part for part in services if part.name in self._wishes.names)
        if self._wishes.dashboard_port is not None:
            port = ClaimedPort(self._wishes.dashboard_port)
            self._ports.append(port)
            self.dashboard_url = f"http://{LOOPBACK}:{port.number}"
            yield dashboard_part(port.number)
