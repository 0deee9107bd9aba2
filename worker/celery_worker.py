"""`overthink worker`: a Celery worker in this process, from its first check to its last released job."""

import gc
import logging
import os
import signal
import warnings
from collections.abc import Sequence
from threading import Thread
from types import FrameType

from celery.apps.worker import Worker as CeleryWorker
from celery.exceptions import CPendingDeprecationWarning, SecurityWarning
from celery.signals import worker_ready
from celery.worker import state

from db.settings import Settings
from worker.bells.app import EXPAND, THREADS, scan_queue, work_queue
from worker.worker_process import GRACE_S, WorkerProcess

log = logging.getLogger(__name__)

AT_ONCE_EXIT_CODE = 130

GARBAGE_OF = 10_000
"""Objects made and not freed, before cycles are looked for. Requests in flight are so many that by default, 700, they
were gone through after every tenth request: 9 % of the time."""


def run_worker(settings: Settings, models: Sequence[str] | None = None) -> int:
    """Works until SIGTERM or SIGINT; a second signal ends the process at once. Returns the exit code.

    `models` None: all that the registry lists. Raises what keeps it from starting: DatabaseUnavailableError,
    BellError, RegistryError, MissingSettingError, EngineError.
    """
    process = WorkerProcess(settings, models)
    process.open()
    gc.freeze()  # what was imported lives for ever: looking through it again and again took a sixth of the time
    gc.set_threshold(GARBAGE_OF)
    try:
        return _answer_bells(process)
    finally:
        process.close()
        log.info("worker %s stopped", process.id)


def _answer_bells(process: WorkerProcess) -> int:
    warnings.simplefilter("ignore", CPendingDeprecationWarning)  # of a default that we set explicitly
    warnings.simplefilter("ignore", SecurityWarning)  # of pickle as root; bells are JSON
    worker = _Worker(
        process,
        hostname=f"overthink@{process.id}",
        queues=[
            EXPAND,
            *(work_queue(model) for model in process.models),
            *(scan_queue(model) for model in (None, *process.models)),
        ],
        concurrency=THREADS,
        pool="threads",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker_ready.connect(process.say_ready)
    worker.start()
    return 1 if process.is_broken else int(worker.exitcode or 0)


class _Worker(CeleryWorker):  # type: ignore[misc]
    """Celery's worker with our own signals: the first stops claiming and gives jobs back, the second ends it all."""

    def __init__(self, process: WorkerProcess, **options: object) -> None:
        self._process = process
        self._is_stopping = False
        super().__init__(app=process.app, **options)

    def setup_logging(self, colorize: bool | None = None) -> bool:
        """Logging is ours, and configured already."""
        return True

    def install_platform_tweaks(self, worker: CeleryWorker) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._is_stopping:
            os._exit(AT_ONCE_EXIT_CODE)
        self._is_stopping = True
        state.should_stop = 0
        Thread(target=self._process.runner.stop, args=(GRACE_S,), name="drain", daemon=True).start()
