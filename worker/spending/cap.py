"""Experiments that have spent their cap of tokens: whoever looks first stops them, workers each second."""

from sqlalchemy import Engine

from db import transitions
from db.status import ExperimentStatus
from worker.events import Closed
from worker.listeners import emit


def stop_at_cap(database: Engine) -> None:
    for experiment_id in transitions.stop_at_cap(database):
        emit(Closed(experiment_id, ExperimentStatus.CAPPED))
