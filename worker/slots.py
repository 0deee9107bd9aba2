"""What a bell permits: to take jobs for as long as any wait, if a slot is free."""

import logging
from collections import deque
from collections.abc import Sequence
from functools import partial
from threading import BoundedSemaphore
from time import monotonic

from sqlalchemy import Engine

from db import transitions
from db.records import NO_FORMATS, ClaimedJob, Formats
from worker.database_outage import DATABASE_AWAY, first_line
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
    """The slots of one worker. A bell that finds none free is dropped: every slot's end looks for more work.

    A slot that has a job's end behind it claims the next one itself: fetching a bell for every job, or for all slots at
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
        self._free = BoundedSemaphore(slots)
        self._claims: dict[str, Together[None, ClaimedJob | None]] = {
            model: Together(partial(self._claim_some, model), MOST_CLAIMS) for model in models
        }

    def work(self, model: str) -> int:
        """Runs jobs of this model, then of the worker's others in turn, until none waits; returns how many."""
        if not self._free.acquire(blocking=False):
            return 0
        try:
            return self._take_jobs(model)
        finally:
            self._free.release()

    def _take_jobs(self, model: str) -> int:
        turns = deque(self._models)
        turns.rotate(-turns.index(model))
        total, idle_turns = 0, 0
        while idle_turns < len(turns) and not self._runner.stopping.is_set():
            num_jobs = self._serve(turns[0])
            total, idle_turns = total + num_jobs, 0 if num_jobs else idle_turns + 1
            turns.rotate(-1)
        return total

    def _serve(self, model: str) -> int:
        """One turn: how many jobs of the model were run in it."""
        num_jobs, end = 0, monotonic() + TURN_S
        while monotonic() < end and not self._runner.stopping.is_set() and (job := self._claim(model)):
            self._runner.run(job)
            num_jobs += 1
        return num_jobs

    def _claim(self, model: str) -> ClaimedJob | None:
        job = self._claims[model].ask(None)
        if job is not None:
            emit(Claimed(job, self._worker))
        return job

    def _claim_some(self, model: str, asked: Sequence[None]) -> list[ClaimedJob | None]:
        """One for each slot that asks now, as far as there are any."""
        try:
            made_by = None if self._provenances is None else self._provenances.now(model)
            jobs = transitions.claim_several(
                self._database,
                len(asked),
                model,
                self._worker,
                self._verifiers,
                formats=self._formats,
                provenance=made_by,
            )
        except DATABASE_AWAY as error:
            log.debug("no job claimed: PostgreSQL is away (%s)", first_line(error))  # the heartbeat warns, once
            jobs = ()
        return [*jobs, *[None] * (len(asked) - len(jobs))]
