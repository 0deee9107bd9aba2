"""Budget forcing as the service runs it ÷ the same chains in lockstep rounds.

Lockstep is how batch scripts do it: one request per chain, wait for all, append the Waits, and again. Both sides send
the same requests through the same adapter with the same limit on requests in flight and all problems at once, in turns
(A B A B ...), each turn with a fresh `cache_salt`. Run it with `make bench`.
"""

import argparse
import asyncio
import json
import secrets
import statistics
import time
from pathlib import Path

from overthink.stack import Stack
from scaling.chains.budget_forcing import BudgetForcing
from scaling.record import Recorder
from scaling.spec import yaml12
from scaling.tape import Node
from scaling.types import GraderName, Phase, Problem, PromptFormat, Sampling
from tests.conftest import fresh_home
from worker.engines.caller import Caller
from worker.engines.vllm import VllmEngine
from worker.graders.grading import Grading
from worker.registry import ModelEntry

STRATEGY = BudgetForcing(max_thinking_tokens=700, waits=4)
SAMPLING = Sampling(temperature=0.8, max_answer_tokens=16)
DATA = Path(__file__).resolve().parents[2] / "demo" / "data" / "ladder-test.jsonl"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=240)
    parser.add_argument("--turns", type=int, default=3, help="turns of each side")
    arguments = parser.parse_args()
    with fresh_home() as home, Stack(home, dashboard=False, names=("vllm",)) as stack:
        registry = yaml12.load(Path(stack.environment["OVERTHINK_MODELS"]).read_text())
        entry = ModelEntry.model_validate(registry["models"]["ladder-tiny"])
        asyncio.run(compare(entry, load_problems(arguments.problems), arguments.turns))


def load_problems(limit: int) -> list[Problem]:
    rows = [json.loads(line) for line in DATA.read_text().splitlines()[:limit]]
    return [Problem(row["id"], row["question"], row["answer"], GraderName.INTEGER) for row in rows]


async def compare(entry: ModelEntry, problems: list[Problem], turns: int) -> None:
    await measure(entry, problems, run_freely)  # warm-up
    ratios = []
    for turn in range(turns):
        free = await measure(entry, problems, run_freely)
        lockstep = await measure(entry, problems, run_in_lockstep)
        ratios.append(free / lockstep)
        print(f"turn {turn + 1}: continuous {free:.0f} tokens/s, lockstep {lockstep:.0f} tokens/s", flush=True)
    print(f"continuous ÷ lockstep: median {statistics.median(ratios):.3f} of {', '.join(f'{r:.3f}' for r in ratios)}")


async def measure(entry: ModelEntry, problems: list[Problem], run) -> float:
    salted = entry.model_copy(update={"cache_salt": secrets.token_hex(8)})
    engine = await VllmEngine.connect("ladder-tiny", salted, timeout_s=600)
    recorders = [
        Recorder(
            engine.for_job(Caller((order,))),
            grader=Grading(),
            thinking=entry.thinking,
            sampling=SAMPLING,
            prompt=PromptFormat(),
            seed_key=f"0/{problem.id}/0",
        )
        for order, problem in enumerate(problems)
    ]
    try:
        since = time.monotonic()
        await run(problems, recorders)
        return sum(recorder.tape.spent.generated_tokens for recorder in recorders) / (time.monotonic() - since)
    finally:
        await engine.close()


async def run_freely(problems: list[Problem], recorders: list[Recorder]) -> None:
    await asyncio.gather(*map(STRATEGY.solve, problems, recorders))


async def run_in_lockstep(problems: list[Problem], recorders: list[Recorder]) -> None:
    """Rounds of one request per chain: think, then Wait and think as often as there are Waits, then answer."""
    nodes = await asyncio.gather(
        *(recorder.ask(problem) for recorder, problem in zip(recorders, problems, strict=True))
    )
    budgets = [STRATEGY.max_thinking_tokens] * len(problems)
    for number in range(STRATEGY.waits + 1):
        open_chains = [i for i, node in enumerate(nodes) if number == 0 or (node.is_stopped and budgets[i] > 1)]
        if number:
            for i in open_chains:
                nodes[i] = await recorders[i].force(nodes[i], STRATEGY.wait, Phase.THINKING)
                budgets[i] -= nodes[i].step.forced_tokens
        thoughts = await asyncio.gather(*(recorders[i].think(nodes[i], budgets[i]) for i in open_chains))
        for i, thought in zip(open_chains, thoughts, strict=True):
            nodes[i], budgets[i] = thought, budgets[i] - thought.step.generated_tokens
    await asyncio.gather(*map(answer, recorders, nodes))


async def answer(recorder: Recorder, thought: Node) -> Node:
    newline = "" if thought.text.endswith("\n") else "\n"
    cut = newline + recorder.thinking.answer_opener + recorder.thinking.final_answer
    opener = recorder.thinking.answer_opener if thought.is_stopped else cut
    return await recorder.answer(await recorder.force(thought, opener, Phase.ANSWER))


if __name__ == "__main__":
    main()
