"""A worker killed in the middle of searches, revisions and long chains, on a real vLLM: the next goes on, and what
comes of it is what an undisturbed run gave, step by step."""

from pathlib import Path
from typing import Any

import pytest

from db.audit import audit
from db.engine import connect
from overthink.stack.vllm import write_registry
from tests.acceptance.service import Service, psql
from tests.conftest import wait_until

SPEC = """
name: journal
data_set: {name: ladder-test, limit: 3, seed: 1}
models: [ladder-tiny]
arms:
  - strategy: beam_search
    width: 16
    branches: 4
    verifier: ladder-tiny-prm
  - strategy: revisions
    chains: 2
    revisions: 4
    verifier: ladder-tiny-prm
  - strategy: budget_forcing
    waits: 8
    max_thinking_tokens: 600
sampling: {temperature: 0.8, max_answer_tokens: 16, segment_tokens: 6}
seed: 11
"""

STEPS = """
SELECT label, key, repeat, path, kind, phase, text, ids, dropped_ids, prompt_tokens, steps.generated_tokens, requests,
    verifier_calls, finish_reason, kept, round(CAST(score AS numeric), 4)
FROM steps JOIN jobs ON jobs.id = job_id JOIN arms ON arms.id = arm_id JOIN problems ON problems.id = problem_id
WHERE jobs.experiment_id = %s ORDER BY label, key, repeat, steps.position
"""
OUTCOMES = """
SELECT label, key, repeat, verdict, traces.answer, chosen_path, is_tie, num_candidates, longest_path
FROM traces JOIN jobs ON jobs.id = job_id JOIN arms ON arms.id = arm_id JOIN problems ON problems.id = problem_id
WHERE jobs.experiment_id = %s ORDER BY label, key, repeat
"""
WENT_ON = """
SELECT count(*), sum(traces.generated_tokens), sum(attempts.generated_tokens),
    sum((SELECT sum(each.generated_tokens) FROM attempts AS each WHERE each.job_id = traces.job_id))
FROM traces JOIN attempts USING (job_id, attempt) JOIN jobs ON jobs.id = job_id
WHERE experiment_id = %s AND traces.attempt > 1 AND attempts.generated_tokens < traces.generated_tokens
"""


def rows(database: str, query: str, experiment: int) -> list[Any]:
    with psql(database) as connection:
        return connection.execute(query.encode(), [experiment]).fetchall()


def kept(database: str, experiment: int) -> int:
    query = "SELECT count(path) FROM journal JOIN jobs ON jobs.id = job_id, unnest(paths) path WHERE experiment_id = %s"
    ((number,),) = rows(database, query, experiment)
    return int(number)


@pytest.mark.timeout(900)
def test_a_killed_search_revision_and_long_chain_end_as_undisturbed_ones(
    database: str, redis_url: str, vllm_endpoint: str, tmp_path: Path
) -> None:
    spec, registry = tmp_path / "journal.yaml", tmp_path / "models.yaml"
    spec.write_text(SPEC)
    write_registry(registry, vllm_endpoint)
    settings = {
        **{"DATABASE_URL": database, "REDIS_URL": redis_url, "MODELS": str(registry), "HOME": str(tmp_path / "home")},
        **{"LEASE_TTL_S": "8", "HEARTBEAT_S": "1"},
    }
    service = Service({f"OVERTHINK_{name}": value for name, value in settings.items()}, tmp_path)
    parts = [service.start("reconcile", log="reconcile"), service.start("worker", log="victim")]
    try:
        wait_until(lambda: "ready" in (tmp_path / "victim.log").read_text(errors="replace"))
        undisturbed = service.report("submit", str(spec), "--wait", timeout_s=400)["experiment"]
        disturbed = service.report("submit", str(spec), "--again")["experiment"]
        wait_until(lambda: kept(database, disturbed) >= 20)
        parts[1].kill()
        parts.append(service.start("worker", log="worker"))
        assert service.overthink("watch", str(disturbed), timeout_s=400).returncode == 0
    finally:
        for part in parts:
            part.terminate()
            part.wait()
    ((jobs, in_traces, second, spent),) = rows(database, WENT_ON, disturbed)
    print(f"{jobs} jobs went on: {in_traces} tokens, {second} of them after the kill, {spent - in_traces} twice")
    assert jobs > 0
    assert second < in_traces <= spent
    for query in (STEPS, OUTCOMES):
        assert rows(database, query, disturbed) == rows(database, query, undisturbed)
    engine = connect(database)
    assert audit(engine) == {}
    engine.dispose()
