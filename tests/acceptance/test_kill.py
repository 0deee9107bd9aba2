"""Whatever is killed, whenever: nothing lost, nothing doubled. Real processes, killed with -9 while they work."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
import redis

from db.audit import audit
from db.engine import connect
from overthink.stack import Stack
from tests.acceptance.service import Service, psql
from tests.conftest import wait_until

SPEC = """
name: kill
data_set: {name: ladder-test, limit: 50}
models: [ladder-tiny]
arms:
  - strategy: chain_of_thought
  - strategy: budget_forcing
    waits: [0, 1, 2, 4]
    max_thinking_tokens: 600
  - strategy: majority_vote
    samples: 8
sampling: {temperature: 0.8, max_answer_tokens: 16}
repeats: 2
"""
NUM_JOBS = 6 * 50 * 2


def kill(stack: Stack, part: str) -> None:
    pid = stack.part(part).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def kill_worker(stack: Stack) -> None:
    kill(stack, "worker")


def empty_and_restart_redis(stack: Stack) -> None:
    url = stack.environment["OVERTHINK_REDIS_URL"].replace("redis+socket://", "unix://")
    redis.Redis.from_url(url).flushall()
    kill(stack, "redis")


def restart_postgres(stack: Stack) -> None:
    kill(stack, "postgres")


def restart_vllm(stack: Stack) -> None:
    kill(stack, "vllm")


DISTURBANCES: tuple[Callable[[Stack], None], ...] = (
    kill_worker,
    empty_and_restart_redis,
    restart_postgres,
    restart_vllm,
)


@pytest.mark.timeout(900)
def test_every_job_succeeds_exactly_once_whatever_is_killed(home: Path, tmp_path: Path) -> None:
    (tmp_path / "kill.yaml").write_text(SPEC)
    with Stack(home, dashboard=False) as stack:
        service = Service(stack.environment, tmp_path)
        experiment = service.report("submit", str(tmp_path / "kill.yaml"))["experiment"]
        database = stack.environment["OVERTHINK_DATABASE_URL"]
        for number, disturb in enumerate(DISTURBANCES):
            wait_until(lambda: num_succeeded(database) >= (number + 1) * NUM_JOBS // 8)  # noqa: B023
            assert num_succeeded(database) < NUM_JOBS, f"too late for {disturb.__name__}: give the spec more work"
            disturb(stack)
        wait_until(lambda: num_succeeded(database) == NUM_JOBS)
        done = service.overthink("watch", str(experiment), timeout_s=60)
        assert done.returncode == 0, done.stdout + done.stderr
        engine = connect(database)
        assert audit(engine) == {}
        assert count(database, "attempts WHERE outcome = 'lost'") > 0, "the kill came when nothing ran"
        plant_duplicate(database)
        assert set(audit(engine)) == {"succeeded jobs without exactly one trace"}
        engine.dispose()


def num_succeeded(database: str) -> int:
    """0 while PostgreSQL is away."""
    try:
        return count(database, "jobs WHERE status = 'succeeded'")
    except psycopg.OperationalError:
        return 0


def count(database: str, rows: LiteralString) -> int:
    with psql(database) as connection:
        answer = connection.execute(f"SELECT count(*) FROM {rows}").fetchone()
        assert answer is not None
        return answer[0]


def plant_duplicate(database: str) -> None:
    """A second trace of one job, past the constraint that forbids it: an audit that cannot fail is worth nothing."""
    with psql(database) as connection:
        connection.execute("ALTER TABLE traces DROP CONSTRAINT pk_traces CASCADE")
        connection.execute("INSERT INTO traces SELECT * FROM traces WHERE job_id = (SELECT min(job_id) FROM traces)")
