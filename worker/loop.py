"""One asyncio loop in a thread of its own, shared by every job of a worker: this is where requests are in flight."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import Future
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


class LoopThread:
    """Runs coroutines handed over from other threads."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="requests", daemon=True)
        self._thread.start()

    def begin(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Blocks the calling thread until the coroutine has ended."""
        return self.begin(coroutine).result()

    def soon(self, callback: Callable[[T], None], argument: T) -> None:
        """Calls it on the loop, from another thread."""
        self._loop.call_soon_threadsafe(callback, argument)

    def cancel(self, tasks: Iterable[asyncio.Task[Any]]) -> None:
        """Cancels tasks of this loop from another thread, all at once: none takes what another gives up."""
        self.soon(_cancel_all, [*tasks])

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def _cancel_all(tasks: Iterable[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
