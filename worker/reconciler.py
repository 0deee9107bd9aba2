"""The reconciler: what nobody else is sure to do. One at a time, every few seconds.

Frees expired leases, rings for experiments to be expanded and for jobs and scans that wait, closes finished
experiments, and buries workers that fell silent. While it pauses it reads the words of new traces, so that they can be
searched for. It holds no state: killed and started anywhere, it goes on.
"""

import logging
import time
from threading import Event

from sqlalchemy import Engine

from db import transitions
from db.engine import check, connect
from db.queries.fleet import workers
from db.settings import Settings
from worker.bells import BellError, Bells
from worker.bells.demand import ring_for_waiting
from worker.database_outage import DATABASE_AWAY, first_line
from worker.events import Closed, Lost
from worker.listeners import emit
from worker.spending.cap import stop_at_cap

log = logging.getLogger(__name__)

LONGEST_PAUSE_S = 10.0
READING_SHARE, BUSY_READING_SHARE = 0.5, 0.05
"""Of each pause at most, while there is much to read; the latter where jobs run, whose ends are to wait for nobody."""


class Reconciler:
    """One process's reconciling; `turn` is one round, if no other reconciler is at it."""

    def __init__(self, database: Engine, bells: Bells, lease_ttl_s: float) -> None:
        self._database = database
        self._bells = bells
        self._lease_ttl_s = lease_ttl_s
        self._is_standing_by = False
        self._is_redis_away = False

    def turn(self, stop: Event, pause_s: float) -> None:
        """A round, and the pause after it, under the lock that makes this the only reconciler."""
        with transitions.reconciling(self._database) as is_ours:
            if is_ours:
                self.reconcile()
            self._tell_standing_by(not is_ours)
            ends_at = time.monotonic() + pause_s
            if is_ours:
                self._read_words(pause_s)
            stop.wait(max(0.0, ends_at - time.monotonic()))

    def reconcile(self) -> None:
        """Everything once. PostgreSQL's errors are the caller's; without Redis it does what needs no bells."""
        self._free_leases()
        stop_at_cap(self._database)
        for experiment_id, status in transitions.close_finished_experiments(self._database).items():
            emit(Closed(experiment_id, status))
        self._bury_workers()
        try:
            self._ring()
        except BellError as error:
            if not self._is_redis_away:
                log.warning("%s", error)
            self._is_redis_away = True
        else:
            if self._is_redis_away:
                log.warning("Redis is back")
            self._is_redis_away = False

    def _free_leases(self) -> None:
        for lost in transitions.free_expired_leases(self._database, self._lease_ttl_s):
            emit(Lost(lost.lease, lost.worker, lost.status))
        for scan_id, status in transitions.free_expired_scans(self._database, self._lease_ttl_s):
            log.warning("scan %s: lost with its worker; it is %s now", scan_id, status.value)

    def _bury_workers(self) -> None:
        for worker in workers(self._database):
            if worker.silent_s > self._lease_ttl_s and worker.running == 0:
                log.warning("worker %s has been silent for %.0f s and is taken for dead", worker.id, worker.silent_s)
                transitions.retire_worker(self._database, worker.id)

    def _ring(self) -> None:
        unexpanded = transitions.queued_experiments(self._database)
        for experiment_id in unexpanded[self._bells.waiting_to_expand() :]:
            self._bells.ring_expand(experiment_id)
        for model in transitions.waiting_scans(self._database):
            if not self._bells.waiting_to_scan(model):
                self._bells.ring_scan(model)
        ring_for_waiting(self._database, self._bells, self._lease_ttl_s)

    def _read_words(self, pause_s: float) -> None:
        is_busy = any(worker.running for worker in workers(self._database))
        transitions.read_words(self._database, pause_s * (BUSY_READING_SHARE if is_busy else READING_SHARE))

    def _tell_standing_by(self, is_standing_by: bool) -> None:
        if is_standing_by and not self._is_standing_by:
            log.warning("another reconciler is at work; standing by")
        if self._is_standing_by and not is_standing_by:
            log.warning("the other reconciler is gone; taking over")
        self._is_standing_by = is_standing_by


def run_reconciler(settings: Settings, stop: Event) -> None:
    """Reconciles until `stop` is set. Raises DatabaseUnavailableError only if PostgreSQL is away at the start."""
    most_idle_s = max(settings.lease_ttl_s, 3 * settings.reconcile_s)  # it holds its lock while it pauses
    database = connect(settings.require_database_url(), pool_size=2, most_idle_s=most_idle_s)
    check(database)
    bells = Bells(settings.require_redis_url())
    try:
        log.info("reconciler ready")
        _reconcile_for_ever(Reconciler(database, bells, settings.lease_ttl_s), settings.reconcile_s, stop)
    finally:
        bells.close()
        database.dispose()


def _reconcile_for_ever(reconciler: Reconciler, reconcile_s: float, stop: Event) -> None:
    pause_s = 0.0
    while not stop.wait(pause_s):
        try:
            reconciler.turn(stop, reconcile_s)
        except DATABASE_AWAY as error:
            pause_s = min(LONGEST_PAUSE_S, max(1.0, pause_s * 2))
            log.warning("PostgreSQL is away (%s); trying again in %.0f s", first_line(error), pause_s)
        else:
            pause_s = 0.0
