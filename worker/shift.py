"""What a bell permits: to take jobs of one model for a while, if a slot is free."""

import logging
from threading import BoundedSemaphore
from time import monotonic

from sqlalchemy import Engine

from db import transitions
from db.records import ClaimedJob
from worker.bells import BellError, Bells
from worker.outage import DATABASE_AWAY, first_line
from worker.runner import Runner

log = logging.getLogger(__name__)

SHIFT_S = 10.0
"""A slot serves a model this long before the next bell, of any model, has its turn. Fetching a bell for every short job
would cost more than claiming it."""


class Shifts:
    """The slots of one worker. A bell that finds none free is dropped: every slot's end looks for more work."""

    def __init__(
        self, database: Engine, worker: str, runner: Runner, bells: Bells, slots: int, verifiers: tuple[str, ...] = ()
    ) -> None:
        self._database = database
        self._worker = worker
        self._runner = runner
        self._bells = bells
        self._verifiers = verifiers
        self._free = BoundedSemaphore(slots)

    def work(self, model: str) -> int:
        """Runs jobs until none waits or the shift is over; returns how many. Then the bell is passed on."""
        if not self._free.acquire(blocking=False):
            return 0
        try:
            num_jobs, is_more = self._take_jobs(model)
        finally:
            self._free.release()
        if is_more:
            self._pass_on(model)
        return num_jobs

    def _take_jobs(self, model: str) -> tuple[int, bool]:
        num_jobs, end = 0, monotonic() + SHIFT_S
        while not self._runner.stopping.is_set() and monotonic() < end:
            job = self._claim(model)
            if job is None:
                return num_jobs, False
            self._runner.run(job)
            num_jobs += 1
        return num_jobs, True

    def _claim(self, model: str) -> ClaimedJob | None:
        try:
            return transitions.claim(self._database, model, self._worker, self._verifiers)
        except DATABASE_AWAY as error:
            log.debug("no job claimed: PostgreSQL is away (%s)", first_line(error))  # the heartbeat warns, once
            return None

    def _pass_on(self, model: str) -> None:
        try:
            self._bells.ring_work(model)
        except BellError as error:
            log.warning("%s The reconciler will ring.", error)
