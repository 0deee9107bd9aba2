"""What results were made by: every fact that a server or a checkout tells is kept, and a swapped server is seen."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Engine

from db import queries, transitions
from db.queries import swaps, told
from db.settings import Settings
from scaling.generation import derive_seed
from scaling.types import Request, Sampling
from tests.cli import Overthink, overthink
from tests.conftest import wait_until
from tests.integration.fake_verifier import fake_verifier
from tests.integration.fake_vllm import FakeVllm, fake_vllm
from tests.integration.scenes import claimed, running_experiment, succeed
from tests.integration.test_worker_runs import experiment, service
from worker.engines.entry import ServerEntry
from worker.engines.patience import Patience
from worker.engines.vllm import VllmEngine
from worker.engines.vllm_connection import VllmConnection
from worker.provenance import build, is_no_swap, of_experiment
from worker.registry import Registry
from worker.servers import serve

__all__ = ["overthink"]
QUICK = Patience(give_up_after_s=5.0, first_pause_s=0.01, longest_pause_s=0.1)
TEMPLATE = "{% for message in messages %}{{ message.content }}{% endfor %}"
ASKED = Request((49,), 5, 1, Sampling())


@pytest.fixture
def server() -> Iterator[FakeVllm]:
    with fake_vllm() as fake:
        yield fake


@asynccontextmanager
async def connected(server: FakeVllm, **options: object) -> AsyncIterator[VllmConnection]:
    entry = ServerEntry.model_validate({"endpoint": server.endpoint, **options})
    connection = await VllmConnection.open("fake", entry, timeout_s=5.0, wait_s=2.0, patience=QUICK)
    try:
        yield connection
    finally:
        await connection.close()


async def ask(connection: VllmConnection) -> None:
    await VllmEngine(connection).complete(ASKED)


async def test_what_a_server_does_not_tell_is_none_and_never_left_out(server: FakeVllm) -> None:
    async with connected(server) as connection:
        await connection.learn()
        facts = connection.facts

    probe = facts.pop("rendered_probe_sha256")
    assert isinstance(probe, str) and len(probe) == 64
    assert facts == {
        "vllm": "fake",
        "root": None,
        "parent": None,
        "owned_by": None,
        "chat_template_sha256": None,
        "tokenizer_sha256": None,
        "config": None,
        "system_fingerprint": None,
        "declared": {},
    }


async def test_every_door_that_a_server_opens_is_asked(server: FakeVllm) -> None:
    server.cards = [{"id": "fake", "max_model_len": 512, "root": "/weights/fake-7B", "parent": None}]
    server.fingerprint = "vllm-0.32.0-1a2b3c4d"
    model = {"dtype": "torch.bfloat16", "quantization": "fp8", "revision": "abc", "generation_config": "auto", "x": 1}
    server.doors = {
        "/tokenizer_info": {"chat_template": TEMPLATE, "tokenizer_class": "Qwen2Tokenizer", "name_or_path": "/tmp/x"},
        "/server_info": {"vllm_config": {"model_config": model}},
    }
    async with connected(server, facts={"weights": "sha256:99"}) as connection:
        await connection.learn()
        await ask(connection)
        facts = connection.facts

    assert facts["root"] == "/weights/fake-7B"
    assert facts["chat_template_sha256"] == sha256(json.dumps(TEMPLATE).encode()).hexdigest()
    assert facts["tokenizer_sha256"] == sha256(b'{"tokenizer_class": "Qwen2Tokenizer"}').hexdigest()
    assert isinstance(facts["config"], dict)
    assert (facts["config"]["dtype"], facts["config"]["quantization"]) == ("torch.bfloat16", "fp8")
    assert (facts["config"]["revision"], facts["config"]["seed"]) == ("abc", None)
    assert facts["system_fingerprint"] == "vllm-0.32.0-1a2b3c4d"
    assert facts["declared"] == {"weights": "sha256:99"}


async def test_a_server_that_comes_back_after_an_outage_is_asked_again(server: FakeVllm) -> None:
    async with connected(server) as connection:
        await connection.learn()
        server.stop()
        server.version = "another"
        server.start()
        await ask(connection)  # its first connection was broken
        server.failures = [0]
        await ask(connection)
        assert connection.facts["vllm"] == "another"


async def test_a_server_that_comes_back_and_does_not_tell_of_itself_fails_no_request(server: FakeVllm) -> None:
    """It was asked when it was going away again, and the job whose answer it had just given failed of that."""
    async with connected(server) as connection:
        await connection.learn()
        server.version, server.failures = "another", [0]
        server.cards = [{"name": "no card"}]
        await ask(connection)
        assert connection.facts["vllm"] == "fake"
        server.cards = [{"id": "fake", "max_model_len": 512}]
        await ask(connection)
        assert connection.facts["vllm"] == "another"


async def test_a_verifiers_whole_format_is_told_with_its_server() -> None:
    with fake_verifier() as server:
        entry = {"endpoint": server.endpoint, "served_as": "fake", "format": "qwen2.5-math-prm"}
        registry = Registry.model_validate(
            {"models": {"fake": {"endpoint": server.endpoint}}, "verifiers": {"judge": entry}}
        )
        serving = await serve(registry, ["fake"], timeout_s=5.0)
        try:
            (judge,) = serving.judges
        finally:
            await serving.close()

    assert judge.facts is not None and isinstance(judge.facts["format"], dict)
    assert judge.facts["format"]["tag"] == "<extra_0>"
    assert judge.facts["vllm"] == "fake"


def test_the_code_tells_its_version_and_commit() -> None:
    of_checkout, of_image = build(Settings()), build(Settings(commit="0123abc"))

    assert of_checkout["overthink"] == "0.1.0"
    assert of_checkout["commit"] is None or len(str(of_checkout["commit"])) == 40
    assert (of_image["commit"], of_image["is_modified"]) == ("0123abc", None)


def test_an_experiment_keeps_graders_and_the_derivation_of_seeds() -> None:
    kept = of_experiment(Settings())

    assert kept["seed_derivation"] == 2
    assert isinstance(kept["graders"], dict) and set(kept["graders"]) >= {"integer", "exact", "math"}


def test_seeds_are_derived_as_version_2_derives_them() -> None:
    """If this fails, old specs draw other seeds: raise SEED_DERIVATION, and write the new ones here.

    Version 1 had the same numbers, and a request of its own for every answer.
    """
    assert derive_seed("0/p1/0", (0, 0), 0) == 4757179550113858492
    assert derive_seed("7/p1/2", (0, 3, 0), 5) == 145732583498737689


@pytest.mark.parametrize(
    ("before", "after", "is_same"),
    [
        ({"a": None}, {"a": "learnt"}, True),
        ({"a": {"b": None}, "c": 1}, {"a": {"b": 2}, "c": 1}, True),
        ({"a": "x"}, {"a": "y"}, False),
        ({"a": "x"}, {"a": None}, False),
        ({"a": "x"}, {"a": "x", "b": 1}, False),
    ],
)
def test_what_is_told_for_the_first_time_is_no_swap(
    before: dict[str, object], after: dict[str, object], is_same: bool
) -> None:
    assert is_no_swap(before, after) is is_same  # type: ignore[arg-type]


def test_a_fact_that_nobody_told_is_said_in_words() -> None:
    assert told({"a": None, "b": [None, {"c": None}], "d": 0}) == {
        "a": "not told",
        "b": ["not told", {"c": "not told"}],
        "d": 0,
    }


def test_the_same_facts_are_kept_once(engine: Engine) -> None:
    first = transitions.provenance_id(engine, "d1", {"a": 1})
    assert transitions.provenance_id(engine, "d1", {"a": 1}) == first
    assert transitions.provenance_id(engine, "d2", {"a": 2}) != first


def test_attempts_are_counted_by_what_made_them_and_differing_servers_are_named(engine: Engine) -> None:
    old, new = (
        transitions.provenance_id(engine, digest, {"model": {"name": "tiny", "vllm": digest, "root": None}})
        for digest in ("0.31", "0.32")
    )
    experiment_id = running_experiment(engine, num_problems=3)
    first, second, _ = (transitions.claim(engine, "tiny", "host:1:a", provenance=each) for each in (old, old, new))
    assert first is not None and second is not None and first.provenance == old
    transitions.made_by(engine, second.lease, [old, new])

    states = queries.made_by(engine, experiment_id)

    assert [(state.facts["model"], state.attempts) for state in states] == [
        ({"name": "tiny", "vllm": "0.31", "root": None}, 2),
        ({"name": "tiny", "vllm": "0.32", "root": None}, 2),
    ]
    assert swaps(states) == ("tiny was answered by 2 servers, or states of one, that differ in vllm.",)
    assert swaps(states[:1]) == ()


def test_attempts_from_before_provenance_was_kept_are_in_no_state(engine: Engine) -> None:
    experiment_id = running_experiment(engine, num_problems=1)
    succeed(engine, claimed(engine).lease)

    assert queries.made_by(engine, experiment_id) == ()


def test_a_server_that_is_swapped_in_mid_run_is_seen(
    engine: Engine, database: str, redis_url: str, server: FakeVllm, tmp_path: Path,
    overthink: Overthink, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    server.fingerprint = "vllm-0.32.0-aaaaaaaa"
    server.delay_s = 0.05
    first = experiment(engine, 40)
    with service(engine, database, redis_url, server, tmp_path) as parts:
        parts.start("worker")
        parts.start("reconciler")
        wait_until(lambda: server.num_answered >= 10)
        server.fingerprint = "vllm-0.32.0-bbbbbbbb"
        wait_until(lambda: parts.statuses() == {"succeeded": 40})

    monkeypatch.setenv("OVERTHINK_DATABASE_URL", database)
    monkeypatch.setenv("OVERTHINK_REDIS_URL", redis_url)
    document = json.loads(overthink("status", str(first), "--json").out)["provenance"]

    assert [each["model"]["system_fingerprint"] for each in document["attempts"]] == [
        "vllm-0.32.0-aaaaaaaa",
        "vllm-0.32.0-bbbbbbbb",
    ]
    assert document["swaps"] == ["fake was answered by 2 servers, or states of one, that differ in system_fingerprint."]
    assert document["attempts"][0]["model"]["chat_template_sha256"] == "not told"
    assert document["attempts"][0]["worker"]["overthink"] == "0.1.0"
    assert "differ in system_fingerprint" in overthink("status", str(first)).out
