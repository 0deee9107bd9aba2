"""Runs claimed jobs: many at once on one loop, each waited for by a thread, all leases renewed by one heartbeat."""

import logging
from collections.abc import Callable, Iterable, Set
from math import ceil
from threading import Event
from time import monotonic
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import Engine

from db import queries, transitions
from db.errors import FencedOutError
from db.records import ClaimedJob, Lease
from db.status import AttemptOutcome, JobStatus
from scaling.compute.spending import Unknown
from scaling.journal.replay import Journal
from scaling.protocols import EngineAwayError, EngineError, UnfitVerifierError
from scaling.record import ContextOverflowError
from scaling.types import Counts
from worker.attempt import Attempt, Solved
from worker.database_outage import DATABASE_AWAY, patiently
from worker.engines.caller import Caller
from worker.engines.gate import Gate
from worker.events import Ended
from worker.graders.grading import Grading
from worker.listeners import emit
from worker.loop import LoopThread
from worker.provenance import Provenances
from worker.registry import Registry
from worker.running import Running
from worker.servers import Serving
from worker.spending.account import Account
from worker.spending.teller import Teller
from worker.together.endings import Endings

T = TypeVar("T")

log = logging.getLogger(__name__)

FIRST_RETRY_S = 5.0
LONGEST_RETRY_S = 300.0
LONGEST_AWAY_S = 3600.0
"""A server that says that it has no time is asked again then, whatever it says."""
AHEAD = 2
"""A job is claimed while fewer requests than the server may have in flight, and one more for each so many of them, are
asked or to come: what waits in the gate takes the turn of what ends."""

GIVE_BACK_S = 5.0
"""How long giving jobs back may take at the end; what is left then is found by its lease."""


def nothing() -> None: ...


def retry_in_s(attempt: int) -> float:
    """The pause before a job is tried again: 5, 10, 20 ... 300 s."""
    return min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(attempt - 1, 10))


