"""The engine `chat` against a server that speaks OpenAI's chat completions and no more."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from db import queries
from db.audit import audit
from results import Measurements, arm_results
from scaling.abilities import NOTHING
from scaling.compute.spending import Unknown
from scaling.protocols import RequestRefusedError
from scaling.types import Completion, FinishReason, Request, Sampling
from tests.conftest import wait_until
from tests.integration.fake_chat import FakeChat
from tests.integration.fake_vllm import running
from tests.integration.test_worker_runs import CHAIN, Service, all_succeeded, experiment, service
from worker.engines.caller import Caller
from worker.engines.chat import ChatEngine
from worker.engines.connection import ModelNotServedError
from worker.engines.entry import ServerEntry
from worker.engines.patience import Patience
from worker.registry import Registry
from worker.servers import serve

ASKED = Request(
    prompt=(),
    max_tokens=20,
    seed=7,
    sampling=Sampling(temperature=0.8, top_p=0.9),
    messages=({"role": "user", "content": "Say 12"},),
)


@asynccontextmanager
async def engine_of(server: FakeChat, **options: Any) -> AsyncIterator[ChatEngine]:
    entry = ServerEntry(endpoint=server.endpoint, engine="chat", context_length=500, served_as="fake", **options)
    engine = await ChatEngine.connect("mine", entry, timeout_s=5.0, wait_s=0.0, patience=Patience(0.3))
    try:
        yield engine
    finally:
        await engine.close()


async def said(**options: Any) -> Completion:
    with running(FakeChat(**options)) as server:
        async with engine_of(server) as engine:
            return await engine.complete(ASKED)


async def test_it_sends_the_conversation_and_only_what_every_such_server_knows() -> None:
    with running(FakeChat()) as server:
        async with engine_of(server, api_key="secret") as engine:
            await engine.complete(ASKED)
            assert (engine.context_length, engine.abilities) == (500, NOTHING)
    assert server.bodies == [
        {
            "model": "fake",
            "messages": [{"role": "user", "content": "Say 12"}],
            "max_tokens": 20,
            "seed": 7,
            "temperature": 0.8,
            "top_p": 0.9,
        }
    ]
    assert server.num_tokenized == 0


async def test_what_the_server_counts_is_told_and_what_it_does_not_is_not_known() -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 4}
    counted = await said(usage=usage)
    assert (counted.prompt_tokens, counted.cached_tokens, counted.generated_tokens) == (9, None, 4)
    details = await said(usage={**usage, "prompt_tokens_details": {"cached_tokens": 8}})
    assert details.cached_tokens == 8
    silent = await said()
    assert (silent.prompt_tokens, silent.cached_tokens, silent.generated_tokens) == (None, None, None)
    assert (silent.text, silent.token_ids, silent.finish_reason) == (r"so \boxed{12}", (), FinishReason.STOP)


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content"])
async def test_a_thought_that_the_server_tells_apart_stands_in_front_of_the_answer(field: str) -> None:
    assert (await said(messages=[{"content": "12", field: "10 + 2"}])).text == "<think>\n10 + 2\n</think>\n\n12"
    cut = await said(messages=[{"content": None, field: "10 +"}], finish_reason="length")
    assert (cut.text, cut.finish_reason) == ("<think>\n10 +", FinishReason.LENGTH)


async def test_an_answer_that_is_withheld_is_refused_and_no_answer_is_tried_again() -> None:
    with pytest.raises(RequestRefusedError, match="withholds what the model said"):
        await said(finish_reason="content_filter")
    with running(FakeChat(failures=[503])) as server:
        async with engine_of(server) as engine:
            await engine.complete(ASKED)
    assert server.num_asked == 2


async def test_a_model_that_is_not_listed_is_told_what_is() -> None:
    expected = pytest.raises(ModelNotServedError, match=r"does not serve 'fake'.*did you mean 'fake-2'")
    with running(FakeChat(cards=[{"id": "fake-2"}])) as server, expected:
        async with engine_of(server):
            pass


async def test_a_request_whose_cost_is_not_told_is_bounded_by_the_context() -> None:
    caller = Caller()
    with running(FakeChat()) as server:
        async with engine_of(server) as engine:
            await engine.for_job(caller).complete(ASKED)
    assert caller.account.counts.generated_tokens is None
    assert caller.account.unknown == Unknown(requests=1, prompt_tokens=500, generated_tokens=20)


async def test_what_is_announced_says_which_engine_it_is_and_what_that_can_do() -> None:
    with running(FakeChat()) as server:
        registry = Registry.model_validate({"models": {"fake": chat_entry(server)}})
        serving = await serve(registry, ["fake"], timeout_s=5.0)
        await serving.close()
    (announced,) = serving.announced
    assert (announced.engine, announced.abilities, announced.context_length) == ("chat", NOTHING, 500)
    assert announced.facts is not None and announced.facts["engine"] == "chat"


def chat_entry(server: FakeChat) -> dict[str, object]:
    return {"endpoint": server.endpoint, "engine": "chat", "context_length": 500}


@pytest.fixture
def server() -> Iterator[FakeChat]:
    with running(FakeChat()) as fake:
        yield fake


@pytest.fixture
def parts(engine: Engine, database: str, redis_url: str, server: FakeChat, tmp_path: Path) -> Iterator[Service]:
    with service(engine, database, redis_url, server, tmp_path) as started:
        registry = Path(started.environment["OVERTHINK_MODELS"])
        registry.write_text(registry.read_text() + "    engine: chat\n    context_length: 500\n")
        yield started


def test_an_experiment_on_a_server_that_counts_nothing_is_answered_and_says_that_costs_are_not_known(
    parts: Service, server: FakeChat
) -> None:
    vote = {"strategy": "majority_vote", "samples": 3, "chain": CHAIN}
    experiment_id = experiment(parts.database, 2, strategies=[CHAIN, vote], sampling={"cache": "shared"})
    parts.start("worker")
    parts.start("reconcile")
    wait_until(lambda: all_succeeded(parts, 4))
    assert server.num_answered == 2 + 2 * 3
    assert audit(parts.database) == {}

    alone, voting = arm_results(Measurements(parts.database, queries.experiment(parts.database, experiment_id)))
    assert (alone.accuracy.estimate.value, voting.accuracy.estimate.value) == (1.0, 1.0)
    assert (voting.spent_generated_tokens, voting.thinking_tokens_mean, voting.uncounted) == (None, None, 2)
    assert voting.unknown == Unknown(requests=6, prompt_tokens=3000, generated_tokens=600)  # 3 chains of 100 at most
    assert queries.models(parts.database)[0].engine == "chat"
