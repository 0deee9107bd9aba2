"""The adapter against a server that misbehaves: what can pass is tried again, what cannot fails clearly."""

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from time import monotonic

import pytest

from scaling.protocols import EngineAwayError, EngineUnavailableError, RequestRefusedError
from scaling.types import FinishReason, Request, Sampling
from tests.integration.fake_vllm import EOS, FakeVllm, fake_vllm, until
from worker.engines.caller import Caller
from worker.engines.connection import ModelNotServedError
from worker.engines.patience import Patience
from worker.engines.vllm import VllmEngine
from worker.registry import ModelEntry

PATIENT = Patience(give_up_after_s=300.0, first_pause_s=0.01, longest_pause_s=0.1)
"""However slow the machine is."""
IMPATIENT = replace(PATIENT, give_up_after_s=1.0)


@pytest.fixture
def server() -> Iterator[FakeVllm]:
    with fake_vllm() as fake:
        yield fake


@asynccontextmanager
async def connected(
    server: FakeVllm, timeout_s: float = 5.0, patience: Patience = PATIENT, wait_s: float = 2.0, **options: object
) -> AsyncIterator[VllmEngine]:
    entry = ModelEntry.model_validate({"endpoint": server.endpoint, **options})
    engine = await VllmEngine.connect("fake", entry, timeout_s=timeout_s, wait_s=wait_s, patience=patience)
    try:
        yield engine
    finally:
        await engine.close()


def asking(prompt: str = "Say 12.", max_tokens: int = 100, seed: int = 1) -> Request:
    return Request(tuple(map(ord, prompt)), max_tokens, seed, Sampling(temperature=0.5, top_k=7))


async def test_a_completion_carries_the_servers_ids_text_and_counts(server: FakeVllm) -> None:
    async with connected(server) as engine:
        completion = await engine.complete(asking())

    assert completion.token_ids == (*map(ord, r"so \boxed{12}"), EOS)
    assert completion.finish_reason is FinishReason.STOP
    assert (completion.prompt_tokens, completion.generated_tokens) == (7, 14)
    assert completion.cached_tokens is None  # this server does not report them


async def test_every_sampling_parameter_is_sent_so_that_no_server_default_slips_in(server: FakeVllm) -> None:
    async with connected(server, cache_salt="salt") as engine:
        await engine.complete(asking(seed=2**63 - 1))

    (body,) = server.bodies
    assert body == {
        "model": "fake",
        "prompt": list(map(ord, "Say 12.")),
        "max_tokens": 100,
        "seed": 2**63 - 1,
        "temperature": 0.5,
        "top_p": 1.0,
        "top_k": 7,
        "min_p": 0.0,
        "repetition_penalty": 1.0,
        "return_token_ids": True,
        "include_stop_str_in_output": True,
        "skip_special_tokens": False,
        "spaces_between_special_tokens": False,
        "cache_salt": "salt",
    }


async def test_a_server_that_schedules_by_priority_is_told_it_and_no_other(server: FakeVllm) -> None:
    """vLLM serves the lowest first."""
    urgent = Caller(order=(-7, 1))
    async with connected(server, scheduling="priority") as engine, connected(server) as plain:
        await engine.for_job(urgent).complete(asking())
        await engine.complete(asking())
        await plain.for_job(urgent).complete(asking())

    assert [body.get("priority") for body in server.bodies] == [-7, None, None]


@pytest.mark.parametrize("failures", [[503], [429, 502, 504], [0, 0], [500, 500, 500, 500]])
async def test_what_can_pass_is_tried_again(server: FakeVllm, failures: list[int]) -> None:
    server.failures = list(failures)
    async with connected(server) as engine:
        completion = await engine.complete(asking())

    assert completion.generated_tokens == 14
    assert server.num_asked == len(failures) + 1


@pytest.mark.parametrize("status", [400, 404, 422])
async def test_what_cannot_pass_fails_at_once_with_the_servers_own_words(server: FakeVllm, status: int) -> None:
    server.failures = [status]
    async with connected(server) as engine:
        with pytest.raises(RequestRefusedError, match=f"HTTP {status}: told to say {status}"):
            await engine.complete(asking())

    assert server.num_asked == 1


async def test_a_wrong_key_names_the_registry(server: FakeVllm) -> None:
    server.failures = [401]
    async with connected(server) as engine:
        with pytest.raises(RequestRefusedError, match="Check api_key"):
            await engine.complete(asking())


async def test_patience_ends(server: FakeVllm) -> None:
    server.failures = [503] * 10_000
    async with connected(server, patience=IMPATIENT) as engine:
        with pytest.raises(EngineAwayError, match=r"told to say 503; gave up after \d+ tries"):
            await engine.complete(asking())


