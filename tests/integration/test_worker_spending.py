"""Whatever is killed, cancelled, spoiled or too slow: counted ≤ what the server counted ≤ counted + unknown."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from db import transitions
from db.audit import audit
from db.models import JsonObject
from scaling.spec import Edit
from tests.conftest import wait_until
from tests.integration.fake_vllm import FakeVllm
from tests.integration.test_worker_charges import choice_changed, without
from tests.integration.test_worker_runs import (
    CHAIN,
    Service,
    all_succeeded,
    away,
    experiment,
    server,
    service,
)

__all__ = ["server"]

SPENT = text("""
SELECT coalesce(sum(prompt_tokens), 0) AS prompt, coalesce(sum(generated_tokens), 0) AS generated,
    coalesce(sum(unknown_requests), 0) AS requests, coalesce(sum(unknown_prompt_tokens), 0) AS unknown_prompt,
    coalesce(sum(unknown_generated_tokens), 0) AS unknown_generated
FROM attempts
""")

VOTE: JsonObject = {"strategy": "majority_vote", "samples": 4, "chain": {"strategy": "chain_of_thought"}}
QUESTION = "Say 12 and nothing else, whatever may come, for this is number"
GENERATED = 14  # what the fake server answers


@dataclass(frozen=True)
class Spent:
    """All attempts together."""

    prompt: int
    generated: int
    requests: int
    unknown_prompt: int
    unknown_generated: int


@pytest.fixture
def parts(engine: Engine, database: str, redis_url: str, server: FakeVllm, tmp_path: Path) -> Iterator[Service]:
    with service(engine, database, redis_url, server, tmp_path) as running:
        running.environment["OVERTHINK_HEARTBEAT_S"] = "1.0"
        running.environment["OVERTHINK_LEASE_TTL_S"] = "2.5"
        yield running


def spent(parts: Service) -> Spent:
    with parts.database.connect() as connection:
        return Spent(**connection.execute(SPENT).one()._mapping)


def require_true(parts: Service, server: FakeVllm) -> Spent:
    """What the database says of spending, which the server's own counts do not contradict."""
    told = spent(parts)
    assert told.prompt <= server.prompt_tokens <= told.prompt + told.unknown_prompt
    assert told.generated <= server.generated_tokens <= told.generated + told.unknown_generated
    return told


def test_an_undisturbed_run_is_counted_to_the_last_token(parts: Service, server: FakeVllm) -> None:
    parts.environment["OVERTHINK_LEASE_TTL_S"] = "1200"
    server.delay_s = 0.05
    experiment(parts.database, 12, strategies=[VOTE])
    parts.start("worker")
    parts.start("reconcile")
    wait_until(lambda: all_succeeded(parts, 12))

    assert spent(parts) == Spent(server.prompt_tokens, server.generated_tokens, 0, 0, 0)
    assert server.generated_tokens == 12 * 4 * GENERATED
    assert audit(parts.database) == {}


def test_what_a_killed_worker_had_been_answered_is_counted_or_bounded(parts: Service, server: FakeVllm) -> None:
    server.delay_s = 0.3
    experiment(parts.database, 16, strategies=[VOTE])
    victim = parts.start("worker")
    parts.start("reconcile")
    wait_until(lambda: server.num_answered >= 12)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    wait_until(lambda: server.num_asked == server.num_answered + server.num_aborted)

    at_death = require_true(parts, server)
    # Eight were in flight, and may each have been followed; or as much again was told of as was begun in a second.
    assert 0 < at_death.requests <= 8 + 8 * (1 / server.delay_s + 1)
    parts.start("worker")
    wait_until(lambda: all_succeeded(parts, 16))
    after = require_true(parts, server)
    assert after.requests <= at_death.requests  # what was done again has cost what it has cost
    # Twelve requests are asked or wait: of three jobs, or of four when one was left with fewer than its four chains.
    assert parts.value("SELECT count(*) FROM attempts WHERE outcome = 'lost' AND NOT is_settled") in (3, 4)
    assert parts.value("SELECT sum(unknown_requests) FROM attempts WHERE is_settled") == 0
    assert audit(parts.database) == {}


