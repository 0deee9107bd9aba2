"""What a bell permits: to take jobs for as long as any wait, if a slot is free."""

import logging
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import BoundedSemaphore, Lock
from time import monotonic

from sqlalchemy import Engine

from db import transitions
from db.records import NO_FORMATS, ClaimedJob, Formats
from worker.database_outage import DATABASE_AWAY, first_line
from worker.engines.gate import Gate
from worker.events import Claimed
from worker.listeners import emit
from worker.provenance import Provenances
from worker.runner import Runner
from worker.together.turns import Together

log = logging.getLogger(__name__)

MOST_CLAIMS = 32
"""In one transaction."""

TURN_S = 10.0
"""A slot serves one model this long before it looks whether jobs wait for another of the worker's models."""


class Slots:
    """The slots of one worker, each a thread that waits for one job. There are more of them than jobs: a job is claimed
    only where its model's server has room for its requests, before the last one's end is stored; or where it is more
    urgent than another that runs, since its requests go first.

    A bell, or room where there was none, has one more slot look for a job; one that finds a job has another look. A
    slot that has a job's end behind it claims the next one itself: fetching a bell for every job, or for all slots at
    once every now and then, would leave the model servers idle meanwhile.
    """

    def __init__(
        self,
        database: Engine,
        worker: str,
        runner: Runner,
        models: Sequence[str],
        slots: int,
        verifiers: tuple[str, ...] = (),
        formats: Formats = NO_FORMATS,
        provenances: Provenances | None = None,
    ) -> None:
        self._database = database
        self._worker = worker
        self._runner = runner
        self._models = models
        self._verifiers = verifiers
        self._formats = formats
        self._provenances = provenances
        self._threads = ThreadPoolExecutor(slots, thread_name_prefix="slot")
        self._free = BoundedSemaphore(slots)
        self._counting = Lock()
        self._looking: Counter[Gate] = Counter()
        self._found_none: set[str] = set()
        self._claims: dict[str, Together[int | None, ClaimedJob | None]] = {
            model: Together(partial(self._claim_some, model), MOST_CLAIMS) for model in models
        }
        for model in models:
            runner.watch(model, partial(self.look, model))

    def work(self, model: str) -> None:
        """A bell: some job of the model may wait, and may be urgent."""
        self._found_none.discard(model)
        self._begin_slot(model)

    def look(self, model: str) -> None:
        """There may be room for another job of the model. Waits for nothing."""
        if model not in self._found_none and self._has_room(model):
            self._begin_slot(model)

    def _begin_slot(self, model: str) -> None:
        if not self._runner.stopping.is_set() and self._free.acquire(blocking=False):
            self._threads.submit(self._take_jobs, model).add_done_callback(self._on_ended)

    def close(self) -> None:
        """Waits until what runs has ended. Call it when the runner has stopped."""
        self._threads.shutdown()

    def _on_ended(self, slot: Future[None]) -> None:
        self._free.release()
        if (error := slot.exception()) is not None:
            log.error("a slot has ended by an error of ours; the next bell begins another", exc_info=error)

    def _take_jobs(self, model: str) -> None:
        """Runs jobs of this model, then of the worker's others in turn, until none waits or there is no room."""
        turns = deque(self._models)
        turns.rotate(-turns.index(model))
        idle_turns = 0
        while idle_turns < len(turns) and not self._runner.stopping.is_set():
            idle_turns = 0 if self._serve(turns[0]) else idle_turns + 1
            turns.rotate(-1)

    def _serve(self, model: str) -> int:
        """One turn: how many jobs of the model were run in it."""
        num_jobs, end = 0, monotonic() + TURN_S
        while monotonic() < end and not self._runner.stopping.is_set() and (job := self._claim_for_room(model)):
            self._runner.run(job, partial(self._unreserve, model))
            num_jobs += 1
        return num_jobs

    def _claim_for_room(self, model: str) -> ClaimedJob | None:
        """A job for which a place is reserved, until it has begun; then another slot looks for the next one."""
        has_room = self._reserve(model)
        above = None if has_room else self._runner.lowest_priority(model)
        job = None
        try:
            if has_room or above is not None:
                job = self._claim(model, above)
        finally:
            if job is None:
                self._unreserve(model)
        if job is not None:
            self._found_none.discard(model)
            self.look(model)
        elif has_room:
            self._found_none.add(model)
        return job

    def _has_room(self, model: str) -> bool:
        return self._runner.room(model) > self._looking[self._runner.gate(model)]

    def _reserve(self, model: str) -> bool:
        """A place, whether or not there is room."""
        with self._counting:
            has_room = self._has_room(model)
            self._looking[self._runner.gate(model)] += 1
            return has_room

    def _unreserve(self, model: str) -> None:
        with self._counting:
            self._looking[self._runner.gate(model)] -= 1

    def _claim(self, model: str, above: int | None) -> ClaimedJob | None:
        job = self._claims[model].ask(above)
        if job is not None:
            emit(Claimed(job, self._worker))
        return job

    def _claim_some(self, model: str, asked: Sequence[int | None]) -> list[ClaimedJob | None]:
        """One for each slot that asks now, and of its priority if it says one, as far as there are any."""
        found = {above: deque(self._claimed(model, asked.count(above), above)) for above in dict.fromkeys(asked)}
        return [found[above].popleft() if found[above] else None for above in asked]

    def _claimed(self, model: str, number: int, above: int | None) -> Sequence[ClaimedJob]:
        try:
            made_by = None if self._provenances is None else self._provenances.now(model)
            return transitions.claim_several(
                self._database,
                number,
                model,
                self._worker,
                self._verifiers,
                formats=self._formats,
                provenance=made_by,
                above=above,
            )
        except DATABASE_AWAY as error:
            log.debug("no job claimed: PostgreSQL is away (%s)", first_line(error))  # the heartbeat warns, once
            return ()
