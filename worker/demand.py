"""How many bells a model deserves: one for each job that waits and slot that is free, less those still unanswered."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import Engine

from db import transitions
from db.queries.fleet import Worker, workers
from db.transitions import Need
from worker.bells import Bells


def free_slots(fleet: Iterable[Worker], need: Need, alive_s: float) -> int:
    """Slots of living workers that serve what is needed and run nothing. A worker's slots are shared by its models."""
    serving = (worker for worker in fleet if serves(worker, need) and worker.silent_s < alive_s)
    return sum(max(0, worker.slots - worker.running) for worker in serving)


def serves(worker: Worker, need: Need) -> bool:
    return need.model in worker.models and (need.verifier is None or need.verifier in worker.verifiers)


def ring_for_waiting(database: Engine, bells: Bells, alive_s: float) -> dict[str, int]:
    """Rings for what waits, model by model, and never piles bells up; returns how often it rang. Raises BellError."""
    rung: dict[str, int] = {}
    waiting = transitions.waiting_by_need(database)
    fleet = workers(database) if waiting else ()
    startable: Counter[str] = Counter()
    for need, jobs in waiting.items():
        startable[need.model] += min(jobs, free_slots(fleet, need, alive_s))
    for model, jobs in startable.items():
        wanted = min(jobs, free_slots(fleet, Need(model), alive_s)) - bells.waiting_to_work(model)
        if wanted > 0:
            bells.ring_work(model, wanted)
            rung[model] = wanted
    return rung
