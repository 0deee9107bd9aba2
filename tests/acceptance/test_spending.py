"""What was spent, over every strategy, with workers killed, jobs cancelled, answers lost, late, broken off and in vain.

vLLM's own counters judge it: counted ≤ what vLLM counted ≤ counted + unknown.
"""

from pathlib import Path
from subprocess import Popen

import pytest

from db.audit import audit
from db.engine import connect
from overthink.stack.vllm import write_registry
from tests.acceptance.recording_proxy import RecordingProxy, Trouble, recording
from tests.acceptance.service import Service, psql, service_on
from tests.acceptance.test_ids import SAMPLED, SEARCHED, counter
from tests.conftest import wait_until

PATIENCE_S = 8
TROUBLES = {90: Trouble.LOST, 120: Trouble.LATE, 150: Trouble.INTERNAL, 180: Trouble.ABORTED}
"""Which generation has which, and each 211th after it."""

SPENT = """
    SELECT sum(prompt_tokens) + sum(verifier_tokens) - sum(verifier_generated_tokens),
        sum(generated_tokens) + sum(verifier_generated_tokens),
        sum(unknown_prompt_tokens) + sum(unknown_verifier_tokens),
        sum(unknown_generated_tokens) + sum(unknown_verifier_tokens)
    FROM attempts
"""
IN_TRACES = "SELECT sum(generated_tokens) + sum(verifier_generated_tokens) FROM traces"


def trouble(number: int) -> Trouble | None:
    return TROUBLES.get(number % 211)


def submitted(service: Service, name: str, spec: str) -> int:
    path = service.logs / f"{name}.yaml"
    path.write_text(spec.replace("limit: 10", "limit: 4"))
    return int(service.report("submit", str(path))["experiment"])


def kill_when_busy(victim: Popen[bytes], database: str) -> None:
    """In the middle of several jobs."""
    busy = f"SELECT count(*) FROM jobs WHERE status = 'running' AND worker LIKE '%:{victim.pid}:%'"

    def is_busy() -> bool:
        with psql(database) as connection:
            return connection.execute(busy.encode()).fetchall()[0][0] >= 4

    wait_until(is_busy)
    victim.kill()
    victim.wait()


def cancel_when_busy(service: Service, proxy: RecordingProxy) -> None:
    unwanted = submitted(service, "unwanted", SAMPLED.replace("name: sampled", "name: unwanted") + "priority: 9\n")
    before = len(proxy.exchanges)
    wait_until(lambda: len(proxy.exchanges) > before + 100)
    service.report("cancel", str(unwanted))


@pytest.mark.timeout(1200)
def test_what_vllm_counted_lies_between_what_is_counted_and_that_plus_what_nobody_knows(
    database: str, redis_url: str, vllm_endpoint: str, tmp_path: Path
) -> None:
    prompted, generated = (counter(vllm_endpoint, name) for name in ("prompt_tokens", "generation_tokens"))
    settings = {"REQUEST_TIMEOUT_S": str(PATIENCE_S), "LEASE_TTL_S": "8", "HEARTBEAT_S": "1", "SLOTS": "12"}
    named = {f"OVERTHINK_{name}": value for name, value in settings.items()}
    with recording(vllm_endpoint, trouble=trouble, late_s=PATIENCE_S + 2) as proxy:
        registry = tmp_path / "models.yaml"
        write_registry(registry, proxy.endpoint)
        with service_on(database, redis_url, registry, tmp_path, **named) as service:
            victim = service.start("worker", log="victim")
            wait_until(lambda: "ready" in (tmp_path / "victim.log").read_text(errors="replace"))
            wanted = [submitted(service, "sampled", SAMPLED), submitted(service, "searched", SEARCHED)]
            wait_until(lambda: len(proxy.exchanges) > 150)
            kill_when_busy(victim, database)
            cancel_when_busy(service, proxy)
            for experiment in wanted:
                done = service.overthink("watch", str(experiment), timeout_s=600)
                assert done.returncode == 0, done.stdout + done.stderr
    prompted = counter(vllm_endpoint, "prompt_tokens") - prompted
    generated = counter(vllm_endpoint, "generation_tokens") - generated
    with psql(database) as connection:
        ((prompt, counted, unknown_prompt, unknown),) = connection.execute(SPENT).fetchall()
        ((in_traces,),) = connection.execute(IN_TRACES).fetchall()
        ((queued,),) = connection.execute("SELECT count(*) FROM traces WHERE queue_seconds IS NULL").fetchall()
        outcomes = {row[0] for row in connection.execute("SELECT DISTINCT outcome FROM attempts").fetchall()}
    print(f"generated: counted {counted}, vLLM {generated}, unknown at most {unknown}; in traces {in_traces}")
    print(f"prompts: counted {prompt}, vLLM {prompted}, unknown at most {unknown_prompt}")
    assert queued == 0  # vLLM tells of each request how long it waited in its queue
    assert outcomes >= {"succeeded", "lost", "cancelled"}
    assert prompt <= proxy.prompt_tokens <= prompted <= prompt + unknown_prompt
    assert in_traces < counted <= proxy.generated_tokens <= generated <= counted + unknown
    engine = connect(database)
    assert audit(engine) == {}
    engine.dispose()
