r"""Mathematics in processes that can be killed: the library reads what a model wrote, and some of that makes it hang.

Its own time-out works with SIGALRM, which fails off the main thread, so the process is killed instead. What was asked
once is remembered, for candidates of a problem repeat one another.
"""

import asyncio
import multiprocessing
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from concurrent.futures.process import BrokenProcessPool
from threading import Lock
from typing import Generic, TypeVar

from pebble import ProcessExpired, ProcessPool

from worker.graders import judging
from worker.graders.judging import GivenUpError

T = TypeVar("T")

TIME_LIMIT_S = 10.0
MOST_REMEMBERED = 20_000
NAME = "math-verify"
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")


_CLOSE = 1e-4
"""Answers that are one differ by less of their size: a decimal stands for an exact number from six digits on."""


class UngradableError(Exception):
    """The library hung, crashed or failed on this answer."""


class Memory(Generic[T]):
    """The latest MOST_REMEMBERED results, failures among them: what hung once is not asked again."""

    def __init__(self) -> None:
        self._results: OrderedDict[tuple[str, ...], T | UngradableError] = OrderedDict()

    async def of(self, asked: tuple[str, ...], work: Callable[[], Awaitable[T]]) -> T:
        if asked not in self._results:
            try:
                told: T | UngradableError = await work()
            except UngradableError as error:
                told = error
            self._results[asked] = told
            while len(self._results) > MOST_REMEMBERED:
                self._results.popitem(last=False)
        told = self._results[asked]
        if isinstance(told, UngradableError):
            raise told
        return told


def apart(first: complex | None, second: complex | None) -> bool:
    """Whether two amounts are known, and not those of one answer."""
    return first is not None and second is not None and abs(first - second) > _CLOSE * max(abs(first), abs(second))


class MathGrader:
    """At most `processes` of them, started when the first answer comes. Safe across threads."""

    def __init__(self, processes: int = 2, time_limit_s: float = TIME_LIMIT_S) -> None:
        self._processes = processes
        self._time_limit_s = time_limit_s
        self._pool: ProcessPool | None = None
        self._starting = Lock()
        self._keys = Memory[str | None]()
        self._amounts = Memory[complex | None]()
        self._compared = Memory[bool | None]()
        self._judged = Memory[bool | None]()

    async def read(self, answer: str) -> str | None:
        """The answer's key; None if it is nothing that can be read in one way only. Raises UngradableError."""
        if _WHOLE.fullmatch(answer) and answer != "-0":
            return answer
        return await self._keys.of((answer,), lambda: self._run(judging.read, answer))

    async def same(self, first: str, second: str) -> bool | None:
        """Whether both are one answer; None: in doubt. Symmetric. Raises UngradableError."""
        if first == second:
            return True
        if _WHOLE.fullmatch(first) and _WHOLE.fullmatch(second):
            return False
        if apart(await self._amount(first), await self._amount(second)):
            return False
        pair = (first, second) if first < second else (second, first)
        return await self._compared.of(pair, lambda: self._run(judging.compare, *pair))

    async def judge(self, reference: str, answer: str) -> bool | None:
        """Whether the answer is right; None: in doubt. Raises UngradableError."""
        if _WHOLE.fullmatch(reference) and _WHOLE.fullmatch(answer):
            return reference == answer
        return await self._judged.of((reference, answer), lambda: self._run(judging.judge, reference, answer))

    async def _amount(self, answer: str) -> complex | None:
        try:
            return await self._amounts.of((answer,), lambda: self._run(judging.amount, answer))
        except UngradableError:
            return None

    async def _run(self, judge: Callable[..., T], *answers: str) -> T:
        try:
            return await asyncio.wrap_future(self._started().schedule(judge, args=answers, timeout=self._time_limit_s))
        except TimeoutError as error:
            raise UngradableError(f"{NAME} took longer than {self._time_limit_s:.0f} s and was killed") from error
        except ProcessExpired as error:
            raise UngradableError(f"{NAME} crashed with exit code {error.exitcode}") from error
        except BrokenProcessPool as error:
            self.close()
            raise UngradableError(f"{NAME}'s processes cannot be started: {error}") from error
        except (GivenUpError, MemoryError, RecursionError) as error:
            raise UngradableError(f"{NAME} failed: {error or type(error).__name__}") from error

    def close(self) -> None:
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._pool = None

    def _started(self) -> ProcessPool:
        with self._starting:
            if self._pool is None:
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPool(self._processes, initializer=judging.prepare, context=context)
            return self._pool