def test_spending_is_told_within_a_second_of_an_answer_not_with_the_heartbeat(parts: Service, server: FakeVllm) -> None:
    """One job of many answers; the first heartbeat comes later than any test waits."""
    parts.environment["OVERTHINK_HEARTBEAT_S"] = "600"
    parts.environment["OVERTHINK_LEASE_TTL_S"] = "1200"
    server.delay_s = 0.1
    parts.start("worker")
    experiment(parts.database, 1, strategies=[{**VOTE, "samples": 400}])
    parts.start("reconcile")
    wait_until(lambda: server.num_answered >= 8)
    wait_until(lambda: spent(parts).generated > 0)
    assert parts.value("SELECT outcome FROM attempts") == "running"


def test_what_a_cancelled_job_had_in_flight_is_bounded_and_no_more(parts: Service, server: FakeVllm) -> None:
    parts.environment["OVERTHINK_LEASE_TTL_S"] = "1200"
    server.delay_s = 60.0
    experiment_id = experiment(parts.database, 10, strategies=[VOTE])
    parts.start("worker")
    parts.start("reconcile")
    wait_until(lambda: server.num_asked == 8)  # as many as are let through at once
    transitions.cancel_experiment(parts.database, experiment_id)
    wait_until(lambda: server.num_aborted == 8)
    wait_until(lambda: parts.value("SELECT count(*) FROM attempts WHERE NOT is_settled") == 0)

    told = require_true(parts, server)
    assert (told.requests, told.unknown_prompt, told.generated) == (8, server.prompt_tokens, 0)


def test_an_experiment_stops_at_its_cap_when_spending_is_told_not_with_the_heartbeat(
    parts: Service, server: FakeVllm
) -> None:
    parts.environment["OVERTHINK_HEARTBEAT_S"] = "600"
    parts.environment["OVERTHINK_LEASE_TTL_S"] = "1200"
    server.delay_s = 0.2
    experiment_id = experiment(parts.database, 300, strategies=[VOTE])
    transitions.edit_experiment(parts.database, experiment_id, Edit(token_cap=20 * GENERATED))
    parts.start("worker")
    parts.start("reconcile")
    wait_until(lambda: parts.value("SELECT status FROM experiments") == "capped")
    wait_until(
        lambda: parts.value("SELECT count(*) FROM attempts WHERE NOT is_settled AND outcome <> 'succeeded'") == 0
    )

    told = require_true(parts, server)
    # Told each second, and then asked: 80 answers later, eight at a time. A busy machine may take seven times as long.
    assert 20 * GENERATED <= told.generated < 300 * 4 // 2 * GENERATED
    assert audit(parts.database) == {}


def test_what_a_stopped_worker_had_in_flight_is_bounded_and_no_more(parts: Service, server: FakeVllm) -> None:
    parts.environment["OVERTHINK_LEASE_TTL_S"] = "1200"
    server.delay_s = 60.0
    experiment(parts.database, 6)
    worker = parts.start("worker")
    parts.start("reconcile")
    wait_until(lambda: server.num_asked == 4)
    worker.terminate()
    assert worker.wait() == 0

    told = require_true(parts, server)
    assert told.requests == 4
    assert parts.value("SELECT count(*) FROM attempts WHERE outcome = 'released' AND is_settled") == 4