class Runner:
    """The jobs of one worker process. `run` is called by many threads at once, and records whatever happens."""

    def __init__(
        self,
        database: Engine,
        loop: LoopThread,
        serving: Serving,
        registry: Registry,
        grading: Grading,
        pulse: Engine,
        provenances: Provenances | None = None,
    ) -> None:
        """`pulse` is a connection for what must not wait for the writing of results."""
        self._database = database
        self._loop = loop
        self._serving = serving
        self._registry = registry
        self._grading = grading
        self._provenances = provenances
        self._endings = Endings(database)
        self._running = Running()
        self._on_room: dict[str, Callable[[], None]] = {}
        self.stopping = Event()
        self.teller = Teller(pulse, lambda: self._running.by_lease, self.cancel)

    @property
    def leases(self) -> frozenset[Lease]:
        """Of the attempts that run."""
        return frozenset(self._running.by_lease)

    def watch(self, model: str, on_room: Callable[[], None]) -> None:
        """`on_room` is called, from any thread, when there may be room for another job of the model."""
        self._on_room[model] = on_room
        self.gate(model).on_thinning.append(on_room)

    def gate(self, model: str) -> Gate:
        """Of the model's server, which may serve others too."""
        return self._serving.engines[model].connection.gate

    def room(self, model: str) -> int:
        """How many requests more the model's server is to have, or to find waiting for it when one ends."""
        gate = self.gate(model)
        return gate.size + ceil(gate.size / AHEAD) - gate.load - self._running.requests_to_come(gate)

    def lowest_priority(self, model: str) -> int | None:
        """Of the jobs that run on the model's server; None if none does."""
        running, gate = (each.job for each in self._running.by_lease.values()), self.gate(model)
        return min((job.priority for job in running if self.gate(job.model) is gate), default=None)

    def run(self, job: ClaimedJob, on_begun: Callable[[], None] = nothing) -> None:
        """Runs a job to its end and stores how it ended. Raises nothing: the one broad except is here."""
        attempt: Attempt | None = None
        try:
            try:
                attempt = self._begin(job)
            finally:
                on_begun()
            solved = None if self._is_too_late(attempt) else self._loop.run(attempt.solve())
            self._on_room.get(job.model, nothing)()
            self._conclude(attempt, solved)
        except FencedOutError as error:
            self._lose(job, attempt, error)
        except (ContextOverflowError, UnfitVerifierError) as error:
            self._fail(job, attempt, str(error), is_retryable=False)
        except EngineAwayError as error:
            self._fail(job, attempt, str(error), is_retryable=True, away_s=max(FIRST_RETRY_S, error.for_s))
        except EngineError as error:  # a refusal too: a server that is going, or a proxy before one, may refuse all
            self._fail(job, attempt, str(error), is_retryable=True)
        except Exception as error:
            log.exception("job %s of experiment %s, attempt %s", job.job_id, job.experiment_id, job.attempt)
            self._fail(job, attempt, f"{type(error).__name__}: {error}", is_retryable=True)
        finally:
            if attempt is not None:
                self._running.end(attempt, self.gate(job.model))
            self._tell_provenance(job, attempt)

    def stop(self, grace_s: float) -> None:
        """No more jobs; what runs has `grace_s` to end by itself and is given back then."""
        self.stopping.set()
        deadline = monotonic() + grace_s
        while self._running.by_lease and monotonic() < deadline:
            Event().wait(0.05)
        deadline = monotonic() + GIVE_BACK_S
        while (running := self._running.by_lease) and monotonic() < deadline:
            for attempt in running.values():
                attempt.is_released = True
            self._cancel(running.values())
            Event().wait(0.1)

    def cancel(self, leases: Set[Lease]) -> None:
        """Stops attempts that no longer own their jobs. One that has ended by now is left alone."""
        running = self._running.by_lease
        self._cancel(running[lease] for lease in leases & running.keys())

    def _begin(self, job: ClaimedJob) -> Attempt:
        thinking = job.thinking or self._registry.model(job.model).thinking
        kept = self._kept(job)
        cache_salt = kept.cache_salt or uuid4().hex if job.sampling.cache == "job" else None
        caller = Caller(job.order, Account(self.teller.want), cache_salt)
        engine = self._serving.engines[job.model].for_job(caller)
        verifier = self._serving.verifier(job.verifier, caller)
        journal = Journal(kept.responses, cache_salt=cache_salt, seconds=kept.seconds)
        attempt = Attempt(
            job, engine, thinking, self._grading, caller.account, verifier, journal, made_by=kept.provenances
        )
        self._running.begin(attempt, self.gate(job.model))
        return attempt

    def _is_too_late(self, attempt: Attempt) -> bool:
        """It was claimed just before the worker was stopped, and is given back."""
        attempt.is_released = self.stopping.is_set()
        return attempt.is_released

    def _kept(self, job: ClaimedJob) -> queries.KeptJournal:
        if job.attempt == 1:
            return queries.NOTHING_KEPT
        return self._write(lambda: queries.kept_journal(self._database, job.job_id), job.lease)

    def _conclude(self, attempt: Attempt, solved: Solved | None) -> None:
        job, lease = attempt.job, attempt.job.lease
        spent, unknown = attempt.spending
        if solved is not None:
            shown = solved.trace, solved.grades, solved.wall_seconds
            ended = transitions.success(lease, *shown, spent, unknown, attempt.has_journal)
            self._write(lambda: self._endings.succeed(ended), lease)
            emit(Ended(job, AttemptOutcome.SUCCEEDED, spent, unknown))
        elif attempt.is_released:
            entries = attempt.journal.entries(attempt.journal.new)
            self._write(lambda: transitions.release(self._database, lease, spent, unknown, entries), lease)
            emit(Ended(job, AttemptOutcome.RELEASED, spent, unknown))
        else:
            self._settle(lease, spent, unknown)
            emit(Ended(job, AttemptOutcome.CANCELLED, spent, unknown))

    def _lose(self, job: ClaimedJob, attempt: Attempt | None, error: FencedOutError) -> None:
        spent, unknown = _spending(attempt)
        self._settle(job.lease, spent, unknown)
        emit(Ended(job, AttemptOutcome.LOST, spent, unknown, str(error)))

    def _settle(self, lease: Lease, spent: Counts, unknown: Unknown) -> None:
        """The job is another's by now, or nobody's; what it cost is told all the same."""
        try:
            self._write(lambda: transitions.settle_spending(self._database, lease, spent, unknown), lease)
        except DATABASE_AWAY as away:
            log.error("job %s: its last spending cannot be stored: %s; what was told before holds", lease.job_id, away)

    def _fail(
        self, job: ClaimedJob, attempt: Attempt | None, error: str, is_retryable: bool, away_s: float | None = None
    ) -> None:
        """`away_s`: the server is away, for so long at least."""
        spent, unknown = _spending(attempt)
        entries = attempt.journal.entries(attempt.journal.new) if attempt and is_retryable else ()
        pause_s = retry_in_s(job.attempt) if away_s is None else min(away_s, LONGEST_AWAY_S)
        try:
            status = self._write(
                lambda: transitions.fail_attempt(
                    self._database, job.lease, error, spent, is_retryable, pause_s, unknown, entries, away_s is None
                ),
                job.lease,
            )
        except FencedOutError as fenced_out:
            self._lose(job, attempt, fenced_out)
            return
        except DATABASE_AWAY as away:
            log.error("job %s: its failure (%s) cannot be stored: %s; its lease will end", job.job_id, error, away)
            return
        is_tried_again = status is JobStatus.QUEUED
        emit(Ended(job, AttemptOutcome.FAILED, spent, unknown, error, pause_s if is_tried_again else None))

    def _tell_provenance(self, job: ClaimedJob, attempt: Attempt | None) -> None:
        """Only where the attempt's servers, or those of attempts that it went on from, are not those that were known at
        its claim."""
        if self._provenances is None or job.provenance is None:
            return
        try:
            earlier = attempt.made_by if attempt else ()
            made_by = dict.fromkeys((*earlier, *self._provenances.of_attempt(job.model, job.provenance)))
            if [*made_by] != [job.provenance]:
                transitions.made_by(self._database, job.lease, [*made_by])
        except DATABASE_AWAY as away:
            log.warning("job %s: what it was made by cannot be stored: %s", job.job_id, away)

    def _write(self, write: Callable[[], T], lease: Lease) -> T:
        return patiently(write, f"job {lease.job_id}", stop=self.stopping)

    def _cancel(self, attempts: Iterable[Attempt]) -> None:
        self._loop.cancel(each.task for each in attempts if each.task is not None)


def _spending(attempt: Attempt | None) -> tuple[Counts, Unknown]:
    """Nothing of one that could not begin."""
    return attempt.spending if attempt else (Counts.of(()), Unknown())
