"""Whatever is killed, whenever: nothing lost, nothing doubled. Real processes, killed with -9 while they work."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis

from overthink.stack import Stack
from tests.acceptance.audit import VIOLATIONS, violations
from tests.acceptance.service import Service, psql, wait_until

SPEC = """
name: kill
data_set: {name: ladder-test, limit: 100}
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
NUM_JOBS = 6 * 100 * 2


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
            wait_until(lambda: num_succeeded(database) >= (number + 1) * NUM_JOBS // 8, 240)  # noqa: B023
            assert num_succeeded(database) < NUM_JOBS, f"too late for {disturb.__name__}: give the spec more work"
            disturb(stack)
        wait_until(lambda: num_succeeded(database) == NUM_JOBS, 400)
        done = service.overthink("watch", str(experiment), timeout_s=60)
        assert done.returncode == 0, done.stdout + done.stderr
        with psql(database) as connection:
            assert violations(connection) == {}
            lost = connection.execute("SELECT count(*) FROM attempts WHERE outcome = 'lost'").fetchone()
            assert lost is not None and lost[0] > 0, "nothing was lost: the kill came when nothing ran"
            plant_and_find(connection)


def num_succeeded(database: str) -> int:
    """0 while PostgreSQL is away."""
    try:
        with psql(database) as connection:
            row = connection.execute("SELECT count(*) FROM jobs WHERE status = 'succeeded'").fetchone()
            return row[0] if row else 0
    except psycopg.OperationalError:
        return 0


def plant_and_find(connection: psycopg.Connection) -> None:
    """The audit is worth nothing unless it fails on what must not be: each defect is planted, found and undone."""
    for defect, (statements, found_as) in PLANTED.items():
        with connection.transaction(force_rollback=True):
            for statement in statements:
                connection.execute(statement)
            assert found_as in violations(connection), f"the audit did not notice {defect}"


FIRST_TRACE = "(SELECT min(job_id) FROM traces)"
PLANTED = {
    "a job asked twice": (
        (
            "ALTER TABLE jobs DROP CONSTRAINT uq_jobs_arm_id_problem_id_repeat",
            "INSERT INTO jobs (experiment_id, arm_id, problem_id, repeat, model, status)"
            " SELECT experiment_id, arm_id, problem_id, repeat, model, status FROM jobs LIMIT 1",
        ),
        "job asked twice",
    ),
    "a second trace of one job": (
        (
            "ALTER TABLE traces DROP CONSTRAINT pk_traces CASCADE",
            f"INSERT INTO traces SELECT * FROM traces WHERE job_id = {FIRST_TRACE}",
        ),
        "succeeded job without exactly one trace",
    ),
    "a second success of one job": (
        (
            "INSERT INTO attempts (job_id, attempt, worker, started_at, outcome)"
            f" VALUES ({FIRST_TRACE}, 99, 'planted', now(), 'succeeded')",
        ),
        "succeeded job without exactly one succeeded attempt",
    ),
    "a trace that vanished": (
        (f"DELETE FROM traces WHERE job_id = {FIRST_TRACE}",),
        "succeeded job without exactly one trace",
    ),
    "a half-written trace": (
        (f"DELETE FROM steps WHERE job_id = {FIRST_TRACE} AND kind = 'think'",),
        "trace whose totals are not its steps'",
    ),
    "a lost job": (("DELETE FROM jobs WHERE id = (SELECT min(id) FROM jobs)",), "arm without all its jobs"),
}


def test_every_audit_has_a_planted_defect_or_is_named_here() -> None:
    unplanted = set(VIOLATIONS) - {found_as for _, found_as in PLANTED.values()}
    assert unplanted == {
        "job that did not succeed",
        "step without its parent",
        "trace without all its candidates and grades",
    }
