"""The adapter for token PRMs: a causal model's next token, good or bad, in the place where it gives its verdict.

One request reads all the steps that are wanted: the last from the token that is generated, the ones before it from
log-probs over the prompt. Asked for one step alone, it asks for no log-probs over the prompt, since vLLM would take no
prefix from its cache then. Both tell of the likeliest tokens only, which the two verdicts of a trained PRM are. For a
verdict that is not told it asks again, for more of the likeliest tokens and in the end for just the two ids, so that
every score is exact.

It does not ask by id from the start, because vLLM 0.32 then spoils the log-probs of every other request in its batch.
"""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, NotRequired

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from scaling.protocols import RequestRefusedError
from scaling.types import Completion, Ids, Request, Sampling, Scores, Solution, total_if_known
from worker.engines.caller import Caller
from worker.engines.responses import MalformedAnswerError, understood
from worker.engines.vllm_connection import VllmConnection
from worker.engines.vllm_wire import Choice, choice, completion, payload
from worker.spending.account import Size
from worker.verifiers.formats import TokenPrm
from worker.verifiers.prompts import Verdicts, prompts, resolve_verdicts, steps_of
from worker.verifiers.reach import require_fit, require_numbers

GREEDY = Sampling(temperature=0.0)
NUM_LIKELIEST = 5
"""The two verdicts, and room for what a model that is nearly certain finds likelier than the other one."""
MOST_LIKELIEST = 20
"""As many as vLLM tells unless it was started with another --max-logprobs."""

Logprobs = Mapping[int, float]
"""Token id → log-prob, in one place of a text."""


class _Entry(TypedDict):
    logprob: float


class _Choice(TypedDict):
    prompt_logprobs: NotRequired[list[dict[int, _Entry] | None] | None]


class _Answer(TypedDict):
    choices: Annotated[list[_Choice], Field(min_length=1)]


_ANSWER = TypeAdapter(_Answer)


@dataclass(frozen=True, slots=True)
class TokenPrmVerifier:
    """Scores each step by P(good) / (P(good) + P(bad))."""

    name: str
    connection: VllmConnection
    form: TokenPrm
    verdicts: Verdicts
    caller: Caller = field(default_factory=Caller)

    scores_steps = True

    @classmethod
    async def check(cls, connection: VllmConnection, form: TokenPrm, name: str) -> "TokenPrmVerifier":
        """Raises FormatMismatchError unless the served tokenizer has the format's tokens."""
        return cls(name, connection, form, await resolve_verdicts(connection, form, name))

    def for_job(self, caller: Caller) -> "TokenPrmVerifier":
        return replace(self, caller=caller)

    async def score(self, solution: Solution) -> Scores:
        asked = await prompts(self.connection, self.form, solution.question, steps_of(solution), solution.first)
        require_fit(self.connection, len(asked[-1]) + 1)  # and the verdict
        answer, told = await self._likeliest(asked)
        untold = [number for number, logprobs in enumerate(told) if not self._is_told(logprobs)]
        again = await asyncio.gather(*(self._again(asked[number]) for number in untold))
        for number, more in zip(untold, again, strict=True):
            told[number] = _logprobs(more[-1])
        answers = [answer, *(each for more in again for each in more)]
        scores = Scores(
            values=tuple(map(self._good, told)),
            prompt_tokens=total_if_known(each.prompt_tokens for each in answers),
            cached_tokens=total_if_known(each.cached_tokens for each in answers),
            generated_tokens=total_if_known(each.generated_tokens for each in answers),
            calls=len(answers),
            seconds=sum(each.seconds for each in answers),
            gate_seconds=sum(each.gate_seconds for each in answers),
            retry_seconds=sum(each.retry_seconds for each in answers),
            usages=tuple(each.usage for each in answers),
        )
        return require_numbers(scores, solution, self.name)

    async def _likeliest(self, asked: list[Ids]) -> tuple[Completion, list[Logprobs]]:
        """The likeliest tokens after each of the prompts, as far as the longest of them begins with it."""
        longest = asked[-1]
        body = payload(_request(longest, top_logprobs=NUM_LIKELIEST))
        if len(asked) > 1:
            body["prompt_logprobs"] = NUM_LIKELIEST

        def read(told: object) -> tuple[Choice, list[Logprobs]]:
            return choice(told), _prompt_logprobs(told, len(longest))

        size = Size(len(longest), 1, may_read_cache=len(asked) == 1, is_verifier=True)
        reply = await self.connection.ask("/v1/completions", body, read, size, self.caller)
        chosen, before = reply.content
        answer = completion(chosen, reply)
        places = [*before, _logprobs(answer)]
        return answer, [places[len(ids)] if longest[: len(ids)] == ids else {} for ids in asked]

    async def _again(self, ids: Ids) -> list[Completion]:
        """One step alone: more of the likeliest tokens, then just the two. The last answer is the one to read."""
        answers: list[Completion] = []
        by_id = (self.verdicts.good, self.verdicts.bad)
        for request in (_request(ids, top_logprobs=MOST_LIKELIEST), _request(ids, logprob_token_ids=by_id)):
            answers.append(await self._complete(request))
            if self._is_told(_logprobs(answers[-1])):
                break
        return answers

    async def _complete(self, request: Request) -> Completion:
        size = Size(len(request.prompt), request.max_tokens, is_verifier=True)
        reply = await self.connection.ask("/v1/completions", payload(request), choice, size, self.caller)
        return completion(reply.content, reply)

    def _is_told(self, logprobs: Logprobs) -> bool:
        return self.verdicts.good in logprobs and self.verdicts.bad in logprobs

    def _good(self, logprobs: Logprobs) -> float:
        """exp(g) / (exp(g) + exp(b)), without leaving the range of floats."""
        if not self._is_told(logprobs):
            raise RequestRefusedError(
                f"{self.connection.endpoint} tells no log-probs of tokens that are asked for by id: a token PRM "
                "needs a vLLM that knows logprob_token_ids"
            )
        return 1.0 / (1.0 + math.exp(min(logprobs[self.verdicts.bad] - logprobs[self.verdicts.good], 700.0)))


def _request(ids: Ids, *, top_logprobs: int | None = None, logprob_token_ids: Ids = ()) -> Request:
    return Request(ids, 1, 0, GREEDY, top_logprobs=top_logprobs, logprob_token_ids=logprob_token_ids)


def _logprobs(answer: Completion) -> Logprobs:
    return answer.logprobs[0] if answer.logprobs else {}


def _prompt_logprobs(answer: object, num_tokens: int) -> list[Logprobs]:
    """One for each token of the prompt; empty where nothing was told."""
    told = understood(_ANSWER, answer)["choices"][0].get("prompt_logprobs") or [None] * num_tokens
    if len(told) != num_tokens:
        raise MalformedAnswerError(f"log-probs of {len(told)} tokens of the prompt's {num_tokens}")
    return [{token: entry["logprob"] for token, entry in (place or {}).items()} for place in told]
