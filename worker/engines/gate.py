"""A limit on requests in flight that lets the most urgent job go first, and the older of two that are as urgent."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import TypeAlias

Order: TypeAlias = tuple[int, ...]
"""The lowest goes first; () goes before all."""


class Gate:
    """At most `size` turns at once; who waits is let in by order (the lowest first), then by arrival.

    For one event loop: nothing here is locked.
    """

    def __init__(self, size: int) -> None:
        self._free = size
        self._arrivals = count()
        self._waiting: list[tuple[Order, int, asyncio.Future[None]]] = []

    @property
    def free(self) -> int:
        return self._free

    @asynccontextmanager
    async def turn(self, order: Order) -> AsyncIterator[None]:
        await self._enter(order)
        try:
            yield
        finally:
            self._leave()

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

    def _leave(self) -> None:
        while self._waiting:
            _, _, admitted = heapq.heappop(self._waiting)
            if not admitted.done():
                admitted.set_result(None)
                return
        self._free += 1
