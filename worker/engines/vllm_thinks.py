"""Does a model think that is registered as one that does not? Asked once, when a worker meets it.

Registered as `plain`, such a model's thoughts would pass for its answer, and nothing could be forced on them.
"""

from pydantic import BaseModel, ValidationError

from scaling.opening import OPENERS, opened_in
from scaling.protocols import RequestRefusedError
from scaling.types import ThinkingFormat
from worker.engines.caller import Caller
from worker.engines.vllm_connection import VllmConnection
from worker.spending.account import Size

QUESTION = [{"role": "user", "content": "What is 2 + 3?"}]
MAX_TOKENS = 16
"""Models that think open their thought with their first tokens."""

ASKED: dict[str, object] = {
    "messages": QUESTION,
    "max_tokens": MAX_TOKENS,
    "temperature": 0.0,
    "skip_special_tokens": False,
}
"""As any chat client would ask."""


class _Message(BaseModel):
    content: str | None = None
    reasoning: str | None = None
    reasoning_content: str | None = None


class _Choice(BaseModel):
    message: _Message


class _Answer(BaseModel):
    choices: tuple[_Choice]


async def thinking_remark(connection: VllmConnection, thinking: ThinkingFormat) -> str | None:
    """What is to be said of a model that is registered without a thinking format and thinks; None: nothing."""
    if thinking.start or thinking.stop or thinking.answer_opener:
        return None
    try:
        prompt = await connection.detokenize(await connection.render(QUESTION))
        if opener := opened_in(prompt.rpartition(QUESTION[0]["content"])[2]):
            return _remark(f"its chat template opens a thought with {opener}")
        opener = opened_in(await first_words(connection))
    except RequestRefusedError:  # it has no chat template: a base model
        return None
    return None if opener is None else _remark(f"its answers open a thought with {opener}")


async def first_words(connection: VllmConnection) -> str:
    """How the model begins to answer, special tokens kept. Raises RequestRefusedError where no chat is served."""
    size = Size(connection.report.context_length, MAX_TOKENS)
    reply = await connection.ask("/v1/chat/completions", ASKED, _written, size, Caller())
    return reply.content


def _remark(what: str) -> str:
    return f"registered without a thinking format, but {what}; give it `thinking: think`, or a mapping, in the registry"


def _written(answer: object) -> str:
    """How it begins to answer. A server that parses thoughts takes the opening away, and tells what stood behind it."""
    try:
        message = _Answer.model_validate(answer).choices[0].message
    except ValidationError:
        return ""
    return OPENERS[0] if message.reasoning or message.reasoning_content else message.content or ""
