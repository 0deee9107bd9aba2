"""Processes that end, or stand still, unasked."""

import signal
from collections.abc import Callable
from random import Random

from tests.soak.faults.fault import IsOver, busy_worker, is_announced, lives, restarted
from tests.soak.meter import engine
from tests.soak.world import WORKERS, World


def worker_killed(world: World, dice: Random) -> IsOver:
    return _ended(world, busy_worker(world, dice), signal.SIGKILL)


def worker_terminated(world: World, dice: Random) -> IsOver:
    return _ended(world, busy_worker(world, dice), signal.SIGTERM)


def vllm_server_killed(world: World, dice: Random) -> IsOver:
    return _ended(world, "vllm", signal.SIGKILL, before=world.meter.end_life)


def vllm_engine_killed(world: World, dice: Random) -> IsOver:
    world.until(lambda: world.stack.part("vllm").has_served, "vllm has served for a while")
    world.meter.end_life()
    is_over, server = restarted(world, "vllm"), world.pid("vllm")
    victim = engine(world.stack)
    assert victim is not None, "it stands still"
    victim.kill()
    _until_gone(world, "vllm", server)
    return is_over


def reconciler_killed(world: World, dice: Random) -> IsOver:
    return _ended(world, "reconcile", signal.SIGKILL)


def reconciler_frozen(world: World, dice: Random) -> IsOver:
    """A worker dies meanwhile, and nobody takes its jobs back. The next one comes without a reconciler; but only that
    may know of work for it, if Redis has just forgotten its bells."""
    victim = busy_worker(world, dice)
    is_back, keeper = lives(world, "reconcile"), world.stack.part(victim)
    reconciler, starts = world.process("reconcile"), keeper.num_starts
    reconciler.send_signal(signal.SIGSTOP)
    try:
        works_again = _ended(world, victim, signal.SIGKILL)
        world.until(
            lambda: keeper.num_starts > starts and keeper.is_ready and is_announced(world, victim),
            f"{victim} is started again without a reconciler",
        )
    finally:
        reconciler.send_signal(signal.SIGCONT)
    return lambda: is_back() and works_again()


def dashboard_killed(world: World, dice: Random) -> IsOver:
    return _ended(world, "dashboard", signal.SIGKILL)


def redis_emptied(world: World, dice: Random) -> IsOver:
    is_over = lives(world, *WORKERS)
    with world.redis() as client:
        world.patiently(client.flushall)
    return is_over


def redis_restarted(world: World, dice: Random) -> IsOver:
    return _ended(world, "redis", signal.SIGKILL)


def postgres_killed(world: World, dice: Random) -> IsOver:
    return _ended(world, "postgres", signal.SIGKILL)


def postgres_restarted_fast(world: World, dice: Random) -> IsOver:
    return _ended(world, "postgres", signal.SIGINT)


def postgres_restarted_immediately(world: World, dice: Random) -> IsOver:
    return _ended(world, "postgres", signal.SIGQUIT)


def worker_frozen(world: World, dice: Random) -> IsOver:
    """It wakes when its jobs are others': what it still writes must change nothing, and it must be of use again."""
    victim = busy_worker(world, dice)
    process = world.process(victim)
    process.send_signal(signal.SIGSTOP)
    try:
        world.until(lambda: world.held_by(process.pid) == 0, f"the leases of {victim}, which stands still, are ended")
        world.until(lambda: not world.is_alive(process.pid), f"{victim}, which stands still, is taken for dead")
    finally:
        process.send_signal(signal.SIGCONT)
    return lives(world, victim)


def _ended(world: World, part: str, how: signal.Signals, before: Callable[[], None] = lambda: None) -> IsOver:
    """Once it has served for a while: what dies again and again before that is given up, as it should be."""
    world.until(lambda: world.stack.part(part).has_served, f"{part} has served for a while")
    before()
    is_over = restarted(world, part)
    process = world.process(part)
    process.send_signal(how)
    _until_gone(world, part, process.pid)
    return is_over


def _until_gone(world: World, part: str, pid: int) -> None:
    """Else another fault would take it for one that stays."""
    world.until(lambda: world.stack.part(part).pid != pid, f"{part} has ended")
