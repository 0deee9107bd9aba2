"""A worker or a reconciler with one more listener, which says each event that it counts: what a metric takes."""

import sys

from tests.integration import worker_process
from worker.events import Claimed, Closed, Ended, Expanded, Listener, Lost, RequestFailed
from worker.listeners import LISTENERS


class Meter(Listener):
    def claimed(self, event: Claimed) -> None:
        self._count("claimed")

    def ended(self, event: Ended) -> None:
        self._count(f"ended {event.outcome} {event.spent.generated_tokens}")

    def lost(self, event: Lost) -> None:
        self._count(f"lost {event.status}")

    def request_failed(self, event: RequestFailed) -> None:
        self._count(f"request failed {event.path}")

    def expanded(self, event: Expanded) -> None:
        self._count(f"expanded {event.num_jobs}")

    def closed(self, event: Closed) -> None:
        self._count(f"closed {event.status}")

    def _count(self, what: str) -> None:
        print(f"meter: {what}\n", end="", flush=True)  # in one write, since slots are threads


if __name__ == "__main__":
    LISTENERS.append(Meter())
    sys.exit(worker_process.main(sys.argv[1]))
