"""Tells the database, with every heartbeat's pause, how a worker and its servers are. In a task of its own: a server
that is slow to answer keeps no lease from being renewed.
"""

import asyncio
import logging
from collections import deque
from dataclasses import asdict
from time import monotonic
from urllib.parse import urlsplit

from pydantic import JsonValue
from sqlalchemy import Engine

from db import transitions
from db.models import JsonObject
from worker.database_outage import DATABASE_AWAY, first_line
from worker.engines.connection import Connection
from worker.engines.gate import Gate
from worker.servers import Serving
from worker.vitals.gpus import gpus
from worker.vitals.metrics import Metrics

log = logging.getLogger(__name__)

RATE_S = 60.0
"""How far back a server's tokens a second look."""


class Rate:
    """Of a count that only grows, over the last RATE_S; None until it was seen twice, and after it began anew."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def per_s(self, count: int | None, now: float) -> float | None:
        if count is None or (self._seen and count < self._seen[-1][1]):
            self._seen.clear()
        if count is None:
            return None
        self._seen.append((now, count))
        while len(self._seen) > 2 and now - self._seen[0][0] > RATE_S:
            self._seen.popleft()
        (then, before), span = self._seen[0], now - self._seen[0][0]
        return (count - before) / span if now > then else None


class Reporting:
    """Of one worker. `run` belongs to its loop, and ends when it is cancelled."""

    def __init__(self, database: Engine, worker: str, serving: Serving, build: JsonObject, pause_s: float) -> None:
        self._database = database
        self._worker = worker
        self._serving = serving
        self._build = build
        self._pause_s = pause_s
        self._rates: dict[Connection, Rate] = {}

    async def run(self) -> None:
        while True:
            try:
                vitals = await self.vitals()
                await asyncio.to_thread(transitions.tell_vitals, self._database, self._worker, vitals)
            except DATABASE_AWAY as error:
                log.debug("vitals are not told: PostgreSQL is away (%s)", first_line(error))  # the heartbeat warns
            await asyncio.sleep(self._pause_s)

    async def vitals(self) -> JsonObject:
        """What is not told is null."""
        connections: dict[Gate, Connection] = {}
        names: dict[Gate, list[str]] = {}
        for name, served in self._serving.servers.items():
            connections.setdefault(served.connection.gate, served.connection)
            names.setdefault(served.connection.gate, []).append(name)
        measured = await asyncio.gather(*(connection.metrics() for connection in connections.values()))
        servers = [
            self._server(connection, names[gate], metrics)
            for (gate, connection), metrics in zip(connections.items(), measured, strict=True)
        ]
        found = await asyncio.to_thread(gpus)
        return {
            "build": self._build,
            "servers": servers,
            "gpus": None if found is None else [asdict(each) for each in found],
        }

    def _server(self, connection: Connection, names: list[str], metrics: Metrics | None) -> JsonValue:
        """`in_flight`, `limit` and `at_gate` are this worker's own requests; `metrics` those of everybody."""
        gate, rate = connection.gate, self._rates.setdefault(connection, Rate())
        in_flight = gate.size - gate.free
        tokens = None if metrics is None else metrics.generated_tokens
        pace = {"generated_tokens_per_s": rate.per_s(tokens, monotonic())}
        return {
            "names": [*names],
            "address": urlsplit(connection.endpoint).netloc.rpartition("@")[2],
            "in_flight": in_flight,
            "limit": gate.size,
            "at_gate": max(0, gate.load - in_flight),
            "metrics": None if metrics is None else {**asdict(metrics), **pace},
        }
