"""What is stored is what went over the wire: a recording proxy between the worker and vLLM is the witness."""

import json
import re
from collections import defaultdict
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from overthink.stack.vllm import write_registry
from scaling.generation import derive_seed
from scaling.spec import yaml12
from scaling.strategies import STRATEGIES
from tests.acceptance.recording_proxy import Exchange, recording
from tests.acceptance.service import psql, service_on
from tests.strategies import least

SAMPLED = """
name: sampled
data_set: {name: ladder-test, limit: 10, seed: 1}
models: [ladder-tiny]
arms:
  - strategy: chain_of_thought
  - strategy: majority_vote
    samples: 2
    sampling: {max_answer_tokens: null}
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
  - strategy: adaptive_vote
    samples: 4
    at_once: 2
  - strategy: deepconf
    samples: 3
    keep: 0.5
    top_logprobs: 5
  - strategy: length_control
    tokens: 40
    max_thinking_tokens: 40
    waits: 1
  - strategy: rejection_sampling
    max_thinking_tokens: 30
    tries: 3
sampling: {temperature: 0.8, max_answer_tokens: 16, segment_tokens: 24}
repeats: 2
seed: 11
"""

SEARCHED = """
name: searched
data_set: {name: ladder-test, limit: 3, seed: 1}
models: [ladder-tiny]
arms:
  - strategy: best_of_n
    samples: 3
    verifier: ladder-tiny-prm
    chain: {strategy: budget_forcing, waits: 1, max_thinking_tokens: 300}
  - strategy: beam_search
    width: 4
    branches: 2
    verifier: ladder-tiny-prm
  - strategy: lookahead
    width: 4
    branches: 2
    lookahead: [0, 2]
    verifier: ladder-tiny-prm
  - strategy: dvts
    width: 4
    branches: 2
    verifier: ladder-tiny-prm
  - strategy: rebase
    width: 4
    verifier: ladder-tiny-prm
  - strategy: revisions
    chains: 2
    revisions: 3
    verifier: ladder-tiny-prm
    chain: {strategy: budget_forcing, max_thinking_tokens: 60}
sampling: {temperature: 0.8, max_answer_tokens: 16, segment_tokens: 6}
seed: 11
"""

NAMED = {arm["strategy"] for spec in (SAMPLED, SEARCHED) for arm in yaml12.load(spec)["arms"]}
REST = [least(each, "ladder-tiny-prm") for name, each in STRATEGIES.items() if name not in NAMED]
"""What stands in neither spec is witnessed with the least that it takes."""

VERIFIER_SEED = 0
"""A verifier's requests all have it; a generation's has 63 bits that are derived, and so never is it."""

STEPS = """
    SELECT j.id, p.key, j.repeat, s.path, s.kind, s.requests, s.ids, s.dropped_ids
    FROM steps s
    JOIN jobs j ON j.id = s.job_id
    JOIN problems p ON p.id = j.problem_id
    ORDER BY j.id, s.position
"""

ANSWER, PROMPTS = "answer", ("prompt", "revision")

TOTALS = "SELECT sum(generated_tokens), sum(prompt_tokens), sum(verifier_tokens), sum(verifier_calls) FROM traces"

Unaccounted = dict[tuple[int, tuple[int, ...]], list[tuple[int, ...]]]
"""The answers that the server gave to each seed and prompt and that no step has claimed."""


def with_the_rest(spec: str) -> str:
    said = yaml12.load(spec)
    return yaml12.dump(said | {"arms": [*said["arms"], *(each.model_dump(mode="json") for each in REST)]})


