"""What keeping a journal costs each request: requests/s with it ÷ without it, CPU seconds of worker and PostgreSQL,
bytes of PostgreSQL's log, and rows.

The worst case: a server that answers at once, in a process of its own, and jobs so long that all they are told is kept.
Workers with and without take turns (A B B A ...) on one PostgreSQL. Run it with
`python -m tests.benchmarks.bench_journal`.
"""

import argparse
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import psutil
from sqlalchemy import Engine, text

from db.engine import connect
from db.migrate import migrate
from db.settings import settings
from overthink.stack import Stack
from scaling.spec import yaml12
from tests.acceptance.service import Service
from tests.benchmarks.quick_service import answering_server
from tests.conftest import fresh_home, running, wait_until
from tests.integration.test_worker_runs import experiment
from worker import attempt
from worker.celery_worker import run_worker
from worker.logs import log_to_stderr

JOBS, CHAINS = 8, 1000
LEFT = "SELECT count(*) FROM jobs WHERE status <> 'succeeded'"
SECONDS = """
SELECT extract(epoch FROM max(finished_at) - min(started_at)) FROM jobs
WHERE experiment_id = (SELECT max(id) FROM experiments)
"""
LOG = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')"
ROWS = "SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'journal'"


@dataclass(frozen=True)
class Turn:
    """Of one worker: what it asked in a second, and the CPU milliseconds of each request."""

    requests_per_s: float
    worker_ms: float
    postgres_ms: float
    log_bytes: float
    rows: float

    @property
    def cpu_ms(self) -> float:
        return self.worker_ms + self.postgres_ms


def run_without() -> int:
    log_to_stderr()
    attempt.JournaledEngine = lambda engine, journal: engine  # type: ignore[assignment,misc]
    return run_worker(settings())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=6, help="of each")
    turns = parser.parse_args().turns
    with running("postgres", "redis") as stack, fresh_home() as folder, answering_server() as endpoint:
        service = service_of(stack, folder, endpoint)
        found: dict[str, list[Turn]] = {"with": [], "without": []}
        for number in range(turns):
            for name in sorted(found, reverse=bool(number % 2)):
                found[name].append(turn_of(stack, service, name))
                print(f"turn {number + 1}, {name}: {describe(found[name][-1:])}", flush=True)
        for name, each in found.items():
            print(f"{name}: {describe(each)}")
        pairs = list(zip(found["with"], found["without"], strict=True))
        rate = median(kept.requests_per_s / bare.requests_per_s for kept, bare in pairs)
        cpu = median(kept.cpu_ms / bare.cpu_ms for kept, bare in pairs)
        log = median(kept.log_bytes - bare.log_bytes for kept, bare in pairs)
        print(f"with ÷ without: requests/s {rate:.3f}, CPU a request {cpu:.3f} (medians of {turns} pairs); "
              f"{log:.0f} bytes more in the log a request")  # fmt: skip


def describe(turns: list[Turn]) -> str:
    rate, *each = (median(getattr(turn, name) for turn in turns) for name in Turn.__dataclass_fields__)
    worker, postgres, log, rows = each
    return (
        f"{rate:.0f} requests/s; a request: {worker:.2f} ms of the worker, {postgres:.2f} ms of PostgreSQL, "
        f"{log:.0f} bytes of its log, {rows:.3f} rows of the journal"
    )


def service_of(stack: Stack, folder: Path, endpoint: str) -> Service:
    url, redis_url = stack.info.database_url, stack.info.redis_url
    assert url is not None and redis_url is not None
    migrate(connect(url))
    registry = folder / "models.yaml"
    registry.write_text(yaml12.dump({"models": {"fake": {"endpoint": endpoint, "max_requests": 64}}}))
    services = {"DATABASE_URL": url, "REDIS_URL": redis_url, "MODELS": str(registry), "HOME": str(folder / "home")}
    return Service({f"OVERTHINK_{name}": value for name, value in services.items()}, folder)


def turn_of(stack: Stack, service: Service, name: str) -> Turn:
    database = connect(service.environment["OVERTHINK_DATABASE_URL"])
    log = service.logs / "worker.log"
    log.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.benchmarks.bench_journal", "without"]
    reconciler = service.start("reconcile", log="reconcile")
    worker = service.start("worker", log="worker") if name == "with" else started(service, command, log)
    try:
        wait_until(lambda: "ready" in log.read_text(errors="replace"))
        kept = number(database, ROWS)
        turn = measured(database, worker.pid, stack.part("postgres").pid)
    finally:
        for process in (worker, reconciler):
            process.terminate()
        for process in (worker, reconciler):
            process.wait(60)  # the last of its sessions tells how many rows it wrote when it ends
    turn = replace(turn, rows=(number(database, ROWS) - kept) / JOBS / CHAINS)
    database.dispose()
    return turn


def started(service: Service, command: list[str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(command, env={**psutil.Process().environ(), **service.environment}, stdout=output,
                                stderr=subprocess.STDOUT)  # fmt: skip


def measured(database: Engine, worker: int, postgres: int | None) -> Turn:
    assert postgres is not None
    before, log = (cpu_s(worker), cpu_s(postgres)), number(database, LOG)
    vote = {"strategy": "majority_vote", "samples": CHAINS, "chain": {"strategy": "chain_of_thought"}}
    experiment(database, JOBS, "Say 12 and nothing else, whatever may come, for this is number", strategies=[vote])
    wait_until(lambda: number(database, LEFT) == 0, pause_s=0.05)
    seconds, requests = number(database, SECONDS), JOBS * CHAINS
    spent = [
        1000.0 * (after - then) / requests for then, after in zip(before, (cpu_s(worker), cpu_s(postgres)), strict=True)
    ]
    return Turn(requests / seconds, *spent, (number(database, LOG) - log) / requests, rows=0.0)


def number(database: Engine, query: str) -> float:
    with database.connect() as connection:
        return float(connection.execute(text(query)).scalar_one())


def cpu_s(pid: int) -> float:
    """Of the process and of all that it started."""
    process = psutil.Process(pid)
    own = process.cpu_times()
    ended = own.children_user + own.children_system
    alive = sum(sum(each.cpu_times()[:2]) for each in process.children(recursive=True))
    return own.user + own.system + ended + alive


if __name__ == "__main__":
    sys.exit(run_without() if sys.argv[1:] == ["without"] else main())
