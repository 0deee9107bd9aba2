"""How many jobs of one experiment may end per second, and what its version and tokens cost: the tally in parts, in one
row, and not at all.

Processes claim and succeed jobs of one candidate as fast as they can, against a real PostgreSQL that syncs its commits.
Nothing is generated: this is the database's share. Run it with `python -m tests.benchmarks.bench_ends`.
"""

import multiprocessing
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

from sqlalchemy import text

from db import transitions
from db.engine import connect
from db.migrate import migrate
from db.transitions import tallies
from tests.conftest import running
from tests.integration.scenes import MODEL, running_experiment, star

PROCESSES, THREADS, JOBS, ROUNDS = 4, 4, 1600, 3
WITHOUT = 0


def tallied(statement: str, parts: int) -> str:
    if parts == WITHOUT:
        return (
            statement[: statement.index("INSERT INTO tallies")] + "SELECT FROM ended) SELECT job_id FROM left_running"
        )
    return statement.replace(f"% {tallies.PARTS}", f"% {parts}")


def end_jobs(url: str, parts: int, jobs: int) -> None:
    """In one process, by its threads."""
    module = import_module("db.transitions.success")
    module.SUCCEED = text(tallied(str(module.SUCCEED), parts))  # type: ignore[attr-defined]
    trace, grades = star()
    engine = connect(url)

    def end_some(_: int) -> None:
        for _ in range(jobs // THREADS):
            job = transitions.claim(engine, MODEL, "bench")
            assert job is not None
            transitions.succeed(engine, job.lease, trace, grades, wall_seconds=1.0)

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(end_some, range(THREADS)))


def ends_per_s(url: str, parts: int) -> float:
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE experiments CASCADE"))
    running_experiment(engine, num_problems=JOBS)
    began = time.monotonic()
    workers = [multiprocessing.Process(target=end_jobs, args=(url, parts, JOBS // PROCESSES)) for _ in range(PROCESSES)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return JOBS / (time.monotonic() - began)


def main() -> None:
    with running("postgres") as stack:
        url = stack.info.database_url
        assert url is not None
        migrate(connect(url))
        rounds = [{parts: ends_per_s(url, parts) for parts in (WITHOUT, 1, tallies.PARTS)} for _ in range(ROUNDS)]
        for parts in (WITHOUT, 1, tallies.PARTS):
            each = [found[parts] for found in rounds]
            print(f"{parts:>3} parts: {statistics.median(each):6.1f} ends/s", [round(one, 1) for one in each])


if __name__ == "__main__":
    main()
