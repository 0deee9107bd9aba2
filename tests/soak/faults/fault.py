"""What a fault is, and what those of one kind have in common."""

import datetime as dt
from collections.abc import Callable
from random import Random

from tests.soak.world import WORKERS, World

PARTS = ("postgres", "redis", "vllm", "reconcile", "dashboard", *WORKERS)
IsOver = Callable[[], bool]
Fault = Callable[[World, Random], IsOver]


def restarted(world: World, part: str) -> IsOver:
    """To be called before the part is made to end: it was started again, and answers; a worker works."""
    keeper, since = world.stack.part(part), world.now()
    starts = keeper.num_starts
    return lambda: keeper.num_starts > starts and keeper.is_ready and is_announced(world, part, since)


def is_announced(world: World, part: str, since: dt.datetime | None = None) -> bool:
    """A worker is there when the database says so, and has ended a job that it began after `since`."""
    pid = world.stack.part(part).pid
    if part not in WORKERS:
        return True
    return pid is not None and world.is_alive(pid) and (since is None or world.has_worked(pid, since))


def is_whole(world: World) -> bool:
    """Every part answers. Of faults that overlap, where one may end what another would have spared."""
    keepers = {part: world.stack.part(part) for part in PARTS}
    return all(each.pid is not None and each.is_ready and is_announced(world, part) for part, each in keepers.items())


def lives(world: World, *parts: str) -> IsOver:
    """To be called before the fault: the same processes as now are there, and known to be; workers work."""
    pids, since = {part: world.pid(part) for part in parts}, world.now()
    return lambda: all(
        world.stack.part(part).pid == pid and is_announced(world, part, since) for part, pid in pids.items()
    )


def busy_worker(world: World, dice: Random) -> str:
    """One that runs jobs at this moment."""
    victim = dice.choice(WORKERS)
    world.until(lambda: world.held_by(world.process(victim).pid) > 0, f"{victim} has work")
    return victim
