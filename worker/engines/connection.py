"""The connection to one vLLM server: what it serves, its tokenizer, and the limit on what is asked of it at once.

An engine and a verifier may share one: then they share the limit on requests and what was tokenised before. A worker
holds neither weights nor a tokenizer: it tokenises through the server (`/tokenize` applies the chat template too).
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import TypedDict, cast

from scaling.protocols import EngineUnavailableError, RequestRefusedError
from scaling.types import Ids
from worker.account import Size
from worker.engines.caller import Caller
from worker.engines.gate import Gate
from worker.engines.http import JsonClient, Passage, Reply
from worker.engines.memory import Memory
from worker.engines.patience import Patience
from worker.registry import ServerEntry, nearest

log = logging.getLogger(__name__)

REMEMBERED_TEXTS = 8192
"""How many texts' ids, and ids' texts, are remembered: the problems that many arms ask, the delimiters and
end-of-sequence tokens of every chain."""

MAX_REMEMBERED_IDS = 1024
"""Longer ids are not remembered: they are a chain's own and are asked for once."""

Messages = Sequence[dict[str, str]]


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


class Connection:
    """One model behind one server, shared by jobs: what each of them has computed is asked as a Caller."""

    def __init__(self, entry: ServerEntry, report: ServerReport, client: JsonClient) -> None:
        self.report = report
        self._client = client
        self._gate = Gate(entry.max_requests)
        self._cache_salt = entry.cache_salt
        self._ids_of: Memory[object, Ids] = Memory(REMEMBERED_TEXTS)
        self._text_of: Memory[Ids, str] = Memory(REMEMBERED_TEXTS)

    @classmethod
    async def open(
        cls, name: str, entry: ServerEntry, *, timeout_s: float, wait_s: float = 600.0, patience: Patience | None = None
    ) -> "Connection":
        """Waits up to `wait_s` for a server that is loading, and checks that it serves the model."""
        client = JsonClient(entry.endpoint, entry.key, timeout_s, patience or Patience())
        try:
            return cls(entry, await _report(client, name, entry, wait_s), client)
        except BaseException:
            await client.close()
            raise

    async def close(self) -> None:
        await self._client.close()

    @property
    def endpoint(self) -> str:
        return self._client.endpoint

    async def ask(self, path: str, body: dict[str, object], size: Size, caller: Caller) -> Reply:
        """Has the model compute something, in turn. `body` is what to ask besides the model and the cache's salt."""
        cache_salt = caller.cache_salt or self._cache_salt
        salt = {} if cache_salt is None else {"cache_salt": cache_salt}
        passage = Passage(self._gate, caller.order, caller.account, replace(size, is_verifier=caller.is_verifying))
        return await self._client.ask(path, {"model": self.report.served_as, **body, **salt}, passage)

    async def render(self, messages: Messages, *, add_generation_prompt: bool = True) -> Ids:
        """The chat template applied."""
        key = (add_generation_prompt, *((message["role"], message["content"]) for message in messages))
        return await self._tokenized(key, {"messages": messages, "add_generation_prompt": add_generation_prompt})

    async def tokenize(self, text: str, *, add_special_tokens: bool = False) -> Ids:
        """Text as ids, special tokens recognised; the tokenizer's own (a BOS, say) are put in front if asked for."""
        if not text:
            return ()
        key = (text, add_special_tokens)
        return await self._tokenized(key, {"prompt": text, "add_special_tokens": add_special_tokens})

    async def detokenize(self, ids: Ids) -> str:
        if not ids:
            return ""
        if (known := self._text_of.get(ids)) is not None:
            return known
        told = await self._client.post("/detokenize", {"model": self.report.served_as, "tokens": ids})
        text = cast(dict[str, str], told)["prompt"]
        return self._text_of.keep(ids, text) if len(ids) <= MAX_REMEMBERED_IDS else text

    async def _tokenized(self, key: object, body: dict[str, object]) -> Ids:
        async with self._ids_of.asking(key):
            if (known := self._ids_of.get(key)) is not None:
                return known
            told = await self._client.post("/tokenize", {"model": self.report.served_as, **body})
            return self._ids_of.keep(key, tuple(cast(dict[str, list[int]], told)["tokens"]))


async def _report(client: JsonClient, name: str, entry: ServerEntry, wait_s: float) -> ServerReport:
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
