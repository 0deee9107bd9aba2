"""What a worker's memory holds of each chain in flight: votes of many chains, and jobs of one chain each.

A server that is asked and never answers holds all of them; the worker is a process of its own. Run it with
`python -m tests.benchmarks.bench_memory`.
"""

import argparse
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import Engine

from db.engine import connect
from scaling.spec import yaml12
from tests.acceptance.service import psql, service_on
from tests.conftest import fresh_home, wait_until
from tests.conftest import running as services
from tests.integration.fake_vllm import FakeVllm, fake_vllm
from tests.integration.test_worker_runs import experiment
from worker.bells import Bells

CHAIN = {"strategy": "chain_of_thought"}
VOTES = {"strategy": "majority_vote", "samples": 64, "chain": CHAIN}
FOREVER_S = 3600.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chains", type=int, default=10_000)
    chains = parser.parse_args().chains
    for arm in (VOTES, CHAIN):
        with services("postgres", "redis", "migrate") as stack, fresh_home() as folder:
            print(measured(stack.environment, folder, arm, chains), flush=True)


def measured(environment: dict[str, str], folder: Path, arm: dict[str, Any], chains: int) -> str:
    jobs = -(-chains // arm.get("samples", 1))
    addresses = environment["OVERTHINK_DATABASE_URL"], environment["OVERTHINK_REDIS_URL"]
    registry = folder / "models.yaml"
    with fake_vllm(delay_s=FOREVER_S) as server:
        registry.write_text(yaml12.dump({"models": {"fake": {"endpoint": server.endpoint, "max_requests": chains}}}))
        with service_on(*addresses, registry, folder, OVERTHINK_SLOTS=str(jobs)):
            worker = worker_of(addresses[0])
            before = worker.memory_info().rss
            fill(connect(addresses[0]), addresses[1], arm, jobs, server, chains)
            after, threads = worker.memory_info().rss, worker.num_threads()
    return (
        f"{chains:,} chains in flight in {jobs:,} jobs: {after / 2**20:.0f} MiB, {before / 2**20:.0f} MiB without; "
        f"{(after - before) / chains / 2**10:.1f} KiB a chain, {threads} threads"
    )


def fill(database: Engine, redis_url: str, arm: dict[str, Any], jobs: int, server: FakeVllm, chains: int) -> None:
    experiment(database, jobs, "Say 12 and nothing else, whatever may come, for this is number", strategies=[arm])
    bells = Bells(redis_url)
    bells.ring_work("fake")
    wait_until(lambda: server.num_asked >= chains)
    bells.close()
    database.dispose()


def worker_of(database_url: str) -> psutil.Process:
    with psql(database_url) as connection:
        ((pid,),) = connection.execute("SELECT pid FROM workers").fetchall()
    return psutil.Process(pid)


if __name__ == "__main__":
    main()
