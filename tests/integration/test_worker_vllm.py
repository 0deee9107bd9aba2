"""The adapter against the real vLLM: token ids both ways, what ends a generation, and what is counted."""

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from overthink.stack import Stack
from scaling.chains.budget_forcing import BudgetForcing
from scaling.chains.chain_of_thought import ChainOfThought
from scaling.protocols import EngineUnavailableError, RequestRefusedError, UnscorableError
from scaling.record import Recorder
from scaling.strategies.majority_vote import MajorityVote
from scaling.types import (
    THINKING_FORMATS,
    FinishReason,
    GraderName,
    Ids,
    Problem,
    PromptFormat,
    Request,
    Sampling,
    Solution,
    StepKind,
    ThinkingFormat,
)
from tests.unit.scripted_engine import PlainGrader
from worker.engines.chat import ChatEngine
from worker.engines.connection import ModelNotServedError
from worker.engines.entry import ServerEntry
from worker.engines.vllm import VllmEngine
from worker.engines.vllm_connection import VllmConnection
from worker.engines.vllm_thinks import first_words, thinking_remark
from worker.registry import ModelEntry
from worker.verifiers.formats import LADDER
from worker.verifiers.prompts import prompts
from worker.verifiers.token_prm import TokenPrmVerifier

QUESTION = "Evaluate left to right: 26-6-10+1"
GREEDY = Sampling(temperature=0.0)
SAMPLED = Sampling(temperature=2.0)
SPOILS_LOG_PROBS = "0.32."
"""The version whose requests for log-probs by id spoil those of others. 0.26 does not."""


@pytest.fixture
async def engine(vllm_endpoint: str) -> AsyncIterator[VllmEngine]:
    entry = ModelEntry(endpoint=vllm_endpoint, served_as="ladder-tiny")
    engine = await VllmEngine.connect("tiny", entry, timeout_s=60.0, wait_s=10.0)
    yield engine
    await engine.close()


@pytest.fixture
async def prompt(engine: VllmEngine) -> Ids:
    return await engine.render([{"role": "user", "content": QUESTION}])


async def test_the_server_says_how_long_a_context_it_takes_and_its_version(engine: VllmEngine) -> None:
    assert engine.context_length >= 512
    assert engine.server.version is not None and engine.server.version.startswith("0.")


async def test_a_model_that_is_not_served_is_told_what_is(vllm_endpoint: str) -> None:
    entry = ModelEntry(endpoint=vllm_endpoint)
    with pytest.raises(ModelNotServedError, match="does not serve 'ladder-tyni'.*did you mean 'ladder-tiny'"):  # noqa: RUF043
        await VllmEngine.connect("ladder-tyni", entry, timeout_s=60.0, wait_s=10.0)


async def test_the_chat_template_is_applied_by_the_server_and_special_tokens_are_recognised(engine: VllmEngine) -> None:
    rendered = await engine.render([{"role": "user", "content": QUESTION}])

    text = f"<|im_start|>user\n{QUESTION}<|im_end|>\n<|im_start|>assistant\n<think>\n"
    assert await engine.detokenize(rendered) == text
    assert await engine.tokenize(text) == rendered
    assert len(await engine.tokenize("<|im_end|>")) == 1


async def test_the_tiny_model_registered_as_one_that_does_not_think_is_seen_to_think(vllm_endpoint: str) -> None:
    entry = ServerEntry(endpoint=vllm_endpoint, served_as="ladder-tiny")
    connection = await VllmConnection.open("tiny", entry, timeout_s=60.0, wait_s=10.0)
    remark = await thinking_remark(connection, THINKING_FORMATS["plain"])
    written = await first_words(connection)
    await connection.close()

    assert remark is not None and "its chat template opens a thought with <think>" in remark
    assert written  # a chat client gets text, which is where a thought that no template opens would show


