"""A server's limit on requests in flight is one, however many workers ask it and for however many models: each worker
has an equal part.

With every heartbeat a worker counts those that are alive. One that has just come, or was just killed, is counted by the
others with their next heartbeat, or when it has been silent for long enough.
"""

from collections import defaultdict

from sqlalchemy import Engine

from db.queries.fleet import workers_by_name
from worker.engines.gate import Gate
from worker.loop import LoopThread
from worker.servers import Serving


class Sharing:
    """Of one worker. A worker that has been silent for `alive_s` does not count."""

    def __init__(self, database: Engine, serving: Serving, loop: LoopThread, alive_s: float) -> None:
        self._database = database
        self._loop = loop
        self._alive_s = alive_s
        self._most: dict[Gate, int] = {}
        self._names: defaultdict[Gate, list[str]] = defaultdict(list)
        for name, server in serving.servers.items():
            connection = server.connection
            self._most[connection.gate] = connection.max_requests
            self._names[connection.gate].append(name)

    def share(self) -> None:
        """From any thread."""
        workers = workers_by_name(self._database, self._alive_s)
        for gate, names in self._names.items():
            sharers = frozenset[str]().union(*(workers.get(name, ()) for name in names))
            self._loop.soon(gate.resize, max(1, self._most[gate] // max(1, len(sharers))))
