"""its_hub's own majority vote over what it is asked on its standard input, as JSON. Prints the seconds that it took.

Run by an interpreter that has its_hub, and nothing of ours.
"""

import asyncio
import json
import re
import sys
import time
from typing import Any

from its_hub import OpenAICompatibleLanguageModel, SelfConsistency


def boxed(text: str) -> str:
    found = re.findall(r"\\boxed\{([^{}]*)\}", text)
    return found[-1] if found else ""


async def main(asked: dict[str, Any]) -> None:
    model = OpenAICompatibleLanguageModel(
        f"{asked['endpoint']}/v1", "none", asked["model"], max_tokens=asked["max_tokens"], temperature=0.8
    )
    vote, places = SelfConsistency(boxed), asyncio.Semaphore(max(1, asked["in_flight"] // asked["samples"]))

    async def answer(message: str) -> None:
        async with places:
            await vote.ainfer(model, message, asked["samples"])

    since = time.monotonic()
    await asyncio.gather(*map(answer, asked["messages"]))
    print(time.monotonic() - since)
    await model.close()


if __name__ == "__main__":
    asyncio.run(main(json.load(sys.stdin)))