async def test_ids_and_text_hold_everything_that_was_generated_the_stop_token_included(
    engine: VllmEngine, prompt: Ids
) -> None:
    (end_of_thinking,) = await engine.tokenize("</think>")
    request = Request(prompt, 200, seed=1, sampling=GREEDY, stop_token_ids=(end_of_thinking,))
    completion = await engine.complete(request)

    assert completion.finish_reason is FinishReason.STOP
    assert completion.token_ids[-1] == end_of_thinking
    assert completion.text.startswith("26-6=20\n") and completion.text.endswith("</think>")
    assert await engine.detokenize(completion.token_ids) == completion.text
    assert completion.generated_tokens == len(completion.token_ids)
    assert completion.prompt_tokens == len(prompt)


async def test_a_stop_string_ends_a_generation_and_stays_in_ids_and_text(engine: VllmEngine, prompt: Ids) -> None:
    completion = await engine.complete(Request(prompt, 200, seed=1, sampling=GREEDY, stop=("=20\n",)))

    assert completion.finish_reason is FinishReason.STOP
    assert completion.text == "26-6=20\n"
    assert await engine.detokenize(completion.token_ids) == "26-6=20\n"


async def test_the_end_of_sequence_token_is_in_ids_and_text(engine: VllmEngine, prompt: Ids) -> None:
    completion = await engine.complete(Request(prompt, 400, seed=1, sampling=GREEDY))

    assert completion.finish_reason is FinishReason.STOP
    assert completion.text.endswith("<|im_end|>")
    assert await engine.detokenize(completion.token_ids) == completion.text


async def test_a_limit_of_tokens_is_kept_exactly(engine: VllmEngine, prompt: Ids) -> None:
    completion = await engine.complete(Request(prompt, 5, seed=1, sampling=GREEDY))

    assert completion.finish_reason is FinishReason.LENGTH
    assert len(completion.token_ids) == completion.generated_tokens == 5


async def test_the_prefix_of_a_second_request_is_reported_as_cached(engine: VllmEngine, prompt: Ids) -> None:
    long_prompt = prompt * 12  # the cache holds whole blocks, of up to 128 tokens
    first = await engine.complete(Request(long_prompt, 4, seed=1, sampling=GREEDY))
    second = await engine.complete(Request(long_prompt + first.token_ids, 4, seed=2, sampling=GREEDY))

    assert first.cached_tokens is not None
    assert second.cached_tokens is not None
    assert 0 < second.cached_tokens < second.prompt_tokens


async def test_one_seed_gives_one_text_and_others_give_others(engine: VllmEngine, prompt: Ids) -> None:
    request = Request(prompt, 40, seed=5, sampling=SAMPLED)
    texts = [(await engine.complete(replace(request, seed=seed))).text for seed in (5, 5, 6, 7, 8, 2**63 - 1)]

    assert texts[0] == texts[1]
    assert len(set(texts)) > 1


async def test_logprobs_come_for_just_the_ids_asked_for_or_for_the_likeliest(engine: VllmEngine, prompt: Ids) -> None:
    plus, minus = (await engine.tokenize(" +"))[0], (await engine.tokenize(" -"))[0]
    request = Request(prompt, 3, seed=1, sampling=GREEDY)
    chosen = await engine.complete(replace(request, logprob_token_ids=(plus, minus)))
    likeliest = await engine.complete(replace(request, top_logprobs=2))
    none = await engine.complete(request)

    assert chosen.logprobs is not None and len(chosen.logprobs) == 3
    assert {plus, minus} <= chosen.logprobs[0].keys()
    assert likeliest.logprobs is not None
    greedy = [max(of_token, key=of_token.__getitem__) for of_token in likeliest.logprobs]
    assert tuple(greedy) == likeliest.token_ids == chosen.token_ids == none.token_ids
    assert none.logprobs is None


async def test_log_probs_come_at_once_and_nothing_is_compiled_for_them(
    engine: VllmEngine, prompt: Ids, vllm: Stack
) -> None:
    """vLLM would compile a comparison for the first of them: 19 s of work, for which every other request waited."""
    await engine.complete(Request(prompt, 3, seed=1, sampling=GREEDY, top_logprobs=2))

    assert sources(vllm) == []


def sources(vllm: Stack) -> list[Path]:
    """What its server has written for a compiler."""
    return list(Path(psutil.Process(vllm.part("vllm").pid).environ()["TMPDIR"]).rglob("*.cpp"))


