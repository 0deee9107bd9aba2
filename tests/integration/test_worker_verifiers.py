"""A worker with verifiers: what it connects to, what it refuses to start with, and a judged job's whole way."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from db import transitions
from db.records import NewArm, NewExperiment
from scaling.spec import yaml12
from scaling.types import GraderName, Problem, Request, Sampling, Solution
from tests.conftest import wait_until
from tests.integration.fake_verifier import FakeVerifier, fake_verifier
from tests.integration.fake_vllm import FakeVllm, fake_vllm
from tests.integration.test_worker_runs import Service, all_succeeded, experiment
from tests.integration.test_worker_runs import service as service_of
from worker.engines.caller import Caller
from worker.registry import Registry
from worker.servers import serve
from worker.verifiers.prompts import FormatMismatchError


@pytest.fixture
def judge() -> Iterator[FakeVerifier]:
    with fake_verifier() as fake:
        yield fake


@pytest.fixture
def generator() -> Iterator[FakeVllm]:
    with fake_vllm(answer="0.9\n\n0.25 so \\boxed{12}\n\n0.75") as fake:
        yield fake


def registry_of(generator: FakeVllm, **verifiers: object) -> Registry:
    models = {"fake": {"endpoint": generator.endpoint, "parameters": 7, "max_requests": 1}}
    return Registry.model_validate({"models": models, "verifiers": verifiers})


async def test_a_verifier_of_a_model_shares_its_connection_and_its_limit_on_requests(judge: FakeVerifier) -> None:
    registry = registry_of(judge, shared={"model": "fake", "format": "ladder"})
    serving = await serve(registry, ["fake"], timeout_s=5.0)
    assert len(set(serving.servers.values())) == 1
    judge.delay_s = 0.05
    verifier = serving.verifier("shared", Caller((1,)))
    assert verifier is not None and verifier.scores_steps
    asking = Request((65,), 1, 0, Sampling())
    scores, *_ = await asyncio.gather(
        verifier.score(Solution("What?", ("0.9",))), *(serving.engines["fake"].complete(asking) for _ in range(3))
    )
    await serving.close()

    assert scores.values == pytest.approx((0.9,))
    assert judge.most_at_once == 1
    assert [(each.name, each.kind, each.parameters) for each in serving.judges] == [("shared", "token_prm", 7)]


async def test_a_verifier_at_another_endpoint_is_connected_on_its_own(generator: FakeVllm, judge: FakeVerifier) -> None:
    own = {"endpoint": judge.endpoint, "served_as": "fake", "format": "skywork-reward-v2", "parameters": 9}
    serving = await serve(registry_of(generator, own=own), ["fake"], timeout_s=5.0)
    await serving.close()

    assert len(set(serving.servers.values())) == 2
    assert [(each.name, each.kind, each.scores_steps, each.parameters) for each in serving.judges] == [
        ("own", "outcome_rm", False, 9)
    ]


async def test_a_job_that_asks_no_verifier_gets_none(generator: FakeVllm) -> None:
    serving = await serve(registry_of(generator), ["fake"], timeout_s=5.0)
    await serving.close()

    assert serving.verifier(None, Caller()) is None


async def test_a_worker_refuses_to_start_with_a_verifier_that_its_server_cannot_read(generator: FakeVllm) -> None:
    """Of the generator's tokenizer, ' +' is two tokens."""
    registry = registry_of(generator, judge={"model": "fake", "format": "ladder"})
    with pytest.raises(FormatMismatchError, match=r"verifier 'judge': its verdicts must be one token each"):
        await serve(registry, ["fake"], timeout_s=5.0)


@pytest.fixture
def parts(
    engine: Engine, database: str, redis_url: str, generator: FakeVllm, judge: FakeVerifier, tmp_path: Path
) -> Iterator[Service]:
    with service_of(engine, database, redis_url, generator, tmp_path) as running:
        entry = {"endpoint": judge.endpoint, "served_as": "fake", "format": "ladder"}
        written = yaml12.load((tmp_path / "models.yaml").read_text()) | {"verifiers": {"judge": entry}}
        (tmp_path / "models.yaml").write_text(yaml12.dump(written))
        yield running


