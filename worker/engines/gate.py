"""A limit on requests in flight that lets the most urgent job go first, and the older of two that are as urgent."""

import asyncio
import heapq
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import TypeAlias

Order: TypeAlias = tuple[int, ...]
"""The lowest goes first; () goes before all."""


class Gate:
    """At most `size` turns at once; who waits is let in by order (the lowest first), then by arrival.

    For one event loop: nothing here is locked. Other threads may read `load` and `idle`, and join and part.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.load = 0
        """Requests that are let in or wait."""
        self.on_thinning: list[Callable[[], None]] = []
        """Called when one has left and none waits."""
        self._askers: Counter[Order] = Counter()
        self._joined: set[Order] = set()
        self._idle: set[Order] = set()
        self._free = size
        self._arrivals = count()
        self._waiting: list[tuple[Order, int, asyncio.Future[None]]] = []

    @property
    def free(self) -> int:
        return self._free

    @asynccontextmanager
    async def turn(self, order: Order) -> AsyncIterator[None]:
        self._count(order, +1)
        try:
            await self._enter(order)
            try:
                yield
            finally:
                self._leave()
        finally:
            self._count(order, -1)
            if not self._waiting:
                for tell in self.on_thinning:
                    tell()

    def join(self, order: Order) -> None:
        """Somebody who will ask."""
        self._joined.add(order)
        self._idle.add(order)

    def part(self, order: Order) -> None:
        """Somebody who asks no more."""
        self._joined.discard(order)
        self._idle.discard(order)

    @property
    def idle(self) -> tuple[Order, ...]:
        """Those who joined and have no request that is let in or waits."""
        return tuple(self._idle)

    async def _enter(self, order: Order) -> None:
        if self._free > 0:
            self._free -= 1
            return
        admitted = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (order, next(self._arrivals), admitted))
        try:
            await admitted
        except asyncio.CancelledError:
            if admitted.done() and not admitted.cancelled():  # let in and cancelled in the same moment
                self._leave()
            raise

    def resize(self, size: int) -> None:
        """Those above a smaller size that are in stay until they leave."""
        self._free += size - self.size
        self.size = size
        while self._free > 0 and self._let_in():
            self._free -= 1

    def _leave(self) -> None:
        if self._free < 0 or not self._let_in():
            self._free += 1

    def _let_in(self) -> bool:
        """The next that still waits, if one does."""
        while self._waiting:
            _, _, admitted = heapq.heappop(self._waiting)
            if not admitted.done():
                admitted.set_result(None)
                return True
        return False

    def _count(self, order: Order, change: int) -> None:
        self.load += change
        self._askers[order] += change
        self._idle.discard(order)
        if not self._askers[order]:
            del self._askers[order]
            if order in self._joined:
                self._idle.add(order)
