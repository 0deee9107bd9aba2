"""A worker or a reconciler as a process of its own, for tests that kill it: `python -m ...worker_process worker`."""

import signal
import sys
from threading import Event

from db.settings import settings
from worker.celery_worker import run_worker
from worker.logs import log_to_stderr
from worker.reconciler import run_reconciler


def main(part: str) -> int:
    log_to_stderr()
    if part == "worker":
        return run_worker(settings())
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    run_reconciler(settings(), stop)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