def test_tries_that_were_spoiled_or_too_slow_are_counted_or_bounded(parts: Service, server: FakeVllm) -> None:
    parts.environment["OVERTHINK_LEASE_TTL_S"] = "1200"
    parts.environment["OVERTHINK_REQUEST_TIMEOUT_S"] = "0.4"
    server.delay_s = 0.1
    server.spoilers = [choice_changed(finish_reason="abort"), without("usage", 500), None, choice_changed()]
    experiment(parts.database, 12, strategies=[VOTE])
    parts.start("worker")
    parts.start("reconcile")
    wait_until(lambda: server.num_answered >= 10)
    server.delay_s = 1.0
    wait_until(lambda: server.num_aborted >= 4)
    server.delay_s = 0.0
    wait_until(lambda: all_succeeded(parts, 12))

    told = require_true(parts, server)
    assert told.requests >= 4 + 2  # what was too slow, the 500 and the lost connection
    in_traces = parts.value("SELECT sum(generated_tokens) FROM traces")
    assert in_traces == 12 * 4 * GENERATED
    assert told.generated - in_traces == GENERATED  # the answer that was aborted
    assert audit(parts.database) == {}


def test_while_the_database_is_away_nothing_begins_that_it_was_not_told_of(
    parts: Service, server: FakeVllm, database: str, postgres_url: str
) -> None:
    server.delay_s = 0.1
    experiment(parts.database, 8, strategies=[{**VOTE, "samples": 40}])
    victim = parts.start("worker")
    parts.start("reconcile")
    wait_until(lambda: server.num_answered >= 16)
    with away(database, postgres_url):
        wait_until(lambda: server.num_asked == server.num_answered + server.num_aborted)  # it has stopped to ask
        victim.send_signal(signal.SIGKILL)
        victim.wait()
    require_true(parts, server)


COSTS = """
SELECT arms.label, traces.prompt_tokens, traces.cached_tokens, traces.generated_tokens, traces.spared_tokens
FROM traces JOIN jobs ON jobs.id = traces.job_id JOIN arms ON arms.id = jobs.arm_id
WHERE jobs.experiment_id = :experiment_id ORDER BY arms.label, jobs.problem_id
"""


def costs_of_arms(
    parts: Service, server: FakeVllm, strategies: list[JsonObject], cache: str
) -> list[tuple[object, ...]]:
    """Of an experiment that nothing but its own jobs ran before, in this order of arms."""
    server._blocks.clear()
    experiment_id = experiment(parts.database, 2, QUESTION, strategies=strategies, sampling={"cache": cache})
    status = f"SELECT status FROM experiments WHERE id = {experiment_id}"
    wait_until(lambda: parts.value(status) == "succeeded")
    with parts.database.connect() as connection:
        return [tuple(row) for row in connection.execute(text(COSTS), {"experiment_id": experiment_id})]


def test_a_job_costs_the_same_whoever_ran_before_unless_it_shares_the_cache(parts: Service, server: FakeVllm) -> None:
    """Blocks of 16 tokens, as on a GPU. The prompt "user: Say 12 and … number 0\\n" has 71: four blocks, 64 tokens."""
    server.block_size = 16
    parts.environment["OVERTHINK_SLOTS"] = "1"
    parts.start("worker")
    parts.start("reconcile")
    prompt = len(f"user: {QUESTION} 0\n")
    assert prompt == 71
    alone = ("chain_of_thought", prompt, 0, GENERATED, 0)
    vote = ("majority_vote", 4 * prompt, 3 * 64, 4 * GENERATED, 3 * 64)  # the first of four computes it for all
    assert costs_of_arms(parts, server, [CHAIN, VOTE], "job") == [alone, alone, vote, vote]
    assert costs_of_arms(parts, server, [VOTE, CHAIN], "job") == [alone, alone, vote, vote]

    after = costs_of_arms(parts, server, [VOTE, CHAIN], "shared")
    before = costs_of_arms(parts, server, [CHAIN, VOTE], "shared")
    assert after != before
    assert after[0][2] == 64  # somebody else's vote had computed it
    assert len({body.get("cache_salt") for body in server.bodies}) == 8 + 1  # a salt for each job; none where shared