async def test_a_server_that_dies_once_over_a_request_and_is_away_then_is_away_and_one_that_dies_each_time_is_not(
    server: FakeVllm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """0 hangs up; what comes then asks for more time than there is."""
    server.retry_after = "3600"
    async with connected(server) as engine:
        monkeypatch.setattr("worker.engines.http.BEGUN_S", math.inf)
        server.failures = [0, 0, 0, 503]  # at once
        with pytest.raises(EngineAwayError):
            await engine.complete(asking())
        monkeypatch.setattr("worker.engines.http.BEGUN_S", 0.0)
        server.failures = [0, 503]
        with pytest.raises(EngineAwayError):
            await engine.complete(asking())
        for late in ([0, 0, 503], [504, 504, 503]):  # a request that takes too long for a proxy would be asked for ever
            server.failures = late
            with pytest.raises(EngineUnavailableError) as raised:
                await engine.complete(asking())
            assert not isinstance(raised.value, EngineAwayError)


async def test_a_request_that_kills_the_engine_each_time_is_not_repeated_for_ever(server: FakeVllm) -> None:
    server.failures = [500] * 100
    async with connected(server) as engine:
        with pytest.raises(EngineUnavailableError, match="after 5 tries"):
            await engine.complete(asking())


USAGE = {"prompt_tokens": 8, "completion_tokens": 1}
CHOICE = {"token_ids": [49], "text": "1", "finish_reason": "length"}
NO_ANSWERS = {
    "no choices": {"choices": [], "usage": USAGE},
    "choices missing": {"usage": USAGE},
    "no usage": {"choices": [CHOICE]},
    "usage null": {"choices": [CHOICE], "usage": None},
    "a count that is none": {"choices": [CHOICE], "usage": USAGE | {"completion_tokens": None}},
    "a negative count": {"choices": [CHOICE], "usage": USAGE | {"prompt_tokens": -1}},
    "aborted": {"choices": [CHOICE | {"finish_reason": "abort"}], "usage": USAGE},
    "failed": {"choices": [CHOICE | {"finish_reason": "error"}], "usage": USAGE},
    "unfinished": {"choices": [CHOICE | {"finish_reason": None}], "usage": USAGE},
    "an unknown reason": {"choices": [CHOICE | {"finish_reason": "bored"}], "usage": USAGE},
    "ids that are text": {"choices": [CHOICE | {"token_ids": ["a"]}], "usage": USAGE},
    "no text": {"choices": [{"token_ids": [49], "finish_reason": "length"}], "usage": USAGE},
    "an error in a 200": {"error": {"message": "out of memory", "code": 500}},
    "an old error in a 200": {"object": "error", "message": "out of memory"},
    "a list": [],
    "null": None,
    "not JSON": b"<html>busy</html>",
    "not UTF-8": b'{"choices": "\xff"}',
    "cut off": b'{"choices": [',
    "nested without end": b"[" * 100_000,
}


@pytest.mark.parametrize("answer", NO_ANSWERS.values(), ids=NO_ANSWERS)
async def test_what_is_no_answer_is_asked_for_again(server: FakeVllm, answer: object) -> None:
    server.malformed = [answer]
    async with connected(server) as engine:
        assert (await engine.complete(asking())).generated_tokens == 14

    assert server.num_asked == 2
    assert server.bodies[0] == server.bodies[1]


@pytest.mark.parametrize("answer", NO_ANSWERS.values(), ids=NO_ANSWERS)
async def test_a_server_that_never_answers_properly_is_unavailable_and_what_it_sent_is_said(
    server: FakeVllm, answer: object
) -> None:
    server.malformed = [answer] * 10
    async with connected(server) as engine:
        with pytest.raises(EngineUnavailableError, match=r"/v1/completions: .+; gave up after 5 tries"):
            await engine.complete(asking())


async def test_an_error_in_a_200_is_told_in_the_servers_words(server: FakeVllm) -> None:
    server.malformed = [{"error": {"message": "out of memory"}}] * 10
    async with connected(server) as engine:
        with pytest.raises(EngineUnavailableError, match="an error in a 200: out of memory"):
            await engine.complete(asking())


async def test_a_server_is_not_asked_before_the_time_it_names(server: FakeVllm) -> None:
    """Without it the second try comes after 10 ms; a second is as short as the header can say."""
    server.failures, server.retry_after = [429], "1"
    since = monotonic()
    async with connected(server) as engine:
        assert (await engine.complete(asking())).generated_tokens == 14

    assert monotonic() - since >= 1.0


async def test_a_server_that_asks_for_more_time_than_there_is_is_unavailable_at_once(server: FakeVllm) -> None:
    server.failures, server.retry_after = [503] * 10, "3600"
    async with connected(server) as engine:
        with pytest.raises(EngineUnavailableError, match="gave up after 1 tries"):
            await engine.complete(asking())

    assert server.num_asked == 1


async def test_a_lora_adapter_has_the_context_of_its_base_model(server: FakeVllm) -> None:
    server.cards = [{"id": "base", "max_model_len": 512}, {"id": "fake", "parent": "base"}]
    assert await _context_length(server) == 512


@pytest.mark.parametrize(
    "card",
    [{}, {"parent": "gone"}, {"parent": "fake"}, {"max_model_len": None, "parent": None}],
    ids=["nothing", "no such parent", "its own parent", "nulls"],
)
async def test_a_server_that_tells_no_context_length_is_refused(server: FakeVllm, card: dict[str, object]) -> None:
    server.cards = [{"id": "fake", **card}]
    with pytest.raises(ModelNotServedError, match="does not tell max_model_len"):
        await _context_length(server)


async def test_what_is_no_model_server_is_said(server: FakeVllm) -> None:
    server.cards = [{"name": "fake"}]
    with pytest.raises(ModelNotServedError, match=r"data\.0\.id: Field required.*Is it vLLM's"):
        await _context_length(server)


async def test_an_answer_that_takes_too_long_is_asked_for_again(server: FakeVllm) -> None:
    server.delay_s = 60.0
    async with connected(server, timeout_s=0.2) as engine:
        asked = asyncio.create_task(engine.complete(asking()))
        await until(lambda: server.num_asked >= 1)
        server.delay_s = 0.0
        assert (await asked).generated_tokens == 14
        await until(lambda: server.num_aborted >= 1)

    assert server.num_asked >= 2


async def test_a_server_that_restarts_is_found_again_and_said_so_once(
    server: FakeVllm, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(server) as engine:
        await engine.complete(asking())
        server.stop()
        asked = asyncio.gather(*(engine.complete(asking(seed=seed)) for seed in range(10)))
        await until(lambda: "trying again" in caplog.text)
        server.start()
        assert all(completion.generated_tokens == 14 for completion in await asked)

    assert caplog.text.count("trying again for up to 300 s") == caplog.text.count("answers again") == 1


async def test_cancelling_closes_the_request_and_frees_its_turn(server: FakeVllm) -> None:
    server.delay_s = 30.0
    async with connected(server, max_requests=1) as engine:
        asked = asyncio.create_task(engine.complete(asking()))
        await until(lambda: server.num_asked >= 1)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        server.delay_s = 0.0
        await engine.complete(asking())

    assert server.num_aborted == 1


async def test_no_more_requests_than_allowed_are_in_flight_and_the_oldest_job_goes_first(server: FakeVllm) -> None:
    server.delay_s = 0.02
    async with connected(server, max_requests=2) as engine:
        jobs = {order: engine.for_job(Caller((order,))) for order in (9, 8, 7, 1, 2, 3)}
        await asyncio.gather(*(job.complete(asking(seed=order)) for order, job in jobs.items()))

    assert server.most_at_once == 2
    assert [body["seed"] for body in server.bodies[2:]] == [1, 2, 3, 7]


async def test_a_text_is_tokenized_once(server: FakeVllm) -> None:
    async with connected(server) as engine:
        job, other_job = engine.for_job(Caller((1,))), engine.for_job(Caller((2,)))
        assert await job.tokenize("Wait") == await other_job.tokenize("Wait") == tuple(map(ord, "Wait"))
        messages = [{"role": "user", "content": "1+1"}]
        assert await job.render(messages) == await other_job.render(messages)
        assert await job.tokenize("") == ()

    assert server.num_tokenized == 2


async def test_ids_that_many_ask_about_at_once_are_decoded_once(server: FakeVllm) -> None:
    async with connected(server) as engine:
        jobs = [engine.for_job(Caller((number,))) for number in range(16)]
        assert await asyncio.gather(*(job.detokenize((111, 107)) for job in jobs)) == ["ok"] * 16
    assert server.num_decoded == 1


async def test_a_text_that_many_ask_for_at_once_is_tokenized_once_whoever_gives_up(server: FakeVllm) -> None:
    async with connected(server) as engine:
        first = asyncio.create_task(engine.tokenize("26-6=20"))
        others = [asyncio.create_task(engine.tokenize("26-6=20")) for _ in range(16)]
        await asyncio.sleep(0)  # the first asks, the others wait for it
        first.cancel()
        assert await asyncio.gather(*others) == [tuple(map(ord, "26-6=20"))] * 16
    assert server.num_tokenized <= 2  # the one that was given up may have arrived


async def test_a_model_that_the_server_does_not_serve_is_told_what_it_serves(server: FakeVllm) -> None:
    with pytest.raises(ModelNotServedError, match=r"does not serve 'fakes'.*did you mean 'fake'.*Set served_as"):
        async with connected(server, served_as="fakes"):
            pass


async def test_a_server_that_is_loading_is_waited_for_and_said_so(
    server: FakeVllm, caplog: pytest.LogCaptureFixture
) -> None:
    server.stop()
    with caplog.at_level(logging.WARNING):
        connecting = asyncio.create_task(_context_length(server, wait_s=300.0))
        await until(lambda: "waiting up to 300 s for the server" in caplog.text)
        server.start()
        assert await connecting == 512


async def test_a_server_that_never_comes_is_an_error_with_the_remedy(server: FakeVllm) -> None:
    server.stop()
    with pytest.raises(EngineUnavailableError, match=r"waited 2 s\. Start the model server"):
        await _context_length(server)
    server.start()


async def _context_length(server: FakeVllm, wait_s: float = 2.0) -> int:
    async with connected(server, wait_s=wait_s) as engine:
        return engine.context_length
