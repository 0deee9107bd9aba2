"""Real reward models behind a real vLLM: the adapters' scores are those of a plain PyTorch forward pass."""

import importlib
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from sys import executable
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from overthink.stack import Stack
from overthink.stack.home import Home
from overthink.stack.ports import ReservedPort
from overthink.stack.vllm import endpoint, vllm_part
from scaling.protocols import RequestRefusedError
from scaling.types import Solution
from tests.conftest import fresh_home, start_or_skip
from worker.engines.entry import ServerEntry
from worker.engines.patience import Patience
from worker.engines.vllm_connection import VllmConnection
from worker.verifiers.adapters import SharedVerifier, checked
from worker.verifiers.formats import BOXED, PRESETS, OutcomeRm, StepPoolingPrm, VerifierFormat
from worker.verifiers.prompts import FormatMismatchError

if TYPE_CHECKING:
    from tests.acceptance.reward_models import RewardModel

SOLUTIONS = [
    Solution("Evaluate left to right: 26-6-10+1", ("26-6=20", "20-10=11", "11+1=12", "The answer is \\boxed{12}.")),
    Solution("What is 7*8?", ("56",)),
    Solution("Ünïcode?", ("∑ of 1 + 2", "is\nthree")),
]


@pytest.fixture(scope="module")
def reward_models() -> ModuleType:
    """They bring PyTorch, 6 s of work, which not every process has to do that collects this file."""
    return importlib.import_module("tests.acceptance.reward_models")


@pytest.fixture(scope="module")
def prm(reward_models: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> "RewardModel":
    return reward_models.process_reward_model(tmp_path_factory.mktemp("prm") / "model")


@pytest.fixture(scope="module")
def prm_endpoint(reward_models: ModuleType, prm: "RewardModel") -> Iterator[str]:
    pooler = json.dumps({"tok_pooling_type": "STEP", "step_tag_id": reward_models.TAG_ID})
    with served(prm.folder, f"--pooler-config={pooler}") as url:
        yield url


@contextmanager
def served(model: Path, *options: str) -> Iterator[str]:
    """A vLLM server of the model, a part of a stack of its own: it ends with the test, however that ends."""
    port = ReservedPort()
    with fresh_home() as home, TemporaryDirectory(prefix="overthink-") as run_folder:
        part = vllm_part(Home(home), Path(run_folder), port.number)
        part = replace(part, command=command(model, port.number, *options), max_quick_deaths=1)
        stack = Stack(home, dashboard=False, names=(), more=(part,))
        try:
            start_or_skip(stack)
            yield endpoint(port.number)
        finally:
            stack.stop()
            port.close()


def command(model: Path, port: int, *options: str) -> tuple[str, ...]:
    return (
        *(executable, "-P", "-m", "vllm.entrypoints.openai.api_server", f"--model={model}", "--served-model-name=rm"),
        *("--host=127.0.0.1", f"--port={port}", "--dtype=float32", "--enforce-eager", "--runner=pooling"),
        *("--no-enable-chunked-prefill", "--max-num-batched-tokens=4096", *options),
    )


@asynccontextmanager
async def verifier_at(url: str, form: VerifierFormat) -> AsyncIterator[SharedVerifier]:
    connection = await VllmConnection.open("rm", ServerEntry(endpoint=url), timeout_s=60.0, patience=Patience(10.0))
    try:
        yield await checked(connection, form, "rm")
    finally:
        await connection.close()


def conversation(system: str | None, question: str, answer: str) -> list[dict[str, str]]:
    turns = [] if system is None else [("system", system)]
    return [{"role": r, "content": c} for r, c in (*turns, ("user", question), ("assistant", answer))]


@pytest.mark.timeout(900)
async def test_a_process_reward_model_scores_each_step_as_pytorch_does(
    reward_models: ModuleType, prm: "RewardModel", prm_endpoint: str
) -> None:
    tag, tag_id = reward_models.TAG, reward_models.TAG_ID
    async with verifier_at(prm_endpoint, PRESETS["qwen2.5-math-prm"]) as verifier:
        scores = [await verifier.score(solution) for solution in SOLUTIONS]
        last = await verifier.score(replace(SOLUTIONS[0], first=3))

    for solution, told in zip(SOLUTIONS, scores, strict=True):
        answer = "".join(step + tag for step in solution.steps)
        ids, logits = prm.logits(conversation(BOXED, solution.question, answer))
        tags = [place for place, number in enumerate(ids) if number == tag_id]
        assert told.values == pytest.approx(logits.softmax(dim=-1)[tags, 1].tolist(), abs=1e-4)
        assert (len(tags), told.prompt_tokens, told.calls) == (len(solution.steps), len(ids), 1)
    values = [value for told in scores for value in told.values]
    assert max(values) - min(values) > 0.1  # a constant would prove nothing
    assert last.values == pytest.approx(scores[0].values[3:], abs=1e-6)


async def test_a_solution_longer_than_the_context_is_refused_not_cut(prm_endpoint: str) -> None:
    async with verifier_at(prm_endpoint, PRESETS["qwen2.5-math-prm"]) as verifier:
        with pytest.raises(RequestRefusedError, match="reads 512 tokens, and is shown 6"):
            await verifier.score(Solution("Long?", ("x" * 600, "2")))


async def test_a_tag_that_the_tokenizer_does_not_know_is_refused_before_the_first_job(prm_endpoint: str) -> None:
    with pytest.raises(FormatMismatchError, match="the step tag '<extra_1>' must be one token"):
        async with verifier_at(prm_endpoint, StepPoolingPrm(tag="<extra_1>")):
            pass


@pytest.mark.timeout(900)
async def test_an_outcome_reward_model_scores_a_solution_as_pytorch_does(
    reward_models: ModuleType, tmp_path: Path
) -> None:
    model = reward_models.outcome_reward_model(tmp_path / "model")
    raw = OutcomeRm(logistic=False)
    with served(model.folder) as url:
        async with verifier_at(url, raw) as verifier:
            scores = [await verifier.score(solution) for solution in SOLUTIONS]
        async with verifier_at(url, PRESETS["skywork-reward-v2"]) as verifier:
            chances = [(await verifier.score(solution)).values[0] for solution in SOLUTIONS]

    for solution, told, chance in zip(SOLUTIONS, scores, chances, strict=True):
        _, logits = model.logits(conversation(None, solution.question, "\n\n".join(solution.steps)))
        assert told.values == pytest.approx([float(logits[-1, 0])], abs=1e-4)
        assert chance == pytest.approx(float(logits[-1, 0].sigmoid()), abs=1e-4)
    assert len({round(told.values[0], 2) for told in scores}) == len(SOLUTIONS)
