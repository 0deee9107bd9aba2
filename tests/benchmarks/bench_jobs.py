"""How many jobs end per second with a server that answers at once, and whose CPU they take: the service's own limit.

One experiment of jobs of one chain each goes through a real worker, PostgreSQL that syncs its commits, and Redis. The
CPU of each part is told per job: it does not depend on what else the machine does. Cores ÷ CPU is what a quiet machine
of so many cores could end at most. Run it with `python -m tests.benchmarks.bench_jobs`.
"""

import argparse
import time
from collections import Counter
from typing import Any

import psutil
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--slots", type=int, default=64)
    arguments = parser.parse_args()
    with quick_service(OVERTHINK_SLOTS=str(arguments.slots)) as service:
        database = connect(service.environment["OVERTHINK_DATABASE_URL"])
        run(service, database, 200)  # warm
        for _ in range(arguments.turns):
            run(service, database, arguments.jobs)


def run(service: Service, database: Engine, num_jobs: int) -> None:
    settings = Settings(redis_url=service.environment["OVERTHINK_REDIS_URL"])
    submission = submission_of(service.logs, num_jobs, 1, 1)
    before, commits = cpu_seconds(), value(database, COMMITS)
    mine = submit.submit(database, settings, submission, owner="bench", again=True).experiment_id
    while not value(database, FINISHED, mine):
        time.sleep(0.5)
    spent = {part: seconds - before[part] for part, seconds in cpu_seconds().items()}
    seconds, requests = float(value(database, SECONDS, mine)), value(database, REQUESTS, mine)
    each = ", ".join(f"{part} {1000 * seconds / num_jobs:.2f}" for part, seconds in sorted(spent.items()))
    ours = sum(seconds for part, seconds in spent.items() if part != "server") / num_jobs
    print(f"{num_jobs / seconds:.0f} jobs/s, {requests / num_jobs:.1f} requests each; CPU ms per job: {each}")
    print(f"  service {1000 * ours:.2f} ms: two cores could end {2 / ours:.0f} jobs/s at most; "
          f"{(value(database, COMMITS) - commits) / num_jobs:.2f} commits per job", flush=True)  # fmt: skip


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