def counter(endpoint: str, name: str) -> int:
    """One of vLLM's own counters."""
    metrics = urlopen(f"{endpoint}/metrics").read().decode()
    return int(sum(float(value) for value in re.findall(rf"^vllm:{name}_total\{{[^}}]*\}} (\S+)$", metrics, re.M)))


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("spec", "num_jobs"),
    [(SAMPLED, 17 * 10 * 2), (with_the_rest(SEARCHED), (7 + len(REST)) * 3)],
    ids=["sampled", "searched"],
)
def test_the_stored_paths_are_exactly_the_ids_that_went_over_the_wire(
    database: str, redis_url: str, vllm_endpoint: str, tmp_path: Path, spec: str, num_jobs: int
) -> None:
    (tmp_path / "ids.yaml").write_text(spec)
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
        totals = connection.execute(TOTALS).fetchone()
        statuses = connection.execute("SELECT status, count(*) FROM jobs GROUP BY status").fetchall()
    assert statuses == [("succeeded", num_jobs)]
    unaccounted = by_question([each for each in proxy.exchanges if each.seed != VERIFIER_SEED])
    consume(steps, unaccounted)
    assert not any(unaccounted.values()), (
        f"requests that are in no trace: {[ids for ids in unaccounted.values() if ids]}"
    )
    assert proxy.failures == []
    judged = [each for each in proxy.exchanges if each.seed == VERIFIER_SEED]
    judged_generated = sum(len(each.token_ids) for each in judged)
    judged_prompted = sum(len(each.prompt) for each in judged)
    assert totals == (
        generated - judged_generated,
        prompted - judged_prompted,
        judged_generated + judged_prompted,
        len(judged),
    )


SCORED = """
name: scored
data_set: {name: ladder-test, limit: 3, seed: 1}
models: [ladder-tiny]
arms:
  - strategy: budget_forcing
    waits: 1
    max_thinking_tokens: 300
sampling: {temperature: 0.0, max_answer_tokens: 16}
seed: 11
"""
TOLD = """
    SELECT s.job_id, s.kind, s.text, s.ids, l.ends, l.log_probs
    FROM steps s LEFT JOIN step_log_probs l ON l.job_id = s.job_id AND l.path = s.path
    ORDER BY s.job_id, s.position
"""


def test_log_probs_of_stored_ids_are_those_that_the_model_generates_with(
    database: str, redis_url: str, vllm_endpoint: str, tmp_path: Path
) -> None:
    """Each step of the model's own is begun again from what stands before it: greedily, it makes the same token."""
    (tmp_path / "scored.yaml").write_text(SCORED)
    registry = tmp_path / "models.yaml"
    write_registry(registry, vllm_endpoint)
    with service_on(database, redis_url, registry, tmp_path) as service:
        service.report("submit", str(tmp_path / "scored.yaml"), "--wait")
        scan = service.report("scan", "scored", "--log-probs", "ladder-tiny", "--wait")
    assert (scan["status"], scan["scanned"], scan["untold"]) == ("succeeded", 3, 0)
    with psql(database) as connection:
        steps = connection.execute(TOLD).fetchall()
    begun = 0
    context: tuple[int, ...] = ()
    for _, kind, said, ids, ends, log_probs in steps:
        if kind == "prompt":
            context = tuple(ids)
            continue
        assert (len(ends), len(log_probs), max(ends, default=0)) == (len(ids), len(ids), len(said))
        if kind != "forced" and ids:
            assert generated(vllm_endpoint, context) == (ids[0], pytest.approx(log_probs[0], abs=1e-3))
            begun += 1
        context = (*context, *ids)
    assert begun == 3 * 3


def generated(endpoint: str, context: tuple[int, ...]) -> tuple[int, float]:
    """The likeliest next token, and its log-prob as the server tells it of what it generates."""
    asked = {"model": "ladder-tiny", "prompt": context, "max_tokens": 1, "temperature": 0, "logprobs": 1}
    body = json.dumps({**asked, "return_token_ids": True}).encode()
    request = Request(f"{endpoint}/v1/completions", body, {"Content-Type": "application/json"})
    (choice,) = json.load(urlopen(request))["choices"]
    return choice["token_ids"][0], choice["logprobs"]["token_logprobs"][0]


def by_question(exchanges: list[Exchange]) -> Unaccounted:
    unaccounted: Unaccounted = defaultdict(list)
    for exchange in exchanges:
        unaccounted[exchange.seed, exchange.prompt].append(exchange.token_ids)
    return unaccounted


