"""The adapter for any server that speaks OpenAI's `/v1/chat/completions` and no more: messages in, text out, no ids.

Nothing can be forced on such a model, and nothing it began can be gone on with, so a chain is one request: whatever is
made of whole chains can be asked of it. Its server applies the chat template, and may take the thinking out of the
answer: where it tells it apart, it is put back in front, between tags that every reader knows. What it does not count
is not known. Only what all such servers know is sent.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, NoReturn, NotRequired, Self

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from scaling.abilities import NOTHING, Ability
from scaling.protocols import RequestRefusedError
from scaling.types import Completion, FinishReason, Ids, Request, ThinkingFormat
from worker.engines.connection import Connection, Facts, ModelNotServedError, ServerReport, listed_models
from worker.engines.entry import ServerEntry, alternatives
from worker.engines.http import JsonClient, Reply
from worker.engines.patience import Patience
from worker.engines.responses import MalformedAnswerError, understood
from worker.engines.served import ServedEngine
from worker.spending.account import Size

WITHHELD = "content_filter"


class _Card(TypedDict):
    id: str


class _Cards(TypedDict):
    data: list[_Card]


class Message(TypedDict):
    content: NotRequired[str | None]
    reasoning: NotRequired[str | None]
    reasoning_content: NotRequired[str | None]


class Choice(TypedDict):
    message: Message
    finish_reason: FinishReason | Literal["content_filter"]


class Answer(TypedDict):
    """The part of an answer that is read."""

    choices: Annotated[list[Choice], Field(min_length=1)]


_CARDS, _ANSWER = TypeAdapter(_Cards), TypeAdapter(Answer)


class ChatConnection(Connection):
    """One model behind one such server."""

    @classmethod
    async def open(
        cls, name: str, entry: ServerEntry, *, timeout_s: float, wait_s: float = 600.0, patience: Patience | None = None
    ) -> "ChatConnection":
        """Waits up to `wait_s` for a server that is loading, and checks that it lists the model."""
        client = JsonClient(entry.endpoint, entry.key, timeout_s, patience or Patience(), tells_costs=False)
        try:
            return cls(entry, await _report(client, name, entry, wait_s), client)
        except BaseException:
            await client.close()
            raise

    async def _told_of_itself(self) -> Facts:
        return {"engine": "chat"}


async def _report(client: JsonClient, name: str, entry: ServerEntry, wait_s: float) -> ServerReport:
    assert entry.context_length is not None, "the registry was checked"
    served_as = entry.served_as or name
    try:
        listed = [card["id"] for card in understood(_CARDS, await listed_models(client, name, wait_s))["data"]]
    except MalformedAnswerError as error:
        raise ModelNotServedError(f"{client.endpoint}/v1/models: {error}. Does it speak OpenAI's protocol?") from error
    if served_as not in listed:
        raise ModelNotServedError(
            f"{client.endpoint} does not serve {served_as!r} (model {name!r} of the registry)"
            f"{alternatives(served_as, listed)} Set served_as to one of these, or correct the endpoint."
        )
    return ServerReport(served_as, entry.context_length, None)


@dataclass(frozen=True, slots=True)
class ChatEngine(ServedEngine):
    """One model behind one such server, as `caller` asks it."""

    abilities: ClassVar[frozenset[Ability]] = NOTHING

    @classmethod
    async def connect(
        cls, name: str, entry: ServerEntry, *, timeout_s: float, wait_s: float = 600.0, patience: Patience | None = None
    ) -> Self:
        return cls(await ChatConnection.open(name, entry, timeout_s=timeout_s, wait_s=wait_s, patience=patience))

    @classmethod
    def faults(cls, entry: ServerEntry, thinking: ThinkingFormat | None) -> Iterator[str]:
        if entry.context_length is None:
            yield "context_length: missing; a chat server does not tell how long its model's context is: give it"
        if entry.cache_salt is not None:
            yield "cache_salt: a chat server takes none; drop it"
        if thinking is not None and (thinking.start or thinking.stop or thinking.answer_opener):
            yield "thinking: a chat server marks thoughts itself, if at all; leave it out"

    async def render(self, messages: list[dict[str, str]]) -> Ids:
        return _no_ids("render a prompt")

    async def tokenize(self, text: str) -> Ids:
        return _no_ids(f"tokenise {text[:40]!r}")

    async def detokenize(self, ids: Ids) -> str:
        return _no_ids("decode ids") if ids else ""

    async def complete(self, request: Request) -> Completion:
        size = Size(self.context_length, request.max_tokens)
        reply = await self.connection.ask("/v1/chat/completions", payload(request), choice, size, self.caller)
        return completion(reply.content, reply)


def _no_ids(what: str) -> NoReturn:
    raise RequestRefusedError(
        f"the engine chat takes no token ids, and was to {what}; give a strategy that forces nothing, or a model that "
        "another engine serves"
    )


def payload(request: Request) -> dict[str, object]:
    """The JSON body of one request, without the model's name."""
    return {
        "messages": request.messages,
        "max_tokens": request.max_tokens,
        "seed": request.seed,
        "temperature": request.sampling.temperature,
        "top_p": request.sampling.top_p,
    }


def choice(answer: object) -> Choice:
    """What was said. Raises MalformedAnswerError if it is no answer, RequestRefusedError if it was withheld."""
    (found, *_) = understood(_ANSWER, answer)["choices"]
    if found["finish_reason"] == WITHHELD:
        raise RequestRefusedError(f"the server withholds what the model said ({WITHHELD})")
    return found


def completion(choice: Choice, reply: Reply[Any]) -> Completion:
    """The answer as a Completion, with the server's own counts as far as it tells any."""
    cost = reply.cost
    return Completion(
        token_ids=(),
        text=said(choice["message"]),
        finish_reason=FinishReason(choice["finish_reason"]),
        prompt_tokens=cost.prompt_tokens,
        cached_tokens=cost.cached_tokens,
        generated_tokens=cost.generated_tokens,
        seconds=reply.server_seconds,
        queue_seconds=cost.queue_seconds,
        gate_seconds=reply.gate_seconds,
        retry_seconds=reply.retry_seconds,
    )


def said(message: Message) -> str:
    """All that the model wrote, its thoughts first."""
    thought = message.get("reasoning") or message.get("reasoning_content")
    content = message.get("content")
    if not thought:
        return content or ""
    return f"<think>\n{thought}" if content is None else f"<think>\n{thought}\n</think>\n\n{content}"
