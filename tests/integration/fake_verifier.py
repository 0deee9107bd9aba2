"""A small server of reward models: a step whose text is a number between 0 and 1 is right with that probability.

One character is one token, except the words in `words`. It generates like a token PRM and pools like the others.
"""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.integration.fake_vllm import CONTEXT_LENGTH, FakeVllm, running

WORDS = {" +": 100_001, " -": 100_002, " ки": 100_003, "<extra_0>": 100_004}
SOMETHING_ELSE = 7
VERDICT_PLACE = re.compile(r"(\d\.\d+)(?: ки|\n<assistant>|<extra_0>|\n)?$")


@dataclass
class FakeVerifier(FakeVllm):
    """Tells the verdicts on the steps in `untold` only when it is asked for them by id."""

    words: dict[str, int] = field(default_factory=lambda: dict(WORDS))
    good_and_bad: tuple[str, str] = (" +", " -")
    untold: frozenset[str] = frozenset()
    cached_tokens: int | None = None
    num_labels: int = 2
    row_at_each_token: bool = False

    def ids(self, text: str) -> list[int]:
        pieces = re.split(f"({'|'.join(map(re.escape, self.words))})", text)
        found = [[self.words[piece]] if piece in self.words else [*map(ord, piece)] for piece in pieces]
        return [each for piece in found for each in piece]

    def text(self, ids: list[int]) -> str:
        words = {number: word for word, number in self.words.items()}
        return "".join(words.get(number) or chr(number) for number in ids)

    def asked(self, body: dict[str, Any]) -> str:
        """What a request showed the model."""
        return self.text(body["prompt"]) if "prompt" in body else rendered(body["messages"], False)

    def _add_routes(self, app: web.Application) -> None:
        app.router.add_post("/pooling", self._complete)

    async def _tokenize(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.num_tokenized += 1
        text = body["prompt"] if "prompt" in body else rendered(body["messages"], body["add_generation_prompt"])
        return web.json_response({"tokens": self.ids(text)})

    async def _answered(self, request: web.Request, body: dict[str, Any]) -> web.Response:
        if self.failures:
            return self._failed(request, self.failures.pop(0))
        ids = body["prompt"] if "prompt" in body else self.ids(rendered(body["messages"], False))
        if len(ids) + body.get("max_tokens", 0) > CONTEXT_LENGTH:
            return web.json_response({"error": {"message": "the prompt is too long"}}, status=400)
        await self._work(len(ids), body.get("max_tokens", 0))
        self.num_answered += 1
        details = None if self.cached_tokens is None else {"cached_tokens": self.cached_tokens}
        usage = {"prompt_tokens": len(ids), "completion_tokens": 0, "prompt_tokens_details": details}
        if "task" in body:
            return self._spoiled(request, {"data": [{"data": self._pooled(body["task"], ids)}], "usage": usage})
        answer = {"choices": [self._generated(body, ids)], "usage": usage | {"completion_tokens": 1}}
        return self._spoiled(request, answer)

    def _pooled(self, task: str, ids: list[int]) -> list[Any]:
        places = range(1, len(ids) + 1)
        if task == "classify":
            return [logit(self._good_at(ids))] * (1 if self.num_labels == 2 else self.num_labels)
        if self.row_at_each_token:
            return [[logit(self._good_at(ids[:place]))] for place in places]
        tags = [place for place in places if ids[place - 1] == self.words.get("<extra_0>")]
        return [[1.0 - good, good][: self.num_labels] for good in (self._good_at(ids[:place]) for place in tags)]

    def _generated(self, body: dict[str, Any], ids: list[int]) -> dict[str, Any]:
        by_id = "logprob_token_ids" in body
        last = {f"token_id:{number}": value for number, value in self._logprobs(ids, by_id).items()}
        choice = {"token_ids": [SOMETHING_ELSE], "text": "?", "finish_reason": "length"}
        choice |= {"logprobs": {"top_logprobs": [last]}}
        if "prompt_logprobs" in body:
            told = [self._logprobs(ids[:place], False) for place in range(1, len(ids))]
            entries = [{str(number): {"logprob": value} for number, value in each.items()} for each in told]
            choice |= {"prompt_logprobs": [None, *entries]}
        return choice

    def _logprobs(self, ids: list[int], by_id: bool) -> dict[int, float]:
        """Half of the probability is something else's."""
        good, (yes, no) = self._good_at(ids), self.good_and_bad
        told = {SOMETHING_ELSE: math.log(0.5), self.ids(yes)[0]: math.log(good / 2)}
        is_told = by_id or self._step_at(ids) not in self.untold
        return told | ({self.ids(no)[0]: math.log((1 - good) / 2)} if is_told else {})

    def _good_at(self, ids: list[int]) -> float:
        return float(self._step_at(ids) or 0.5)

    def _step_at(self, ids: list[int]) -> str | None:
        found = VERDICT_PLACE.search(self.text(ids))
        return found.group(1) if found else None


def rendered(messages: list[dict[str, str]], add_generation_prompt: bool) -> str:
    text = "".join(f"<{message['role']}>{message['content']}\n" for message in messages)
    return text + ("<assistant>" if add_generation_prompt else "")


def logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


@contextmanager
def fake_verifier(**options: Any) -> Iterator[FakeVerifier]:
    """A server on a free port, in a thread of its own."""
    with running(FakeVerifier(**options)) as fake:
        yield fake
