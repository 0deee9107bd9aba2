"""How many bells a model deserves: one for each job that waits and slot that is free, less those still unanswered."""

from collections.abc import Iterable

from sqlalchemy import Engine

from db import transitions
from db.queries.fleet import Worker, workers
from worker.bells import Bells


def free_slots(fleet: Iterable[Worker], model: str, alive_s: float) -> int:
    """Slots of living workers that serve the model and run nothing. A worker's slots are shared by its models."""
    serving = (worker for worker in fleet if model in worker.models and worker.silent_s < alive_s)
    return sum(max(0, worker.slots - worker.running) for worker in serving)


def ring_for_waiting(database: Engine, bells: Bells, alive_s: float) -> dict[str, int]:
    """Rings for what waits, model by model, and never piles bells up; returns how often it rang. Raises BellError."""
    rung: dict[str, int] = {}
    waiting = transitions.waiting_by_model(database)
    fleet = workers(database) if waiting else ()
    for model, jobs in waiting.items():
        wanted = min(jobs, free_slots(fleet, model, alive_s)) - bells.waiting_to_work(model)
        if wanted > 0:
            bells.ring_work(model, wanted)
            rung[model] = wanted
    return rung
