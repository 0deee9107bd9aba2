"""How many jobs and requests end per second with a server that answers at once, and whose CPU they take: the service's
own limit.

Jobs of one chain each, and votes of many short chains, go through a real worker of several processes, PostgreSQL that
syncs its commits, and Redis. The CPU of each part is told per job or request: it does not depend on what else the
machine does. Cores ÷ CPU is what a quiet machine of so many cores could end at most. Run it with
`python -m tests.benchmarks.bench_jobs`.
"""

import argparse
import time
from collections import Counter
from typing import Any

import psutil
from pydantic import JsonValue
from sqlalchemy import Engine, text

from db.engine import connect
from db.settings import Settings
from tests.acceptance.service import Service
from tests.benchmarks.bench_expansion import submission_of
from tests.benchmarks.quick_service import quick_service
from worker import submit

PARTS = {
    "postgres": "postgres",
    "redis-server": "redis",
    "worker": "worker",
    "reconcile": "reconcile",
    "spawn_main": "server",
}

FINISHED = "SELECT finished_at FROM experiments WHERE id = :id"
SECONDS = "SELECT extract(epoch FROM max(finished_at) - min(started_at)) FROM jobs WHERE experiment_id = :id"
REQUESTS = "SELECT sum(requests) FROM steps JOIN jobs ON jobs.id = job_id WHERE experiment_id = :id"
COMMITS = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"


CHAIN = {"strategy": "chain_of_thought"}
VOTES = {"strategy": "majority_vote", "samples": 16}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2_000)
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--slots", type=int, default=64, help="of each process")
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    with quick_service(arguments.processes, OVERTHINK_SLOTS=str(arguments.slots)) as service:
        database = connect(service.environment["OVERTHINK_DATABASE_URL"])
        run(service, database, CHAIN, 200)  # warm
        for _ in range(arguments.turns):
            run(service, database, CHAIN, arguments.jobs)
            run(service, database, VOTES, arguments.jobs // 4)


def submitted(service: Service, database: Engine, arm: dict[str, JsonValue], num_jobs: int) -> int:
    settings = Settings(redis_url=service.environment["OVERTHINK_REDIS_URL"])
    submission = submission_of(service.logs, num_jobs, 1, 1, arm)
    return submit.submit(database, settings, submission, owner="bench", again=True).experiment_id


def run(service: Service, database: Engine, arm: dict[str, JsonValue], num_jobs: int) -> float:
    """Jobs/s."""
    before, commits = cpu_seconds(), value(database, COMMITS)
    mine = submitted(service, database, arm, num_jobs)
    while not value(database, FINISHED, mine):
        time.sleep(0.5)
    spent = {part: seconds - before[part] for part, seconds in cpu_seconds().items()}
    commits = value(database, COMMITS) - commits
    seconds, requests = float(value(database, SECONDS, mine)), value(database, REQUESTS, mine)
    print(f"{num_jobs:,} jobs of {requests / num_jobs:.0f} requests: {num_jobs / seconds:.0f} jobs/s, "
          f"{requests / seconds:.0f} requests/s; {commits / num_jobs:.2f} commits a job")  # fmt: skip
    for name, number in (("job", num_jobs), ("request", requests)):
        each = ", ".join(f"{part} {1000 * cpu / number:.2f}" for part, cpu in sorted(spent.items()))
        ours = sum(cpu for part, cpu in spent.items() if part != "server") / number
        print(
            f"  CPU ms a {name}: {1000 * ours:.2f} ({each}); two cores could end {2 / ours:.0f} {name}s/s", flush=True
        )
    return num_jobs / seconds


def cpu_seconds() -> Counter[str]:
    """Of each part of this service: the children of this process, and theirs."""
    found: Counter[str] = Counter()
    for process in psutil.Process().children(recursive=True):
        try:
            line, times = " ".join(process.cmdline()) or process.name(), process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        part = next((part for name, part in PARTS.items() if name in line), "other")
        found[part] += times.user + times.system
    return found


def value(database: Engine, query: str, experiment_id: int = 0) -> Any:
    with database.connect() as connection:
        return connection.execute(text(query), {"id": experiment_id} if ":id" in query else {}).scalar_one()


if __name__ == "__main__":
    main()
