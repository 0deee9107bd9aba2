"""its_hub's own majority vote or best of N over what it is asked on its standard input, as JSON. Prints its seconds.

Run by an interpreter that has its_hub, and nothing of ours. It asks as many at once as it is told, instead of 32. Its
best of N scores each different response once, by one request.
"""

import asyncio
import json
import math
import re
import sys
import time
from typing import Any

import aiohttp
from its_hub import BestOfN, OpenAICompatibleLanguageModel, SelfConsistency
from its_hub.api import AbstractOutcomeRewardModel
from its_hub.core.orchestrator import LMOrchestrator

SYSTEM, GOOD, BAD = "Grade each step.", " +", " -"
"""How the tiny model is asked to verify."""


class TokenPrm(AbstractOutcomeRewardModel):
    """The tiny model's verdict on the last step: P(good) / (P(good) + P(bad))."""

    def __init__(self, session: aiohttp.ClientSession, endpoint: str, model: str) -> None:
        self._session, self._endpoint, self._model = session, endpoint, model

    def score(self, messages: Any, **options: Any) -> Any:
        raise NotImplementedError("asked on a loop only")

    async def ascore(self, messages: Any, orchestrator: Any = None, **options: Any) -> Any:
        return await asyncio.gather(*map(self._score, messages))

    async def _score(self, conversation: list[Any]) -> float:
        *before, response = conversation
        steps = [step.strip() for step in response.content.split("\n") if step.strip()]
        messages = [
            {"role": "system", "content": SYSTEM},
            *({"role": each.role, "content": each.content} for each in before),
            {"role": "assistant", "content": f"{GOOD}\n".join(steps)},
        ]
        asked = {
            "model": self._model,
            "messages": messages,
            "add_generation_prompt": False,
            "continue_final_message": True,
            "max_tokens": 1,
            "temperature": 0.0,
            "logprobs": True,
            "top_logprobs": 5,
        }
        async with self._session.post(f"{self._endpoint}/v1/chat/completions", json=asked) as told:
            told.raise_for_status()
            likeliest = (await told.json())["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
        odds = {each["token"]: math.exp(each["logprob"]) for each in likeliest}
        good, bad = odds.get(GOOD, 0.0), odds.get(BAD, 0.0)
        return good / (good + bad) if good or bad else 0.0


def boxed(text: str) -> str:
    found = re.findall(r"\\boxed\{([^{}]*)\}", text)
    return found[-1] if found else ""


async def main(asked: dict[str, Any]) -> None:
    model = OpenAICompatibleLanguageModel(
        f"{asked['endpoint']}/v1", "none", asked["model"], max_tokens=asked["max_tokens"], temperature=0.8
    )
    at_most = LMOrchestrator(max_concurrency=asked["in_flight"])
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=3)) as session:
        algorithm = {
            "majority_vote": lambda: SelfConsistency(boxed, orchestrator=at_most),
            "best_of_n": lambda: BestOfN(TokenPrm(session, asked["endpoint"], asked["model"]), at_most),
        }[asked["strategy"]]()

        async def answer(message: str) -> None:
            await algorithm.ainfer(model, message, asked["samples"])

        since = time.monotonic()
        await asyncio.gather(*map(answer, asked["messages"]))
        print(time.monotonic() - since)
    await model.close()


if __name__ == "__main__":
    asyncio.run(main(json.load(sys.stdin)))
