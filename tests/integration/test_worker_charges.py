"""Every answer is charged, of whatever use it was; what nobody can know is bounded. The server's counts judge it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import psutil
import pytest

from scaling.compute.spending import Unknown
from scaling.protocols import EngineUnavailableError
from scaling.types import Solution
from tests.integration.fake_verifier import FakeVerifier, fake_verifier
from tests.integration.fake_vllm import FakeVllm, Spoiler, fake_vllm, until
from tests.integration.test_worker_engine import IMPATIENT, asking, connected
from worker.engines.caller import Caller
from worker.engines.entry import ServerEntry
from worker.engines.patience import Patience
from worker.engines.vllm_connection import VllmConnection
from worker.spending.account import Account
from worker.verifiers.adapters import checked
from worker.verifiers.formats import PRESETS

GENERATED = 14  # r"so \boxed{12}" and the end of the sequence, a token each
PROMPT = 7  # "Say 12."
BOUND = Unknown(requests=1, prompt_tokens=PROMPT, generated_tokens=100)


def changed(status: int, **changes: Any) -> Spoiler:
    return lambda answer: (status, {**answer, **changes})


def choice_changed(**changes: Any) -> Spoiler:
    return lambda answer: (200, {**answer, "choices": [{**answer["choices"][0], **changes}]})


def without(name: str, status: int = 200) -> Spoiler:
    return lambda answer: (status, {key: value for key, value in answer.items() if key != name})


TOLD: dict[str, Spoiler | None] = {
    "aborted": choice_changed(finish_reason="abort"),
    "an error in the middle": choice_changed(finish_reason="error"),
    "no reason why it ended": choice_changed(finish_reason=None),
    "a reason that nobody knows": choice_changed(finish_reason="moonlight"),
    "no choices": changed(200, choices=[]),
    "an error in a 200": changed(200, error={"message": "the engine died"}, choices=None),
    "no token ids": choice_changed(token_ids=None),
    "a 500 after the work, which says what it cost": changed(500, error={"message": "late"}),
    "a 503 that says what it cost": changed(503, error={"message": "late"}),
    "a 400 that says what it cost": changed(400, error={"message": "late"}),
}

UNTOLD: dict[str, Spoiler | None] = {
    "a 500 after the work": without("usage", 500),
    "a gateway that did not wait": without("usage", 504),
    "a time-out of the server's": without("usage", 408),
    "no usage": without("usage"),
    "half a usage": changed(200, usage={"prompt_tokens": PROMPT}),
    "an answer that is no object": lambda _: (200, ["?"]),
    "the connection lost after the work": None,
}


@asynccontextmanager
async def asked(server: FakeVllm) -> AsyncIterator[Account]:
    """One completion, whatever comes of it."""
    account = Account()
    async with connected(server) as engine:
        with suppress(Exception):
            await engine.for_job(Caller(account=account)).complete(asking())
        yield account


def connections_to(server: FakeVllm) -> list[object]:
    """At either end: both are in this process."""
    open_now = psutil.Process().net_connections("tcp")
    return [each for each in open_now if each.raddr and server.port in (each.laddr.port, each.raddr.port)]


def counted(account: Account) -> tuple[int, int]:
    return account.counts.prompt_tokens, account.counts.generated_tokens


@pytest.mark.parametrize("kind", TOLD)
async def test_an_answer_of_no_use_is_charged_if_it_says_what_it_cost(kind: str) -> None:
    with fake_vllm(spoilers=[TOLD[kind]]) as server:
        async with asked(server) as account:
            assert server.num_answered in (1, 2)  # tried again, or not
            assert counted(account) == (server.prompt_tokens, server.generated_tokens)
            assert account.unknown == Unknown()


@pytest.mark.parametrize("kind", UNTOLD)
async def test_an_answer_that_does_not_say_what_it_cost_is_bounded(kind: str) -> None:
    with fake_vllm(spoilers=[UNTOLD[kind]]) as server:
        async with asked(server) as account:
            assert account.unknown == BOUND
            of_no_use = (PROMPT, GENERATED)
            known = (server.prompt_tokens - of_no_use[0], server.generated_tokens - of_no_use[1])
            assert counted(account) == known


@pytest.mark.parametrize("status", [400, 401, 404, 413, 422, 425, 429])
async def test_a_request_that_the_model_never_saw_costs_nothing(status: int) -> None:
    with fake_vllm(failures=[status]) as server:
        async with asked(server) as account:
            assert counted(account) == (server.prompt_tokens, server.generated_tokens)
            assert account.unknown == Unknown()


async def test_a_server_that_cannot_be_reached_costs_nothing() -> None:
    with fake_vllm() as server:
        account = Account()
        async with connected(server, patience=IMPATIENT) as engine:
            server.stop()
            await until(lambda: not connections_to(server))  # none that is just closing is tried
            with suppress(EngineUnavailableError):
                await engine.for_job(Caller(account=account)).complete(asking())
            server.start()
        assert (counted(account), account.unknown) == ((0, 0), Unknown())


async def test_every_try_that_took_too_long_is_bounded_and_the_last_is_paid() -> None:
    with fake_vllm(delay_s=0.5) as server:
        account = Account()
        async with connected(server, timeout_s=0.2) as engine:
            completing = asyncio.create_task(engine.for_job(Caller(account=account)).complete(asking()))
            await until(lambda: server.num_asked >= 1)
            server.delay_s = 0.0
            completion = await completing
        tries = server.num_asked - 1
        assert tries >= 1
        assert counted(account) == (completion.prompt_tokens, completion.generated_tokens)
        assert account.unknown == Unknown(tries, PROMPT * tries, 100 * tries)
        assert account.counts.generated_tokens <= server.generated_tokens
        assert server.generated_tokens <= account.counts.generated_tokens + account.unknown.generated_tokens


async def test_a_completion_has_the_servers_seconds_and_those_of_waiting_and_trying_apart() -> None:
    """One request at a time: another is answered first, for 0.2 s; then two tries fail, then one works as long."""
    with fake_vllm(delay_s=0.2) as server:
        account = Account()
        async with connected(server, max_requests=1) as engine:
            first = asyncio.create_task(engine.for_job(Caller((1,))).complete(asking()))
            second = asyncio.create_task(engine.for_job(Caller((2,), account)).complete(asking()))
            await until(lambda: server.prompt_tokens > 0)
            server.failures = [503, 503]  # the first is beyond them
            await first
            completion = await second

    assert completion.gate_seconds >= 0.1  # what was left of the first, at least
    assert completion.retry_seconds >= 0.01  # the shortest pauses after two failures are 5 and 10 ms
    assert completion.seconds >= 0.2
    assert completion.queue_seconds is None  # this server does not tell
    spent = account.counts
    assert (spent.seconds, spent.gate_seconds, spent.retry_seconds) == (
        completion.seconds,
        completion.gate_seconds,
        completion.retry_seconds,
    )


async def test_the_servers_own_queue_is_told_apart_where_it_tells() -> None:
    with fake_vllm(spoilers=[changed(200, metrics={"queue_time_ms": 1500.0})]) as server:
        async with connected(server) as engine:
            completion = await engine.complete(asking())
    assert completion.queue_seconds == 1.5


@asynccontextmanager
async def judged(server: FakeVerifier, preset: str) -> AsyncIterator[Account]:
    """One solution, whatever comes of its scoring. The probe of the check is not the job's."""
    account, entry = Account(), ServerEntry(endpoint=server.endpoint, served_as="fake")
    patience = Patience(give_up_after_s=1.0, first_pause_s=0.01, longest_pause_s=0.1)
    form = PRESETS[preset].model_copy(update={"good_id": None, "bad_id": None} if preset == "math-shepherd" else {})
    connection = await VllmConnection.open("judge", entry, timeout_s=5.0, wait_s=2.0, patience=patience)
    try:
        verifier = await checked(connection, form, "judge")
        server.prompt_tokens = server.generated_tokens = 0
        with suppress(Exception):
            await verifier.for_job(Caller(account=account)).score(Solution("What?", ("0.9", "0.25")))
        yield account
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("preset", "answer"),
    [
        ("qwen2.5-math-prm", [[0.1, 0.9]]),  # one row for two steps
        ("qwen2.5-math-prm", []),
        ("qwen2.5-math-prm", [[float("nan"), 0.5], ["?", None]]),
        ("skywork-reward-v2", []),
        ("skywork-reward-v2", [[1.0, 2.0]]),
        ("skywork-reward-v2", [None]),
    ],
)
async def test_a_verifier_is_paid_whatever_shape_its_scores_have(preset: str, answer: list[Any]) -> None:
    with fake_verifier() as server:
        spoiler = changed(200, data=[{"data": answer}])
        server.spoilers = []
        async with _spoiled_after_its_check(server, preset, spoiler) as account:
            assert account.counts.verifier_tokens == server.prompt_tokens > 0
            assert account.counts.verifier_calls >= 1
            assert (counted(account), account.unknown) == ((0, 0), Unknown())


