"""What a fault is, and what those of one kind have in common."""

from collections.abc import Callable
from random import Random

from tests.soak.world import WORKERS, World

PARTS = ("postgres", "redis", "vllm", "reconcile", "dashboard", *WORKERS)
IsOver = Callable[[], bool]
Fault = Callable[[World, Random], IsOver]


def restarted(world: World, part: str) -> IsOver:
    """To be called before the part is made to end: it was started again, and answers."""
    keeper = world.stack.part(part)
    starts = keeper.num_starts
    return lambda: keeper.num_starts > starts and keeper.is_ready and is_announced(world, part)


def is_announced(world: World, part: str) -> bool:
    """A worker is there when the database says so."""
    pid = world.stack.part(part).pid
    return part not in WORKERS or (pid is not None and world.is_alive(pid))


def is_whole(world: World) -> bool:
    """Every part answers. Of faults that overlap, where one may end what another would have spared."""
    return all(world.stack.part(part).is_ready and is_announced(world, part) for part in PARTS)


def lives(world: World, *parts: str) -> IsOver:
    """To be called before the fault: the same processes as now are there, and known to be."""
    pids = {part: world.pid(part) for part in parts}
    return lambda: all(world.stack.part(part).pid == pid and is_announced(world, part) for part, pid in pids.items())


def busy_worker(world: World, dice: Random) -> str:
    """One that runs jobs at this moment."""
    victim = dice.choice(WORKERS)
    world.until(lambda: world.held_by(world.pid(victim)) > 0, f"{victim} has work")
    return victim
