"""The two Celery tasks. A task returns nothing and raises nothing that matters: PostgreSQL records what happened."""

import logging
from pathlib import Path

from celery import Celery
from sqlalchemy import Engine

from worker.app import EXPAND, WORK
from worker.bells import BellError, Bells
from worker.database_outage import DATABASE_AWAY, first_line
from worker.demand import ring_for_waiting
from worker.expansion import expand
from worker.registry import Registry
from worker.slots import Slots

log = logging.getLogger(__name__)


class Expander:
    """Expands experiments and rings for their jobs. Without PostgreSQL or Redis, the reconciler sees to it later."""

    def __init__(self, database: Engine, registry: Registry, data_dir: Path, bells: Bells, alive_s: float) -> None:
        self._database = database
        self._registry = registry
        self._data_dir = data_dir
        self._bells = bells
        self._alive_s = alive_s

    def expand(self, experiment_id: int) -> None:
        try:
            if expand(self._database, experiment_id, self._registry, self._data_dir):
                ring_for_waiting(self._database, self._bells, self._alive_s)
        except DATABASE_AWAY as error:
            log.warning("experiment %s: PostgreSQL is away (%s)", experiment_id, first_line(error))
        except BellError as error:
            log.warning("experiment %s: %s The reconciler will ring.", experiment_id, error)


def register(app: Celery, slots: Slots, expander: Expander) -> None:
    """Makes this process one that answers bells."""

    def answer_expand(experiment_id: int) -> None:
        expander.expand(experiment_id)

    def answer_work(model: str) -> None:
        slots.work(model)

    app.task(name=EXPAND)(answer_expand)
    app.task(name=WORK)(answer_work)
