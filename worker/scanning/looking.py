"""One claimed scan from its first slice to its end: read, look, tell; again and again.

A slice is told in one transaction, so that whoever goes on after a worker that died does none of it twice. What a
judge was asked for a slice that was not told is asked again, and its cost stays told as unknown.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from operator import attrgetter
from threading import Event
from typing import ClassVar, Generic, Protocol, TypeVar

from sqlalchemy import Engine

from db import transitions
from db.queries.scanning import Unscanned, traces_to_scan, unscanned
from db.status import ScanStatus
from db.transitions.scans import ClaimedScan
from scaling.scanners import Rule
from scaling.scanners.scanner import Finding
from worker.database_outage import patiently
from worker.loop import LoopThread
from worker.scanning.judging import Judged, Sized, bound_of
from worker.scanning.rules import MOST_UNTOLD, RuleProcess

Trace = TypeVar("Trace", contravariant=True)
Asked = TypeVar("Asked", bound=Sized)
MOST_TOKENS = 1_000_000
"""Generated for a slice's traces: what is held of their texts at once."""


class FruitlessScanError(Exception):
    """Nothing could be said of MOST_UNTOLD traces one after another. The message says why."""


class JudgeAwayError(Exception):
    """The judge's server did not answer for as long as anybody has patience. The message says what it was."""


class Looker(Protocol):
    """How a slice is looked at and told; one of at most `most_traces`."""

    most_traces: ClassVar[int]

    def look(self, scan: ClaimedScan, job_ids: Sequence[int]) -> Mapping[int, Finding]: ...


@dataclass(frozen=True)
class ByRule:
    """In a process of its own."""

    most_traces: ClassVar[int] = 500

    database: Engine
    process: RuleProcess
    rule: Rule

    def look(self, scan: ClaimedScan, job_ids: Sequence[int]) -> Mapping[int, Finding]:
        findings = self.process.find(self.rule, traces_to_scan(self.database, job_ids))
        transitions.store_findings(self.database, scan.lease, scan.experiment_id, findings)
        return findings


class Asking(Protocol[Trace, Asked]):
    """How a model is asked about traces; its methods run on the loop."""

    async def questions(self, traces: Sequence[Trace]) -> tuple[list[Asked], dict[int, Finding]]:
        """What is to be asked, and findings of what cannot be."""

    async def ask(self, questions: Sequence[Asked]) -> Judged: ...


@dataclass(frozen=True)
class ByModel(Generic[Trace, Asked]):
    """On the worker's loop, each slice's cost told before it is asked, and after. `read` gets what is asked about."""

    most_traces: ClassVar[int] = 32

    database: Engine
    loop: LoopThread
    asking: Asking[Trace, Asked]
    read: Callable[[Engine, Sequence[int]], Sequence[Trace]]

    def look(self, scan: ClaimedScan, job_ids: Sequence[int]) -> Mapping[int, Finding]:
        questions, refused = self.loop.run(self.asking.questions(self.read(self.database, job_ids)))
        bound = bound_of(questions)
        transitions.tell_asking(self.database, scan.lease, bound)
        judged = self.loop.run(self.asking.ask(questions))
        findings = {**refused, **judged.findings}
        patiently(
            lambda: transitions.store_findings(
                self.database, scan.lease, scan.experiment_id, findings, judged.spent, bound - judged.unknown
            ),
            f"scan {scan.id}",
        )
        if judged.unavailable:
            raise JudgeAwayError(judged.unavailable)
        return findings


def look_through(database: Engine, scan: ClaimedScan, looker: Looker, stopping: Event) -> ScanStatus:
    """All traces that are there and have no finding. QUEUED: the worker stops, and somebody else is to go on.

    Raises FencedOutError, FruitlessScanError, and what the looker raises.
    """
    untold = 0
    there = unscanned(database, scan.id, scan.experiment_id, scan.at_most, scan.made_by)
    for slice_ in slices(there, looker.most_traces):
        if stopping.is_set():
            return ScanStatus.QUEUED
        found = looker.look(scan, [each.job_id for each in slice_])
        untold = require_fruit(found, untold)
    return ScanStatus.SUCCEEDED


def slices(traces: Sequence[Unscanned], most_traces: int) -> Iterator[Sequence[Unscanned]]:
    """Of at most so many traces, and of MOST_TOKENS; a longer trace has one for itself."""
    start, tokens = 0, 0
    for number, trace in enumerate(traces):
        if number > start and (number - start == most_traces or tokens + trace.tokens > MOST_TOKENS):
            yield traces[start:number]
            start, tokens = number, 0
        tokens += trace.tokens
    if start < len(traces):
        yield traces[start:]


def require_fruit(found: Mapping[int, Finding], untold_before: int) -> int:
    """How many of the latest findings say nothing, one after another. Raises FruitlessScanError."""
    findings = [found[job_id] for job_id in sorted(found)]
    untold = sum(1 for _ in takewhile(attrgetter("says_nothing"), reversed(findings)))
    in_a_row = untold + untold_before if untold == len(findings) else untold
    if in_a_row >= MOST_UNTOLD:
        raise FruitlessScanError(
            f"of the last {in_a_row} traces nothing could be said: {findings[-1].why}. Mend the scanner and scan again"
        )
    return in_a_row
