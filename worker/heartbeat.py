"""A worker's heartbeat: one statement that renews all its leases, and learns which were lost.

Others renew what it expands and scans, in the rare moments when it does, and one counts who shares the servers.
"""

import logging
from collections.abc import Callable
from threading import Event, Thread

from sqlalchemy import Engine

from db import transitions
from worker.database_outage import DATABASE_AWAY, first_line
from worker.engines.sharing import Sharing
from worker.expansion import Expander
from worker.runner import Runner
from worker.scanning.scans import Scans

log = logging.getLogger(__name__)

RETRY_S = 1.0


class Heartbeat:
    """Beats in a thread of its own until it is stopped. While PostgreSQL is away it keeps trying, and jobs go on."""

    def __init__(
        self,
        database: Engine,
        worker: str,
        runner: Runner,
        expander: Expander,
        scans: Scans,
        sharing: Sharing,
        heartbeat_s: float,
        on_death: Callable[[], None],
    ) -> None:
        self._database = database
        self._on_death = on_death
        self._worker = worker
        self._runner = runner
        self._expander = expander
        self._scans = scans
        self._sharing = sharing
        self._heartbeat_s = heartbeat_s
        self._stopped = Event()
        self._thread = Thread(target=self._live_or_tell, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def beat(self) -> None:
        """Leases that are not ours any more were cancelled or taken back: their attempts stop."""
        leases = self._runner.leases
        self._runner.cancel(leases - transitions.heartbeat(self._database, self._worker, leases))
        if expanding := self._expander.expanding:
            transitions.renew_expansions(self._database, expanding)
        self._scans.renew(self._database)
        self._sharing.share()

    def _live_or_tell(self) -> None:
        """A worker without a heartbeat loses every job it runs: it must not go on in silence."""
        try:
            self._live()
        finally:
            if not self._stopped.is_set():
                self._on_death()

    def _live(self) -> None:
        is_away, pause_s = False, self._heartbeat_s
        while not self._stopped.wait(pause_s):
            try:
                self.beat()
            except DATABASE_AWAY as error:
                if not is_away:
                    log.warning("heartbeat: PostgreSQL is away (%s); jobs go on", first_line(error))
                is_away, pause_s = True, min(RETRY_S, self._heartbeat_s)
            else:
                if is_away:
                    log.warning("heartbeat: PostgreSQL is back")
                is_away, pause_s = False, self._heartbeat_s
