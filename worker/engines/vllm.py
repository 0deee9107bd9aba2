"""The adapter for vLLM's OpenAI-compatible server: token ids in, token ids out. CPU or GPU makes no difference to it.

It tokenises through the server (`/tokenize` applies the chat template too), so a worker holds neither weights nor a
tokenizer, and it counts nothing itself: `usage` is the truth.
"""

import asyncio
import logging
from dataclasses import dataclass
from time import monotonic
from typing import TypedDict, cast

from scaling.protocols import EngineUnavailableError, RequestRefusedError
from scaling.types import Completion, Ids, Request
from worker.engines.gate import Gate
from worker.engines.http import JsonClient
from worker.engines.memory import Memory
from worker.engines.patience import Patience
from worker.engines.wire import completion, payload
from worker.registry import ModelEntry, nearest

log = logging.getLogger(__name__)

REMEMBERED_TEXTS = 8192
"""How many texts' ids, and ids' texts, an engine remembers: the problems that many arms ask, the delimiters and
end-of-sequence tokens of every chain."""

MAX_REMEMBERED_IDS = 1024
"""Longer ids are not remembered: they are a chain's own and are asked for once."""


class ModelNotServedError(RequestRefusedError):
    """The server is up, but does not serve this model as the registry says. Mend `served_as` or `endpoint`."""


class _Card(TypedDict):
    id: str
    max_model_len: int | None


@dataclass(frozen=True, slots=True)
class ServerReport:
    """What a server says of a model. `version` is vLLM's own, None if it does not tell."""

    served_as: str
    context_length: int
    version: str | None


class VllmEngine:
    """One model behind one server; jobs share it, each through its own view (`for_job`)."""

    def __init__(self, entry: ModelEntry, server: ServerReport, client: JsonClient) -> None:
        self.server = server
        self._client = client
        self._gate = Gate(entry.max_requests)
        self._cache_salt = entry.cache_salt
        self._ids_of: Memory[object, Ids] = Memory(REMEMBERED_TEXTS)
        self._text_of: Memory[Ids, str] = Memory(REMEMBERED_TEXTS)

    @classmethod
    async def connect(
        cls, name: str, entry: ModelEntry, *, timeout_s: float, wait_s: float = 600.0, patience: Patience | None = None
    ) -> "VllmEngine":
        """Waits up to `wait_s` for a server that is loading, and checks that it serves the model."""
        client = JsonClient(entry.endpoint, entry.key, timeout_s, patience or Patience())
        try:
            return cls(entry, await _report(client, name, entry, wait_s), client)
        except BaseException:
            await client.close()
            raise

    async def close(self) -> None:
        await self._client.close()

    def for_job(self, order: int) -> "VllmEngineView":
        """The engine as one job sees it. The lower `order`, the sooner its requests are let through."""
        return VllmEngineView(self, order)

    @property
    def context_length(self) -> int:
        return self.server.context_length

    async def render(self, messages: list[dict[str, str]]) -> Ids:
        key = tuple((message["role"], message["content"]) for message in messages)
        return await self._tokenized(key, {"messages": messages, "add_generation_prompt": True})

    async def tokenize(self, text: str) -> Ids:
        return await self._tokenized(text, {"prompt": text, "add_special_tokens": False}) if text else ()

    async def detokenize(self, ids: Ids) -> str:
        if not ids:
            return ""
        if (known := self._text_of.get(ids)) is not None:
            return known
        told = await self._client.post("/detokenize", {"model": self.server.served_as, "tokens": ids})
        text = cast(dict[str, str], told)["prompt"]
        return self._text_of.keep(ids, text) if len(ids) <= MAX_REMEMBERED_IDS else text

    async def complete(self, request: Request, order: int = 0) -> Completion:
        body = payload(self.server.served_as, request, self._cache_salt)
        since = monotonic()
        answer = await self._client.post("/v1/completions", body, self._gate, order)
        return completion(answer, monotonic() - since)

    async def _tokenized(self, key: object, body: dict[str, object]) -> Ids:
        if (known := self._ids_of.get(key)) is not None:
            return known
        told = await self._client.post("/tokenize", {"model": self.server.served_as, **body})
        return self._ids_of.keep(key, tuple(cast(dict[str, list[int]], told)["tokens"]))


@dataclass(frozen=True, slots=True)
class VllmEngineView:
    """A job's own door to the shared engine: it carries the job's place in the queue."""

    engine: VllmEngine
    order: int

    @property
    def context_length(self) -> int:
        return self.engine.context_length

    async def render(self, messages: list[dict[str, str]]) -> Ids:
        return await self.engine.render(messages)

    async def tokenize(self, text: str) -> Ids:
        return await self.engine.tokenize(text)

    async def detokenize(self, ids: Ids) -> str:
        return await self.engine.detokenize(ids)

    async def complete(self, request: Request) -> Completion:
        return await self.engine.complete(request, self.order)


async def _report(client: JsonClient, name: str, entry: ModelEntry, wait_s: float) -> ServerReport:
    served_as = entry.served_as or name
    cards = {card["id"]: card for card in await _cards(client, name, wait_s)}
    if served_as not in cards:
        raise ModelNotServedError(
            f"{client.endpoint} does not serve {served_as!r} (model {name!r} of the registry)"
            f"{nearest(served_as, list(cards))} Set served_as to one of these, or correct the endpoint."
        )
    context_length = cards[served_as].get("max_model_len")
    if context_length is None:
        raise ModelNotServedError(f"{client.endpoint} does not tell max_model_len of {served_as!r}: is it vLLM?")
    return ServerReport(served_as, context_length, await _version(client))


async def _cards(client: JsonClient, name: str, wait_s: float) -> list[_Card]:
    """What the server lists at /v1/models, as soon as it answers."""
    deadline, has_said_so = monotonic() + wait_s, False
    while True:
        try:
            return cast(dict[str, list[_Card]], await client.get("/v1/models"))["data"]
        except EngineUnavailableError as error:
            if monotonic() > deadline:
                raise EngineUnavailableError(
                    f"model {name!r}: {error}; waited {wait_s:.0f} s. Start the model server, or correct the endpoint."
                ) from error
            if not has_said_so:
                log.warning("model %r: %s; waiting up to %.0f s for the server", name, error, wait_s)
                has_said_so = True
        await asyncio.sleep(1.0)


async def _version(client: JsonClient) -> str | None:
    try:
        return cast(dict[str, str], await client.get("/version")).get("version")
    except (RequestRefusedError, EngineUnavailableError):
        return None
