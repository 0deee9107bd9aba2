"""Connections that break or stand still, and a clock that is wrong. The second machine's, where it matters whose."""

from random import Random

from tests.soak.faults.fault import IsOver, is_announced, lives
from tests.soak.machine import NAME as SECOND
from tests.soak.world import WORKERS, World

DAY_S = 86_400
OFFSETS_S = (-3600, 3600, 40 * DAY_S)
"""The last is beyond the time after which Redis's consumers take a message for lost."""

TERMINATE = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def connections_terminated(world: World, dice: Random) -> IsOver:
    """All of them to PostgreSQL, in whatever they were doing."""
    is_over = lives(world, *WORKERS, "reconcile")
    world.ask_patiently(TERMINATE)
    return is_over


def links_cut(world: World, dice: Random) -> IsOver:
    is_over = lives(world, SECOND)
    world.links.cut()
    return is_over


def links_stood_still(world: World, dice: Random) -> IsOver:
    """A partition that outlives the leases: what was on its way arrives when the jobs are others'."""
    pid = world.pid(SECOND)
    world.until(lambda: world.held_by(pid) > 0, f"{SECOND} has work")
    world.links.stand_still()
    try:
        world.until(lambda: world.held_by(pid) == 0, f"the leases of {SECOND}, which nobody hears of, are ended")
        world.until(lambda: not is_announced(world, SECOND), f"{SECOND}, which nobody hears of, is taken for dead")
    finally:
        world.links.go_on()
    return lives(world, SECOND)


def clock_moved(world: World, dice: Random) -> IsOver:
    """The second machine's; it stays wrong until it is moved again."""
    world.clock.move(dice.choice(OFFSETS_S))
    return lives(world, SECOND)
