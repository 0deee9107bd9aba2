"""How the jobs that end per second grow with the workers, while a server that paces has room for all of them.

Each request takes a time, however many there are, and the server may have so many in flight for each worker that work
for it: as where a team adds a GPU and a worker to it. What does not grow then is claimed, journalled and stored too
slowly. Run it with `python -m tests.benchmarks.bench_workers`.
"""

import argparse

from db.engine import connect
from tests.benchmarks.bench_jobs import CHAIN, run
from tests.benchmarks.quick_service import quick_service

IN_FLIGHT = 48
"""For each worker."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--request-s", type=float, default=2.0, help="how long the server takes for each")
    parser.add_argument("--turns", type=int, default=12, help="how often the flight is filled")
    arguments = parser.parse_args()
    rates = {}
    for workers in arguments.workers:
        cap = IN_FLIGHT * workers
        with quick_service(workers, cap, {"delay_s": arguments.request_s}) as service:
            database = connect(service.environment["OVERTHINK_DATABASE_URL"])
            run(service, database, CHAIN, cap)  # until each worker knows of the others
            rates[workers] = run(service, database, CHAIN, cap * arguments.turns)
            database.dispose()
        best = cap / arguments.request_s
        print(f"{workers} workers: {rates[workers]:.1f} of {best:.0f} jobs/s that the server could answer "
              f"({rates[workers] / best:.3f}), {rates[workers] / rates[arguments.workers[0]]:.2f} times those of "
              f"{arguments.workers[0]}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
