"""The connection to one vLLM server: what it serves, and its tokenizer.

An engine and a verifier may share one: then they share the limit on requests and what was tokenised before. A worker
holds neither weights nor a tokenizer: it tokenises through the server (`/tokenize` applies the chat template too).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NotRequired, TypeVar

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from scaling.protocols import EngineUnavailableError, RequestRefusedError
from scaling.types import Ids
from worker.engines.caller import Caller
from worker.engines.connection import Connection, Facts, ModelNotServedError, ServerReport, listed_models
from worker.engines.entry import ServerEntry, alternatives
from worker.engines.http import JsonClient, Reply
from worker.engines.memory import Memory
from worker.engines.patience import Patience
from worker.engines.responses import MalformedAnswerError, understood
from worker.engines.vllm_facts import server_facts
from worker.spending.account import Size
from worker.vitals.metrics import Metrics, metrics_of

T = TypeVar("T")

REMEMBERED_TEXTS = 8192
"""How many texts' ids, and ids' texts, are remembered: the problems that many arms ask, the delimiters and
end-of-sequence tokens of every chain."""

MAX_REMEMBERED_IDS = 1024
"""Longer ids are not remembered: they are a chain's own and are asked for once."""

METRICS_TIMEOUT_S = 3.0

Messages = Sequence[dict[str, str]]


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


class VllmConnection(Connection):
    """One model behind one vLLM server."""

    def __init__(self, entry: ServerEntry, report: ServerReport, client: JsonClient) -> None:
        super().__init__(entry, report, client)
        self._cache_salt = entry.cache_salt
        self._is_told_priorities = entry.scheduling == "priority"
        self._ids_of: Memory[object, Ids] = Memory(REMEMBERED_TEXTS)
        self._text_of: Memory[Ids, str] = Memory(REMEMBERED_TEXTS)

    @classmethod
    async def open(
        cls, name: str, entry: ServerEntry, *, timeout_s: float, wait_s: float = 600.0, patience: Patience | None = None
    ) -> "VllmConnection":
        """Waits up to `wait_s` for a server that is loading, and checks that it serves the model."""
        client = JsonClient(entry.endpoint, entry.key, timeout_s, patience or Patience())
        try:
            return cls(entry, await _report(client, name, entry, wait_s), client)
        except BaseException:
            await client.close()
            raise

    async def ask(
        self, path: str, body: dict[str, object], read: Callable[[object], T], size: Size, caller: Caller
    ) -> Reply[T]:
        """With the salt that keeps the caller's prefixes apart in the server's cache, and its priority where the server
        schedules by it."""
        cache_salt = caller.cache_salt or self._cache_salt
        salt = {} if cache_salt is None else {"cache_salt": cache_salt}
        urgency = {"priority": caller.order[0]} if self._is_told_priorities and caller.order else {}
        return await super().ask(path, {**body, **salt, **urgency}, read, size, caller)

    async def metrics(self) -> Metrics | None:
        told = await self._client.glance("/metrics", METRICS_TIMEOUT_S)
        return None if told is None else metrics_of(told)

    async def _told_of_itself(self) -> Facts:
        card = (await _cards(self._client, self.report.served_as, 0.0)).get(self.report.served_as)
        return await server_facts(self._client, self.report.served_as, card or {})

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
        async with self._text_of.asking(ids):
            if (known := self._text_of.get(ids)) is not None:
                return known
            body = {"model": self.report.served_as, "tokens": ids}
            told = await self._client.post("/detokenize", body, lambda answer: understood(_DETOKENIZED, answer))
            text = told["prompt"]
            return self._text_of.keep(ids, text) if len(ids) <= MAX_REMEMBERED_IDS else text

    async def _tokenized(self, key: object, body: dict[str, object]) -> Ids:
        if (known := self._ids_of.get(key)) is not None:
            return known
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
    """What the server lists, by id, as soon as it answers."""
    told = await listed_models(client, name, wait_s)
    try:
        return {card["id"]: card for card in understood(_CARDS, told)["data"]}
    except MalformedAnswerError as error:
        raise ModelNotServedError(f"{client.endpoint}/v1/models: {error}. Is it vLLM's OpenAI server?") from error


async def _version(client: JsonClient) -> str | None:
    try:
        told = await client.get("/version")
    except (RequestRefusedError, EngineUnavailableError):
        return None
    version = told.get("version") if isinstance(told, dict) else None
    return version if isinstance(version, str) else None
