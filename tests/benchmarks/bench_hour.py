"""Whether the memory of every part stays flat while jobs go through for an hour.

One experiment after another, of chains and of votes, to a server that paces; the dashboard's pages of each are visited,
each visit in a session of its own. It prints what each part holds (PSS: a shared page is counted once), and at the end
how much that grew since the first sixth. Run it with `python -m tests.benchmarks.bench_hour [--minutes 60]`.
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from db.engine import connect
from tests.acceptance.service import Service
from tests.benchmarks.bench_jobs import CHAIN, FINISHED, PARTS, VOTES, submitted, value
from tests.benchmarks.page_visitor import free_port, visit
from tests.benchmarks.quick_service import quick_service
from tests.conftest import wait_until

JOBS = 400
"""Of an experiment."""
OURS = ("worker", "reconcile", "dashboard", "postgres", "redis")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    end_s = 60 * parser.parse_args().minutes
    with quick_service(cap=64, served={"delay_s": 1.0}) as service, dashboard(service) as port:
        database = connect(service.environment["OVERTHINK_DATABASE_URL"])
        started, told, jobs = time.monotonic(), list[tuple[float, Counter[str]]](), 0
        while not told or told[-1][0] < end_s:
            mine = submitted(service, database, VOTES if len(told) % 4 == 3 else CHAIN, JOBS)
            while not value(database, FINISHED, mine):
                time.sleep(1.0)
            jobs += JOBS
            look_at(port, mine)
            told.append((time.monotonic() - started, memory_mb()))
            print(f"{told[-1][0] / 60:5.1f} min, {jobs:,} jobs: " + said(told[-1][1]), flush=True)
        database.dispose()
    early = next(held for at, held in told if at >= end_s / 6)
    last = told[-1][1]
    print("grown since the first sixth, MB: " + said(Counter({part: last[part] - early[part] for part in OURS})))


@contextmanager
def dashboard(service: Service) -> Iterator[int]:
    port = free_port()
    part = service.start("dashboard", "--port", str(port), log="dashboard")
    try:
        wait_until(lambda: visited(port))
        yield port
    finally:
        part.terminate()
        part.wait()


def visited(port: int) -> bool:
    with suppress(OSError, RuntimeError):
        visit(port, "", {}, {})
        return True
    return False


def look_at(port: int, experiment_id: int) -> None:
    visit(port, "", {}, {})
    visit(port, "experiment", {"id": str(experiment_id)}, {})
    visit(port, "traces", {"experiment": str(experiment_id)}, {})


def memory_mb() -> Counter[str]:
    """Of each part of this service: the children of this process, and theirs."""
    found: Counter[str] = Counter()
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            line = " ".join(process.cmdline()) or process.name()
            part = next((part for name, part in {"dashboard": "dashboard", **PARTS}.items() if name in line), "other")
            found[part] += process.memory_full_info().pss / 2**20
    return found


def said(held: Counter[str]) -> str:
    return ", ".join(f"{part} {held[part]:.1f}" for part in OURS)


if __name__ == "__main__":
    main()