def consume(steps: list[tuple], unaccounted: Unaccounted) -> None:
    """Take away the exchanges that each step's path, seed and ids say were made.

    The last request of a thought may have made the beginning of its answer, or all of it.
    """
    context_after: dict[tuple[int, str], tuple[int, ...]] = {}
    answers = {(job, path): ((*ids, *rest), made) for job, _, _, path, kind, made, ids, rest in steps if kind == ANSWER}
    begun: dict[tuple[int, str], tuple[int, ...]] = defaultdict(tuple)
    for job, problem, repeat, path, kind, requests, ids, dropped in steps:
        parent, child = path.rpartition(".")[0], f"{path}.0"
        context = () if kind in PROMPTS else context_after[job, parent]  # a revision's prompt begins anew
        context_after[job, path] = (*context, *ids)
        context, generated = context + begun[job, path], (*ids, *dropped)[len(begun[job, path]) :]
        answer, answer_requests = answers.get((job, child), ((), 0))
        for segment in range(requests):
            asked = unaccounted[seed_of(problem, repeat, path, segment), context]
            fitting = [made for made in asked if made == (generated + answer)[: len(made)]]
            if segment == requests - 1:
                next_seed = seed_of(problem, repeat, child, 0) if answer_requests else None
                fitting = [
                    made for made in fitting if is_last(made, generated + answer, context, next_seed, unaccounted)
                ]
            assert fitting, f"job {job}, step {path}, segment {segment}: no such request went over the wire"
            made = max(fitting, key=len)  # arms with other budgets ask alike
            asked.remove(made)
            begun[job, child] = made[len(generated) :]
            context, generated = context + made, generated[len(made) :]
        is_made = requests or begun[job, path]
        assert not is_made or not generated, f"job {job}, step {path}: ids {generated} that no request returned"


def is_last(
    made: tuple[int, ...], whole: tuple[int, ...], context: tuple[int, ...], next_seed: int | None, left: Unaccounted
) -> bool:
    """It made all that was still to be made, or the answer's own first request (of `next_seed`) goes on behind it."""
    if next_seed is None:
        return made == whole
    return any(more == whole[len(made) :][: len(more)] for more in left.get((next_seed, context + made), []))


def seed_of(problem: str, repeat: int, path: str, segment: int) -> int:
    return derive_seed(f"11/{problem}/{repeat}", tuple(map(int, path.split("."))), segment)


def test_the_witness_notices_an_id_that_was_not_on_the_wire() -> None:
    exchange = Exchange(derive_seed("11/p/0", (0, 0), 0), (9,), 10, (5, 6, 2), {})
    root = (1, "p", 0, "0", "prompt", 0, [9], [])
    step = (1, "p", 0, "0.0", "think", 1, [5, 6], [2])
    unaccounted = by_question([exchange])
    consume([root, step], unaccounted)
    assert not any(unaccounted.values())
    for forged in ((*step[:6], [5, 7], [2]), (*step[:7], []), (1, "q", *step[2:])):
        with pytest.raises(AssertionError):
            consume([root, forged], by_question([exchange]))


def test_the_witness_finds_an_answer_in_the_request_of_its_thought() -> None:
    exchange = Exchange(derive_seed("11/p/0", (0, 0), 0), (9,), 10, (5, 6, 7, 2), {})
    root = (1, "p", 0, "0", "prompt", 0, [9], [])
    thought = (1, "p", 0, "0.0", "think", 1, [5, 6], [])
    answer = (1, "p", 0, "0.0.0", "answer", 0, [7], [2])
    unaccounted = by_question([exchange])
    consume([root, thought, answer], unaccounted)
    assert not any(unaccounted.values())
    for forged in ((*answer[:6], [8], [2]), (*answer[:6], [7], [2, 2])):
        with pytest.raises(AssertionError):
            consume([root, thought, forged], by_question([exchange]))
