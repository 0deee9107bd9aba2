"""The connection to one vLLM server: what it serves, its tokenizer, and the limit on what is asked of it at once.

An engine and a verifier may share one: then they share the limit on requests and what was tokenised before. A worker
holds neither weights nor a tokenizer: it tokenises through the server (`/tokenize` applies the chat template too).
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import NotRequired, TypeVar

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from scaling.protocols import EngineError, EngineUnavailableError, RequestRefusedError
from scaling.types import Ids
from worker.engines.caller import Caller
from worker.engines.facts import Facts, server_facts
from worker.engines.gate import Gate
from worker.engines.http import JsonClient, MalformedAnswerError, Passage, Reply
from worker.engines.memory import Memory
from worker.engines.patience import Patience
from worker.engines.wire import understood
from worker.registry import ServerEntry, alternatives
from worker.spending.account import Size

T = TypeVar("T")

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
    """A served model at `/v1/models`. A LoRA adapter's has no `max_model_len`, and its base model as `parent`."""

    id: str
    max_model_len: NotRequired[int | None]
    parent: NotRequired[str | None]
    root: NotRequired[str | None]
    owned_by: NotRequired[str | None]


class _Cards(TypedDict):
    data: list[_Card]


class _Tokenized(TypedDict):
    tokens: list[int]


class _Detokenized(TypedDict):
    prompt: str


_CARDS, _TOKENIZED, _DETOKENIZED = TypeAdapter(_Cards), TypeAdapter(_Tokenized), TypeAdapter(_Detokenized)


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
        self._declared = entry.facts
        self._facts: Facts = {}
        self._fingerprint: str | None = None
        self._num_lost = 0
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

    async def ask(
        self, path: str, body: dict[str, object], read: Callable[[object], T], size: Size, caller: Caller
    ) -> Reply[T]:
        """Has the model compute something, in turn. `body` is what to ask besides the model and the cache's salt,
        `read` is what `JsonClient.ask` has the answer read by."""
        cache_salt = caller.cache_salt or self._cache_salt
        salt = {} if cache_salt is None else {"cache_salt": cache_salt}
        asked = {"model": self.report.served_as, **body, **salt}
        passage = Passage(self._gate, caller, size)
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
        card = (await _cards(self._client, self.report.served_as, 0.0)).get(self.report.served_as)
        self._facts = await server_facts(self._client, self.report.served_as, card or {})

    async def _learn_again(self) -> None:
        """Another server may have come back. One that is away again is asked at the next answer: no job fails of it."""
        before, self._num_lost = self._num_lost, self._client.num_lost
        try:
            await self.learn()
        except EngineError as error:
            self._num_lost = before
            log.debug("%s does not tell of itself: %s", self.endpoint, error)

    def _seen(self, answer: object) -> object:
        """vLLM's fingerprint stands for its version, its model and its configuration."""
        if isinstance(answer, dict) and isinstance(fingerprint := answer.get("system_fingerprint"), str):
            self._fingerprint = fingerprint
        return answer

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
        body = {"model": self.report.served_as, "tokens": ids}
        told = await self._client.post("/detokenize", body, lambda answer: understood(_DETOKENIZED, answer))
        text = told["prompt"]
        return self._text_of.keep(ids, text) if len(ids) <= MAX_REMEMBERED_IDS else text

    async def _tokenized(self, key: object, body: dict[str, object]) -> Ids:
        async with self._ids_of.asking(key):
            if (known := self._ids_of.get(key)) is not None:
                return known
            asked = {"model": self.report.served_as, **body}
            told = await self._client.post("/tokenize", asked, lambda answer: understood(_TOKENIZED, answer))
            return self._ids_of.keep(key, tuple(told["tokens"]))


async def _report(client: JsonClient, name: str, entry: ServerEntry, wait_s: float) -> ServerReport:
    served_as = entry.served_as or name
    cards = await _cards(client, name, wait_s)
    if served_as not in cards:
        raise ModelNotServedError(
            f"{client.endpoint} does not serve {served_as!r} (model {name!r} of the registry)"
            f"{alternatives(served_as, list(cards))} Set served_as to one of these, or correct the endpoint."
        )
    context_length = _context_length(served_as, cards)
    if context_length is None:
        raise ModelNotServedError(f"{client.endpoint} does not tell max_model_len of {served_as!r}: is it vLLM?")
    return ServerReport(served_as, context_length, await _version(client))


def _context_length(served_as: str, cards: Mapping[str, _Card]) -> int | None:
    """The model's own, or its base model's where it is an adapter; None if neither is told."""
    card, seen = cards.get(served_as), {served_as}
    while card is not None and card.get("max_model_len") is None:
        parent = card.get("parent")
        card = None if parent is None or parent in seen else cards.get(parent)
        seen.add(parent or "")
    return None if card is None else card["max_model_len"]


async def _cards(client: JsonClient, name: str, wait_s: float) -> dict[str, _Card]:
    """What the server lists at /v1/models, by id, as soon as it answers."""
    deadline, has_said_so = monotonic() + wait_s, False
    while True:
        try:
            return {card["id"]: card for card in understood(_CARDS, await client.get("/v1/models"))["data"]}
        except MalformedAnswerError as error:
            raise ModelNotServedError(f"{client.endpoint}/v1/models: {error}. Is it vLLM's OpenAI server?") from error
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
        told = await client.get("/version")
    except (RequestRefusedError, EngineUnavailableError):
        return None
    version = told.get("version") if isinstance(told, dict) else None
    return version if isinstance(version, str) else None
