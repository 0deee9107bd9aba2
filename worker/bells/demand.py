"""How many bells a model deserves: one for each job that waits and slot that is free, a few for each worker, less those
still unanswered. A worker that finds a job looks for more by itself.
"""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import Engine

from db import transitions
from db.queries.fleet import Worker, fleet
from db.transitions import Need
from worker.bells.ringing import Bells

BELLS_A_WORKER = 4
"""One would do, if each went to another worker."""


def free_slots(alive: Iterable[Worker], need: Need) -> int:
    """Slots of workers that serve what is needed and run nothing, a few of each worker's, which its models share."""
    return sum(min(BELLS_A_WORKER, max(0, each.slots - each.running)) for each in alive if serves(each, need))


def serves(worker: Worker, need: Need) -> bool:
    return need.model in worker.models and (need.verifier is None or need.verifier in worker.verifiers)


def ring_for_waiting(database: Engine, bells: Bells, alive_s: float) -> dict[str, int]:
    """Rings for what waits, model by model, and never piles bells up; returns how often it rang. Raises BellError."""
    rung: dict[str, int] = {}
    waiting = transitions.waiting_by_need(database)
    alive = fleet(database, alive_s).alive if waiting else ()
    startable: Counter[str] = Counter()
    for need, jobs in waiting.items():
        startable[need.model] += min(jobs, free_slots(alive, need))
    for model, jobs in startable.items():
        wanted = min(jobs, free_slots(alive, Need(model))) - bells.waiting_to_work(model)
        if wanted > 0:
            bells.ring_work(model, wanted)
            rung[model] = wanted
    return rung
