"""One worker process: its engines, its loop, its slots and its heartbeat, put together and taken apart in order."""

import logging
import os
import signal
import socket
import uuid
from collections.abc import Sequence
from concurrent.futures import Future

from sqlalchemy import Engine

from db import transitions
from db.engine import check, connect
from db.records import NewWorker
from db.settings import MissingSettingError, Settings
from worker.bells import Bells
from worker.bells.app import EXPAND, SCAN, WORK, make_app
from worker.database_outage import DATABASE_AWAY
from worker.engines.sharing import Sharing
from worker.expansion import Expander
from worker.graders.grading import Grading
from worker.heartbeat import Heartbeat
from worker.loop import LoopThread
from worker.provenance import Provenances, build
from worker.registry import Registry
from worker.runner import Runner
from worker.scanning.scans import Scans
from worker.servers import formats_of, serve
from worker.slots import Slots
from worker.vitals.reporting import Reporting

log = logging.getLogger(__name__)

GRACE_S = 3.0
"""How long running jobs may take to end by themselves when the worker is stopped."""


class WorkerProcess:
    """A worker that is announced and answers bells as soon as its Celery app is started."""

    def __init__(self, settings: Settings, models: Sequence[str] | None = None) -> None:
        self._settings = settings
        self.registry = Registry.load(settings.models)
        self.models = tuple(models or self.registry.models)
        if not self.models:
            raise MissingSettingError("no models to serve: set OVERTHINK_MODELS to a registry that lists some")
        for name in self.models:
            self.registry.model(name)  # raises UnknownNameError with the nearest names
        self.id = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        redis_url, database_url = settings.require_redis_url(), settings.require_database_url()
        self.app = make_app(redis_url)
        self.bells = Bells(redis_url, self.app)
        lease_ttl_s = settings.lease_ttl_s
        self.database: Engine = connect(database_url, 8, most_idle_s=lease_ttl_s)  # short writes: all slots share them
        self._pulse: Engine = connect(database_url, 2, most_idle_s=lease_ttl_s)  # the heartbeat and the teller
        self.is_broken = False
        """The heartbeat or the teller died of an error of ours; the worker stops."""

    def open(self) -> None:
        """Checks everything this worker needs, then announces it. Raises what is missing, with the remedy."""
        check(self.database)
        self.bells.check()
        self._loop = LoopThread()
        timeout_s = self._settings.request_timeout_s
        self._serving = self._loop.run(serve(self.registry, self.models, timeout_s=timeout_s))
        self._grading = Grading()
        self._provenances = Provenances(self.database, self._serving, self._settings)
        self.runner = Runner(
            self.database, self._loop, self._serving, self.registry, self._grading, self._pulse, self._provenances
        )
        self._expander = Expander(
            self.database, self.registry, self._settings.data_dir, self.bells, self._settings.lease_ttl_s
        )
        self._scans = Scans(self.database, self.id, self.models, self._serving, self._loop, self.runner.stopping)
        self._sharing = Sharing(self._pulse, self._serving, self._loop, self._settings.lease_ttl_s)
        self._heartbeat = Heartbeat(
            self._pulse,
            self.id,
            self.runner,
            self._expander,
            self._scans,
            self._sharing,
            self._settings.heartbeat_s,
            self.break_down,
        )
        self._announce()
        self._sharing.share()
        self._heartbeat.start()
        self._telling = self._loop.begin(self.runner.teller.run())
        self._telling.add_done_callback(self._on_told_no_more)
        settings = self._settings
        reporting = Reporting(self.database, self.id, self._serving, build(settings), settings.heartbeat_s)
        self._reporting = self._loop.begin(reporting.run())
        self._reporting.add_done_callback(_say_if_it_died)
        self._answer_bells()

    def close(self) -> None:
        """Gives back what runs and says goodbye. The database may be away: leases and silence tell the rest."""
        self.runner.stop(GRACE_S)
        self._slots.close()
        self._scans.close()
        self._heartbeat.stop()
        self._telling.cancel()
        self._reporting.cancel()
        try:
            transitions.retire_worker(self.database, self.id)
        except DATABASE_AWAY:
            log.warning("worker %s: gone without a goodbye, PostgreSQL is away", self.id)
        self._loop.run(self._serving.close())
        self._loop.close()
        self._grading.close()
        self.bells.close()
        self._pulse.dispose()
        self.database.dispose()

    def say_ready(self, **_: object) -> None:
        """For Celery's signal `worker_ready`."""
        served = ", ".join((*self.models, *self._serving.verifiers))
        log.info("worker %s ready: %s slots for %s", self.id, self._settings.slots, served)

    def break_down(self, what: str = "heartbeat") -> None:
        """From any thread: stops the worker as SIGTERM would. Only once: at a second signal it gives nothing back."""
        log.critical("worker %s: the %s has died of an error; stopping", self.id, what)
        was_broken, self.is_broken = self.is_broken, True
        if not was_broken:
            os.kill(os.getpid(), signal.SIGTERM)

    def _on_told_no_more(self, telling: Future[None]) -> None:
        """Without the teller every request would wait for ever."""
        if not telling.cancelled() and (error := telling.exception()) is not None:
            log.error("what is spent can be told no more", exc_info=error)
            self.break_down("teller")

    def _answer_bells(self) -> None:
        settings = self._settings
        verifiers = tuple(self._serving.verifiers)
        formats = formats_of(self.registry)
        self._slots = Slots(
            self.database, self.id, self.runner, self.models, settings.slots, verifiers, formats, self._provenances
        )
        self.app.task(name=EXPAND)(self._expander.hear)
        self.app.task(name=WORK)(self._slots.work)
        self.app.task(name=SCAN)(self._scans.work)

    def _announce(self) -> None:
        for model in self._serving.announced:
            transitions.announce_model(self.database, model)
            version = self._serving.engines[model.name].server.version or "of unknown version"
            log.info("model %s: %s tokens of context, %s %s", model.name, model.context_length, model.engine, version)
            if model.remark:
                log.warning("model %s: %s", model.name, model.remark)
        for verifier in self._serving.judges:
            transitions.announce_verifier(self.database, verifier)
            log.info("verifier %s: %s, %s tokens of context", verifier.name, verifier.kind, verifier.context_length)
        names, slots = tuple(self._serving.verifiers), self._settings.slots
        transitions.announce_worker(
            self.database, NewWorker(self.id, socket.gethostname(), os.getpid(), self.models, slots, names)
        )


def _say_if_it_died(reporting: Future[None]) -> None:
    """Jobs go on: nothing is decided by what it tells."""
    if not reporting.cancelled() and (error := reporting.exception()) is not None:
        log.error("how this worker is can be told no more", exc_info=error)