@pytest.mark.parametrize("preset", ["ladder", "math-shepherd"])
async def test_a_token_verifier_is_paid_whatever_it_does_not_tell(preset: str) -> None:
    with fake_verifier() as server:
        async with _spoiled_after_its_check(server, preset, choice_changed(logprobs=None)) as account:
            assert account.counts.verifier_tokens == server.prompt_tokens + server.generated_tokens > 0
            assert account.unknown == Unknown()


async def test_a_verifier_whose_connection_is_lost_is_bounded_by_its_context() -> None:
    """Nobody knows how many tokens a conversation has before the server has made them."""
    with fake_verifier() as server:
        async with _spoiled_after_its_check(server, "qwen2.5-math-prm", None) as account:
            assert account.unknown == Unknown(verifier_requests=1, verifier_tokens=512)
            spent = account.counts.verifier_tokens
            assert spent <= server.prompt_tokens <= spent + account.unknown.verifier_tokens


@asynccontextmanager
async def _spoiled_after_its_check(
    server: FakeVerifier, preset: str, spoiler: Spoiler | None
) -> AsyncIterator[Account]:
    """A check may ask once, and gets what it asks for."""
    if not preset.startswith(("ladder", "math-shepherd")):
        server.spoilers = [changed(200)]
    server.spoilers.append(spoiler)
    async with judged(server, preset) as account:
        yield account
