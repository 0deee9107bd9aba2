"""The attempts that run in one worker. Safe across threads: slots begin and end them, others look on."""

from collections.abc import Mapping
from threading import Lock

from db.records import Lease
from worker.attempt import Attempt
from worker.engines.gate import Gate, Order


class Running:
    def __init__(self) -> None:
        self._attempts: dict[Lease, Attempt] = {}
        self._places: dict[Order, Attempt] = {}
        self._changing = Lock()

    def begin(self, attempt: Attempt, gate: Gate) -> None:
        """`gate` is what its requests go through."""
        order = attempt.job.order
        with self._changing:
            self._attempts[attempt.job.lease] = self._places[order] = attempt
            gate.join(order)

    def end(self, attempt: Attempt, gate: Gate) -> None:
        """Another attempt at the same job may run here, if this one was taken for dead."""
        order = attempt.job.order
        with self._changing:
            del self._attempts[attempt.job.lease]
            if self._places[order] is attempt:
                del self._places[order]
                gate.part(order)

    @property
    def by_lease(self) -> Mapping[Lease, Attempt]:
        """As of now."""
        with self._changing:
            return dict(self._attempts)

    def requests_to_come(self, gate: Gate) -> int:
        """Of those that ask nothing at the moment."""
        idle = [self._places.get(order) for order in gate.idle]
        return sum(each.requests_to_come for each in idle if each is not None)
