r"""math-verify in processes that can be killed: it parses what a model wrote, and some of that makes it hang.

`verify(gold, answer)` is not symmetric: the reference comes first. Its own time-out works with SIGALRM, which fails off
the main thread, so it is switched off and the process is killed instead.
"""

import asyncio
import logging
import multiprocessing
import resource
from importlib.metadata import version
from threading import Lock

from pebble import ProcessExpired, ProcessPool

TIME_LIMIT_S = 10.0
MEMORY_LIMIT_BYTES = 4 << 30
"""Of address space. A tower of powers is a short answer and a large number."""

NAME = "math-verify"
VERSION = version("math-verify")


class UngradableError(Exception):
    """math-verify hung or crashed on this answer, or cannot read the reference."""


def judge(reference: str, answer: str) -> bool | None:
    """Whether the answer is equivalent to the reference; None if the reference cannot be read. Runs in the pool."""
    from math_verify import parse, verify

    gold = parse(_boxed(reference), parsing_timeout=None)
    if not gold:
        return None
    return bool(verify(gold, parse(_boxed(answer), parsing_timeout=None), timeout_seconds=None))


def _boxed(text: str) -> str:
    return f"$\\boxed{{{text}}}$"


def _prepare() -> None:
    """In a fresh process, before the time limit counts: bound its memory, and import SymPy (seconds)."""
    logging.disable(logging.WARNING)  # math-verify warns at each call that its time-outs are off
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    judge("1", "1")


class MathGrader:
    """At most `processes` of them, started when the first answer comes."""

    def __init__(self, processes: int = 2, time_limit_s: float = TIME_LIMIT_S) -> None:
        self._processes = processes
        self._time_limit_s = time_limit_s
        self._pool: ProcessPool | None = None
        self._starting = Lock()

    async def is_equivalent(self, reference: str, answer: str) -> bool:
        """Raises UngradableError."""
        try:
            told = await asyncio.wrap_future(
                self._started().schedule(judge, args=(reference, answer), timeout=self._time_limit_s)
            )
        except TimeoutError as error:
            raise UngradableError(f"{NAME} took longer than {self._time_limit_s:.0f} s and was killed") from error
        except ProcessExpired as error:
            raise UngradableError(f"{NAME} crashed with exit code {error.exitcode}") from error
        except (ArithmeticError, MemoryError, RecursionError) as error:
            raise UngradableError(f"{NAME} failed: {type(error).__name__}") from error
        if told is None:
            raise UngradableError(f"{NAME} cannot read the reference answer {reference[:200]!r}")
        return bool(told)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._pool = None

    def _started(self) -> ProcessPool:
        with self._starting:
            if self._pool is None:
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPool(self._processes, initializer=_prepare, context=context)
            return self._pool
