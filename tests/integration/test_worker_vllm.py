"""The adapter against the real vLLM: token ids both ways, what ends a generation, and what is counted."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from scaling.protocols import RequestRefusedError
from scaling.types import FinishReason, Ids, Request, Sampling
from worker.engines.vllm import ModelNotServedError, VllmEngine
from worker.registry import ModelEntry

QUESTION = "Evaluate left to right: 26-6-10+1"
GREEDY = Sampling(temperature=0.0)
SAMPLED = Sampling(temperature=2.0)


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


async def test_what_does_not_fit_is_refused_with_the_servers_words(engine: VllmEngine, prompt: Ids) -> None:
    too_long = prompt * (engine.context_length // len(prompt) + 1)
    with pytest.raises(RequestRefusedError, match=f"HTTP 400: .*{engine.context_length}"):
        await engine.complete(Request(too_long, 1, seed=1, sampling=GREEDY))
    with pytest.raises(RequestRefusedError, match=r"HTTP 400: .*vocabulary"):
        await engine.complete(Request((10**6,), 1, seed=1, sampling=GREEDY))
