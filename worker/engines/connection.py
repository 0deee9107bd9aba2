"""The connection to one model server, whatever engine it is: the limit on what is asked of it at once, what that is
charged to, and what is known of the server. A kind of server is a subclass that knows its paths.
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

from pydantic import JsonValue

from scaling.protocols import EngineError, EngineUnavailableError, RequestRefusedError
from worker.engines.caller import Caller, Passage
from worker.engines.entry import ServerEntry
from worker.engines.gate import Gate
from worker.engines.http import JsonClient, Reply
from worker.spending.account import Size
from worker.vitals.metrics import Metrics

T = TypeVar("T")

log = logging.getLogger(__name__)

Facts = dict[str, JsonValue]


class ModelNotServedError(RequestRefusedError):
    """The server is up, but does not serve this model as the registry says. Mend `served_as` or `endpoint`."""


@dataclass(frozen=True, slots=True)
class ServerReport:
    """What a server says of a model. `version` is that of its software; None: it does not tell."""

    served_as: str
    context_length: int
    version: str | None


class Connection(ABC):
    """One model behind one server, shared by jobs: what each of them has computed is asked as a Caller."""

    def __init__(self, entry: ServerEntry, report: ServerReport, client: JsonClient) -> None:
        self.report = report
        self._client = client
        self._declared = entry.facts
        self._facts: Facts = {}
        self._fingerprint: str | None = None
        self._num_lost = 0
        self.max_requests = entry.max_requests
        """In flight, of all workers and all models of the server together."""
        self.gate = Gate(entry.max_requests)
        """That of the server: see `share_gates`."""

    async def close(self) -> None:
        await self._client.close()

    @property
    def endpoint(self) -> str:
        return self._client.endpoint

    async def ask(
        self, path: str, body: dict[str, object], read: Callable[[object], T], size: Size, caller: Caller
    ) -> Reply[T]:
        """Has the model compute something, in turn. `body` is what to ask besides the model, `read` is what
        `JsonClient.ask` has the answer read by."""
        asked = {"model": self.report.served_as, **body}
        passage = Passage(self.gate, caller, size)
        reply = await self._client.ask(path, asked, lambda told: read(self._seen(told)), passage)
        if self._client.num_lost > self._num_lost and self._facts:
            await self._learn_again()
        return reply

    @property
    def facts(self) -> Facts:
        """What is known of the server that answered last: as it told, and as the registry declares."""
        return {**self._facts, "system_fingerprint": self._fingerprint, "declared": {**self._declared}}

    async def learn(self) -> None:
        """Asks the server about itself, which is what `facts` says from then on."""
        self._num_lost = self._client.num_lost
        self._facts = await self._told_of_itself()

    async def metrics(self) -> Metrics | None:
        """What the server measures of itself now; None: it does not tell."""
        return None

    @abstractmethod
    async def _told_of_itself(self) -> Facts: ...

    async def _learn_again(self) -> None:
        """Another server may have come back. One that is away again is asked at the next answer: no job fails of it."""
        before, self._num_lost = self._num_lost, self._client.num_lost
        try:
            await self.learn()
        except EngineError as error:
            self._num_lost = before
            log.debug("%s does not tell of itself: %s", self.endpoint, error)

    def _seen(self, answer: object) -> object:
        """A fingerprint stands for the server's version, its model and its configuration."""
        if isinstance(answer, dict) and isinstance(fingerprint := answer.get("system_fingerprint"), str):
            self._fingerprint = fingerprint
        return answer


def share_gates(connections: Iterable[Connection]) -> None:
    """Models of one server take turns: it is known by its endpoint."""
    gates: dict[str, Gate] = {}
    for connection in connections:
        connection.gate = gates.setdefault(connection.endpoint, connection.gate)


async def listed_models(client: JsonClient, name: str, wait_s: float) -> object:
    """What the server tells at /v1/models, as soon as it answers; waits up to `wait_s` for one that is loading."""
    deadline, has_said_so = monotonic() + wait_s, False
    while True:
        try:
            return await client.get("/v1/models")
        except EngineUnavailableError as error:
            if monotonic() > deadline:
                raise EngineUnavailableError(
                    f"model {name!r}: {error}; waited {wait_s:.0f} s. Start the model server, or correct the endpoint."
                ) from error
            if not has_said_so:
                log.warning("model %r: %s; waiting up to %.0f s for the server", name, error, wait_s)
                has_said_so = True
        await asyncio.sleep(1.0)
