"""Who listens to the events of jobs and experiments, in this process. A new listener is a line here."""

import logging

from worker.events import Event, Listener
from worker.logs import Logs

log = logging.getLogger(__name__)

LISTENERS: list[Listener] = [Logs()]

_faulty: set[Listener] = set()


def emit(event: Event) -> None:
    """Tells every listener. What one of them raises harms neither the job nor the others, and is logged once."""
    for listener in LISTENERS:
        try:
            event.deliver(listener)
        except Exception:
            if listener not in _faulty:
                _faulty.add(listener)
                log.exception("%s failed at %s; its further failures are not logged", type(listener).__name__, event)
