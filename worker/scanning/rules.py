"""Rules in a process of their own, which can be killed: a pattern may hang on what a model wrote, and a worker's loop
must not wait while texts are looked through."""

import multiprocessing
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from threading import Lock

from pebble import ProcessExpired, ProcessPool

from db.queries.scanning import ScannedTrace
from scaling.scanners import Rule
from scaling.scanners.scanner import Finding, scanned

MOST_UNTOLD = 20
"""Traces one after another of which nothing could be said: then no more are looked at, for it would go on like that."""
TIME_LIMIT_S = 600.0
"""Of a slice. A pattern gives up much earlier by itself: this ends what that does not."""


class BrokenScannerError(Exception):
    """The scanner hung or crashed. The message says where."""


class RuleProcess:
    """Started with the first slice."""

    def __init__(self) -> None:
        self._pool: ProcessPool | None = None
        self._starting = Lock()

    def find(self, rule: Rule, traces: Sequence[ScannedTrace]) -> dict[int, Finding]:
        """By job. Raises BrokenScannerError."""
        where = f"among the traces of jobs {traces[0].job_id} to {traces[-1].job_id}"
        try:
            return self._started().schedule(find, args=(rule, traces), timeout=TIME_LIMIT_S).result()
        except TimeoutError as error:
            raise BrokenScannerError(f"it took longer than {TIME_LIMIT_S:.0f} s {where} and was killed") from error
        except (ProcessExpired, BrokenProcessPool) as error:
            self.close()
            raise BrokenScannerError(f"its process crashed {where}: {error}") from error
        except (MemoryError, RecursionError) as error:
            raise BrokenScannerError(f"it failed {where}: {error or type(error).__name__}") from error

    def close(self) -> None:
        with self._starting:
            if self._pool is not None:
                self._pool.stop()  # type: ignore[no-untyped-call]
                self._pool.join()
                self._pool = None

    def _started(self) -> ProcessPool:
        with self._starting:
            if self._pool is None:
                self._pool = ProcessPool(1, context=multiprocessing.get_context("spawn"))
            return self._pool


def find(rule: Rule, traces: Sequence[ScannedTrace]) -> dict[int, Finding]:
    """Of the traces up to the last of MOST_UNTOLD that say nothing, if there are so many in a row."""
    found: dict[int, Finding] = {}
    in_a_row = 0
    for trace in traces:
        finding = found[trace.job_id] = scanned(rule, trace.chains)
        in_a_row = in_a_row + 1 if finding.says_nothing else 0
        if in_a_row == MOST_UNTOLD:
            break
    return found
