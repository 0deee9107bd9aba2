"""What goes over the wire to vLLM's `/v1/completions`, and what comes back: token ids both ways.

Every sampling parameter is sent, so that a server's `generation_config.json` (a repetition penalty, say) never
changes an experiment silently.
"""

from typing import Annotated, Any, NotRequired

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from scaling.protocols import RequestRefusedError
from scaling.types import Completion, FinishReason, Request
from worker.engines.http import Reply
from worker.engines.responses import understood

Count = Annotated[int, Field(ge=0)]

NOT_TOLD = -9999.0
"""What vLLM writes for a log-prob that it does not have."""


class Logprobs(TypedDict):
    top_logprobs: list[dict[str, float]]


class Choice(TypedDict):
    token_ids: NotRequired[list[Count] | None]
    text: str
    finish_reason: FinishReason
    logprobs: NotRequired[Logprobs | None]


class Answer(TypedDict):
    """The part of vLLM's answer that is read."""

    choices: Annotated[list[Choice], Field(min_length=1)]


ANSWER = TypeAdapter(Answer)


def payload(request: Request) -> dict[str, object]:
    """The JSON body of one request, without the model's name."""
    sampling = request.sampling
    body: dict[str, object] = {
        "prompt": request.prompt,
        "max_tokens": request.max_tokens,
        "seed": request.seed,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k or 0,
        "min_p": 0.0,
        "repetition_penalty": 1.0,
        "return_token_ids": True,
        "include_stop_str_in_output": True,
        "skip_special_tokens": False,
        "spaces_between_special_tokens": False,
    }
    if request.stop:
        body["stop"] = request.stop
    if request.stop_token_ids:
        body["stop_token_ids"] = request.stop_token_ids
    if request.min_tokens:
        body["min_tokens"] = request.min_tokens
    return body | _logprobs_asked(request)


def _logprobs_asked(request: Request) -> dict[str, object]:
    if request.logprob_token_ids:
        return {
            "logprobs": len(request.logprob_token_ids),
            "logprob_token_ids": request.logprob_token_ids,
            "return_tokens_as_token_ids": True,
        }
    if request.top_logprobs is not None:
        return {"logprobs": request.top_logprobs, "return_tokens_as_token_ids": True}
    return {}


def choice(answer: object) -> Choice:
    """What was generated.

    Raises MalformedAnswerError if it is no answer (no choice, a finish reason that is neither stop nor length:
    "abort", say), RequestRefusedError if it carries no token ids.
    """
    (found, *_) = understood(ANSWER, answer)["choices"]
    if found.get("token_ids") is None:
        raise RequestRefusedError("the server returns no token ids: it must be vLLM ≥ 0.10 (return_token_ids)")
    return found


def completion(choice: Choice, reply: Reply[Any]) -> Completion:
    """vLLM's answer as a Completion, with vLLM's own counts."""
    cost = reply.cost
    return Completion(
        token_ids=tuple(choice.get("token_ids") or ()),
        text=choice["text"],
        finish_reason=choice["finish_reason"],
        prompt_tokens=cost.prompt_tokens,
        cached_tokens=cost.cached_tokens,
        generated_tokens=cost.generated_tokens,
        seconds=reply.server_seconds,
        logprobs=_logprobs_told(choice.get("logprobs")),
        queue_seconds=cost.queue_seconds,
        gate_seconds=reply.gate_seconds,
        retry_seconds=reply.retry_seconds,
    )


def _logprobs_told(logprobs: Logprobs | None) -> tuple[dict[int, float], ...] | None:
    """Keys come as `token_id:42`. vLLM fills up with NOT_TOLD where it has fewer than were asked for."""
    if logprobs is None:
        return None
    return tuple(
        {int(key.removeprefix("token_id:")): value for key, value in of_token.items() if value > NOT_TOLD}
        for of_token in logprobs["top_logprobs"]
    )
