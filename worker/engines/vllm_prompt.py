"""What vLLM says of the tokens of a prompt: asked with `prompt_logprobs: 0`, how each reads and its log-prob, and of no
other token.
"""

from typing import Annotated, NotRequired

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from scaling.scanners.id_chains import Told
from scaling.types import Ids
from worker.engines.responses import MalformedAnswerError, understood
from worker.engines.vllm_wire import NOT_TOLD


class _Token(TypedDict):
    logprob: float
    decoded_token: NotRequired[str | None]


class _Choice(TypedDict):
    prompt_logprobs: list[dict[int, _Token] | None]


class _Answer(TypedDict):
    choices: Annotated[list[_Choice], Field(min_length=1)]


_ANSWER = TypeAdapter(_Answer)


def told_of(answer: object, ids: Ids) -> tuple[Told, ...]:
    """The first token has no log-prob. Raises MalformedAnswerError unless every other has one."""
    told = understood(_ANSWER, answer)["choices"][0]["prompt_logprobs"]
    if len(told) != len(ids):
        raise MalformedAnswerError(f"log-probs of {len(told)} tokens of the prompt's {len(ids)}")
    return tuple(_told(place, token, is_first=not at) for at, (place, token) in enumerate(zip(told, ids, strict=True)))


def _told(place: dict[int, _Token] | None, token: int, *, is_first: bool) -> Told:
    if place is None and is_first:
        return Told("", None)
    if place is None or token not in place:
        raise MalformedAnswerError(f"no log-prob of token {token} of the prompt, but of others")
    said = place[token]
    return Told(said.get("decoded_token") or "", said["logprob"] if said["logprob"] > NOT_TOLD else None)