def judged_experiment(database: Engine, max_answer_tokens: int = 60) -> int:
    """3 problems under best of 2, asking `judge`."""
    spec = {"seed": 0, "sampling": {"max_answer_tokens": max_answer_tokens}, "prompt": {}}
    created = transitions.create_experiment(database, NewExperiment("test", "me", spec, digest=f"d{time.time_ns()}"))
    transitions.begin_expansion(database, created.id)
    strategy = {"strategy": "best_of_n", "samples": 2, "verifier": "judge"}
    arm = NewArm("best of 2", "fake", "best_of_n", {}, strategy, "judge")
    problems = [Problem(f"p{number}", f"Say 12 {number}", "12", GraderName.INTEGER) for number in range(3)]
    return created.id if transitions.store_expansion(database, created.id, [arm], problems, 1, "d", {}) else 0


def test_a_judged_job_goes_its_whole_way_and_what_the_verifier_said_and_cost_is_stored(
    parts: Service, judge: FakeVerifier
) -> None:
    judged_experiment(parts.database)
    parts.start("worker")
    parts.start("reconcile")
    wait_until(lambda: all_succeeded(parts, 3))

    assert len(judge.bodies) == 3  # 3 problems × 2 chains, which are equal, and so judged once
    shown = judge.text(judge.bodies[0]["prompt"]).partition("<assistant>")[2]
    assert shown == "0.9 +\n0.25 so \\boxed{12} +\n0.75"
    with parts.database.connect() as connection:
        rows = connection.execute(text("SELECT score, step_scores FROM candidates")).all()
        costs = connection.execute(
            text("SELECT verifier_calls, verifier_cached_tokens, verifier_tokens, verifier_seconds > 0 FROM traces")
        ).all()
        longest = "longest_path - generated_tokens / 2"
        work = connection.execute(
            text(f"SELECT chains, verifier_generated_tokens, {longest}, spared_tokens FROM traces")
        )
        work_of_jobs = [tuple(row) for row in work]
        announced = connection.execute(text("SELECT name, kind, scores_steps FROM verifiers")).one()
        serving = connection.execute(text("SELECT verifiers FROM workers")).scalar_one()
    assert rows == [(pytest.approx(0.75), pytest.approx([0.9, 0.5, 0.75]))] * 6
    # The call: its prompt, one token a character but for the two tags ' +', and the one token generated.
    prompt = len("<system>Grade each step.\n<user>Say 12 0\n<assistant>") + len("0.9\n0.25 so \\boxed{12}\n0.75") + 2
    assert costs == [(1, 0, prompt + 1, True)] * 3
    # Two equal chains at once, and the token of a verdict behind the one that is waited for.
    assert work_of_jobs == [(2, 1, 1, 0)] * 3
    assert tuple(announced) == ("judge", "token_prm", True)
    assert serving == ["judge"]


def test_a_job_whose_chains_are_too_long_for_its_verifier_counts_and_its_candidates_say_why(
    parts: Service, generator: FakeVllm
) -> None:
    """Chains of 475 tokens fit into the generator's 512; with system and question they do not fit into the judge's."""
    generator.answer = "0.9\n\n" + "x" * 455 + " so \\boxed{12}"
    judged_experiment(parts.database, max_answer_tokens=10)
    parts.start("worker")
    parts.start("reconcile")
    wait_until(lambda: all_succeeded(parts, 3))

    with parts.database.connect() as connection:
        rows = connection.execute(text("SELECT score, step_scores, note FROM candidates")).all()
    assert {(row.score, tuple(row.step_scores)) for row in rows} == {(None, ())}
    assert all(row.note.startswith("not scored: the verifier fake reads 512 tokens, and is shown 5") for row in rows)
    assert parts.value("SELECT count(*) FROM traces WHERE verdict = 'correct'") == 3  # by the vote


def test_a_judged_job_waits_for_a_worker_that_serves_its_verifier(parts: Service, tmp_path: Path) -> None:
    with_verifiers = (tmp_path / "models.yaml").read_text()
    without = {key: value for key, value in yaml12.load(with_verifiers).items() if key != "verifiers"}
    (tmp_path / "models.yaml").write_text(yaml12.dump(without))
    judged_experiment(parts.database)
    experiment(parts.database, 2)
    parts.start("worker")
    parts.start("reconcile")
    wait_until(lambda: parts.statuses() == {"queued": 3, "succeeded": 2})

    (tmp_path / "models.yaml").write_text(with_verifiers)
    parts.start("worker")
    wait_until(lambda: all_succeeded(parts, 5))
