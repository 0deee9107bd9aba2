"""What is stored is what went over the wire: a recording proxy between the worker and vLLM is the witness."""

import re
from collections import Counter
from pathlib import Path
from urllib.request import urlopen

import pytest

from overthink.stack.vllm import write_registry
from scaling.record import derive_seed
from tests.acceptance.recording_proxy import recording
from tests.acceptance.service import psql, service_on

SPEC = """
name: ids
data_set: {name: ladder-test, limit: 10, seed: 1}
models: [ladder-tiny]
arms:
  - strategy: chain_of_thought
  - strategy: budget_forcing
    max_thinking_tokens: [0, 7, 30]
  - strategy: budget_forcing
    waits: [1, 2]
    max_thinking_tokens: 300
    wait: [Wait, "No, 1+1", ""]
  - strategy: majority_vote
    samples: 4
  - strategy: majority_vote
    samples: 3
    chain: {strategy: budget_forcing, waits: 1, max_thinking_tokens: 300}
sampling: {temperature: 0.8, max_answer_tokens: 16, segment_tokens: 24}
repeats: 2
seed: 11
"""

STEPS = """
    SELECT j.id, p.key, j.repeat, s.path, s.requests, s.ids, s.dropped_ids, s.generated_tokens
    FROM steps s
    JOIN jobs j ON j.id = s.job_id
    JOIN problems p ON p.id = j.problem_id
    ORDER BY j.id, s.position
"""


def counter(endpoint: str, name: str) -> int:
    """One of vLLM's own counters."""
    metrics = urlopen(f"{endpoint}/metrics").read().decode()
    return int(sum(float(value) for value in re.findall(rf"^vllm:{name}_total\{{[^}}]*\}} (\S+)$", metrics, re.M)))


@pytest.mark.timeout(600)
def test_the_stored_paths_are_exactly_the_ids_that_went_over_the_wire(
    database: str, redis_url: str, vllm_endpoint: str, tmp_path: Path
) -> None:
    (tmp_path / "ids.yaml").write_text(SPEC)
    generated, prompted = (counter(vllm_endpoint, name) for name in ("generation_tokens", "prompt_tokens"))
    with recording(vllm_endpoint) as proxy:
        registry = tmp_path / "models.yaml"
        write_registry(registry, proxy.endpoint)
        with service_on(database, redis_url, registry, tmp_path) as service:
            done = service.overthink("submit", str(tmp_path / "ids.yaml"), "--wait", timeout_s=400)
            assert done.returncode == 0, done.stdout + done.stderr
    generated = counter(vllm_endpoint, "generation_tokens") - generated
    prompted = counter(vllm_endpoint, "prompt_tokens") - prompted
    with psql(database) as connection:
        steps = connection.execute(STEPS).fetchall()
        totals = connection.execute("SELECT sum(generated_tokens), sum(prompt_tokens) FROM traces").fetchone()
        statuses = connection.execute("SELECT status, count(*) FROM jobs GROUP BY status").fetchall()
    assert statuses == [("succeeded", 12 * 10 * 2)]
    left = Counter((exchange.seed, exchange.prompt, exchange.token_ids) for exchange in proxy.exchanges)
    consume(steps, left)
    assert not left, f"{sum(left.values())} requests are in no trace, such as {next(iter(left))}"
    assert proxy.failures == []
    assert totals == (generated, prompted)


def consume(steps: list[tuple], left: Counter[tuple]) -> None:
    """Take from `left` the exchanges that each step's path, seed and ids say were made."""
    ids_at: dict[tuple[int, str], list[int]] = {}
    for job, problem, repeat, path, requests, ids, dropped, _ in steps:
        ids_at[job, path] = ids
        context = tuple(token for ancestor in ancestors(path) for token in ids_at[job, ancestor])
        generated = (*ids, *dropped)
        for segment in range(requests):
            seed = derive_seed(f"11/{problem}/{repeat}", tuple(map(int, path.split("."))), segment)
            wire = next(
                (wire for wire in left if wire[:2] == (seed, context) and wire[2] == generated[: len(wire[2])]), None
            )
            assert wire is not None, f"job {job}, step {path}, segment {segment}: no such request went over the wire"
            left -= Counter([wire])
            context, generated = context + wire[2], generated[len(wire[2]) :]
        assert not requests or not generated, f"job {job}, step {path}: ids {generated} that no request returned"


def ancestors(path: str) -> list[str]:
    numbers = path.split(".")
    return [".".join(numbers[:depth]) for depth in range(1, len(numbers))]


def test_the_witness_notices_an_id_that_was_not_on_the_wire() -> None:
    step = (1, "p", 0, "0.0", 1, [5, 6], [2], 3)
    wire = (derive_seed("11/p/0", (0, 0), 0), (9,), (5, 6, 2))
    root = (1, "p", 0, "0", 0, [9], [], 0)
    left = Counter([wire])
    consume([root, step], left)
    assert not left
    for forged in ((*step[:5], [5, 7], *step[6:]), (*step[:6], [], 3), (1, "q", *step[2:])):
        with pytest.raises(AssertionError):
            consume([root, forged], Counter([wire]))