async def test_what_does_not_fit_is_refused_with_the_servers_words(engine: VllmEngine, prompt: Ids) -> None:
    too_long = prompt * (engine.context_length // len(prompt) + 1)
    with pytest.raises(RequestRefusedError, match=f"HTTP 400: .*{engine.context_length}"):
        await engine.complete(Request(too_long, 1, seed=1, sampling=GREEDY))
    with pytest.raises(RequestRefusedError, match=r"HTTP 400: .*vocabulary"):
        await engine.complete(Request((10**6,), 1, seed=1, sampling=GREEDY))


LADDER_STEPS = ("26-6=20", "20-10=10", "10+1=11")


@asynccontextmanager
async def grader(vllm_endpoint: str) -> AsyncIterator[tuple[VllmConnection, TokenPrmVerifier]]:
    """The tiny model, which verifies with its own weights."""
    entry = ServerEntry(endpoint=vllm_endpoint, served_as="ladder-tiny")
    connection = await VllmConnection.open("tiny", entry, timeout_s=60.0, wait_s=10.0)
    try:
        yield connection, await TokenPrmVerifier.check(connection, LADDER, "tiny-prm")
    finally:
        await connection.close()


async def test_the_tiny_model_tells_right_steps_from_wrong_ones_and_its_scores_are_cumulative(
    vllm_endpoint: str,
) -> None:
    async with grader(vllm_endpoint) as (_, verifier):
        right = await verifier.score(Solution(QUESTION, LADDER_STEPS))
        wrong = await verifier.score(Solution(QUESTION, ("26-6=20", "20-10=11", "11+1=12")))

    assert min(right.values) > 0.5
    assert wrong.values[0] > 0.5 > max(wrong.values[1:])  # one slip, and all that follows is judged wrong
    assert (right.calls, right.generated_tokens) == (1, 1)


async def test_all_steps_in_one_request_score_as_each_of_them_alone_and_as_its_ids_do(vllm_endpoint: str) -> None:
    async with grader(vllm_endpoint) as (connection, verifier):
        together = await verifier.score(Solution(QUESTION, LADDER_STEPS))
        alone = [await verifier.score(Solution(QUESTION, LADDER_STEPS[:end], end - 1)) for end in (1, 2, 3)]
        by_id = []
        for ids in await prompts(connection, LADDER, QUESTION, LADDER_STEPS, 0):
            asked = (verifier.verdicts.good, verifier.verdicts.bad)
            answer = await VllmEngine(connection).complete(Request(ids, 1, 0, GREEDY, logprob_token_ids=asked))
            assert answer.logprobs is not None
            good, bad = (math.exp(answer.logprobs[0][number]) for number in asked)
            by_id.append(good / (good + bad))

    assert together.values == pytest.approx([score for each in alone for score in each.values], abs=1e-6)
    assert together.values == pytest.approx(by_id, abs=1e-6)


async def test_a_solution_looks_to_the_tiny_model_as_its_card_says(vllm_endpoint: str) -> None:
    async with grader(vllm_endpoint) as (connection, _):
        (*_, last) = await prompts(connection, LADDER, QUESTION, LADDER_STEPS, 0)
        shown = await connection.detokenize(last)

    assert shown == (
        "<|im_start|>system\nGrade each step.<|im_end|>\n"
        f"<|im_start|>user\n{QUESTION}<|im_end|>\n"
        "<|im_start|>assistant\n<think>\n26-6=20 +\n20-10=10 +\n10+1=11"
    )


async def test_a_solution_longer_than_the_verifiers_context_is_not_asked_about(vllm_endpoint: str) -> None:
    async with grader(vllm_endpoint) as (_, verifier):
        with pytest.raises(UnscorableError, match=r"reads 1,024 tokens, and is shown [\d,]+"):
            await verifier.score(Solution(QUESTION, ("1+1=2",) * 400))


async def test_log_probs_that_are_asked_for_by_id_spoil_those_of_others_and_a_verifier_does_not(
    vllm_endpoint: str,
) -> None:
    """Why a token PRM asks for the likeliest tokens first."""
    async with grader(vllm_endpoint) as (connection, verifier):
        engine = VllmEngine(connection)
        ids = await connection.render([{"role": "user", "content": QUESTION}])
        request = Request(ids, 60, 1, Sampling(temperature=2.0), top_logprobs=3)
        by_id = replace(request, top_logprobs=None, logprob_token_ids=(verifier.verdicts.good, verifier.verdicts.bad))
        if (connection.report.version or "").startswith(SPOILS_LOG_PROBS):
            # Whether they share a batch is the server's affair: until they do. All of them end before the verifier is
            # asked: one that is still on its way would spoil its neighbours too.
            while not (failures := await failures_of(engine, [request] * 4 + [by_id] * 4)):
                pass
            assert all(isinstance(each, EngineUnavailableError) for each in failures)
            assert any("fewer than 3 log-probs" in str(each) for each in failures)
        judged = (verifier.score(Solution(QUESTION, LADDER_STEPS)) for _ in range(20))
        answers = await asyncio.gather(engine.complete(request), *judged)

    assert answers[0].generated_tokens > 0


async def failures_of(engine: VllmEngine, requests: Sequence[Request]) -> list[BaseException]:
    """Of requests that are made at once."""
    ended = await asyncio.gather(*map(engine.complete, requests), return_exceptions=True)
    return [each for each in ended if isinstance(each, BaseException)]


@pytest.mark.parametrize("stop", ["</think>", "\n</think>"], ids=["one token", "two, the first of them text"])
@pytest.mark.parametrize("wait", ["Wait", ""])
async def test_no_thought_behind_a_wait_is_empty(engine: VllmEngine, stop: str, wait: str) -> None:
    """Without min_tokens, 300 of 300 thoughts behind an empty wait string were empty."""
    thinking = ThinkingFormat(start="<think>\n", stop=(stop,), answer_opener="</think>\n", final_answer="\\boxed{")
    chain = BudgetForcing(max_thinking_tokens=400, waits=2, wait=wait)

    async def thoughts(number: int) -> list[str]:
        recorder = Recorder(
            engine,
            grader=PlainGrader(),
            thinking=thinking,
            sampling=Sampling(temperature=0.8, max_answer_tokens=32),
            prompt=PromptFormat(),
            seed_key=f"{number}",
        )
        await chain.reason(Problem("p1", QUESTION, "11", GraderName.INTEGER), recorder)
        made = [step for step in recorder.tape.steps if step.requests]
        assert all(step.generated_tokens == len(step.ids) + len(step.dropped_ids) for step in made)
        return [step.text for step in recorder.tape.steps if step.kind is StepKind.THINK]

    made = await asyncio.gather(*map(thoughts, range(20)))
    waited = [text for texts in made for text in texts[1:]]
    assert len(waited) > 20  # most of them ended by themselves, twice
    assert all(waited)


async def test_the_same_server_can_be_asked_as_a_chat_and_then_tells_no_ids(vllm_endpoint: str) -> None:
    """A vote of three chains, as of an API: text, vLLM's own counts, and a seed for each chain."""
    entry = ModelEntry(endpoint=vllm_endpoint, served_as="ladder-tiny", engine="chat", context_length=512)
    engine = await ChatEngine.connect("tiny", entry, timeout_s=60.0, wait_s=10.0)
    recorder = Recorder(
        engine,
        grader=PlainGrader(),
        thinking=THINKING_FORMATS["plain"],
        sampling=Sampling(temperature=0.8),
        prompt=PromptFormat(),
        seed_key="0/p/0",
    )
    strategy = MajorityVote(samples=3, chain=ChainOfThought(max_thinking_tokens=200))
    outcome = await strategy.solve(Problem("p", QUESTION, "11", GraderName.INTEGER), recorder)
    request = Request((), 200, 5, SAMPLED, messages=({"role": "user", "content": QUESTION},))
    first, second = [(await engine.complete(request)).text for _ in range(2)]
    await engine.close()

    said = [step for step in recorder.tape.steps if step.kind is StepKind.THINK]
    assert len(said) == len(outcome.candidates) == 3
    assert all(step.ids == () and "26-6" in step.text and step.prompt_tokens for step in said)
    assert 0 < (recorder.tape.spent.generated_tokens or 0) <= 3 * 200
    assert first == second
