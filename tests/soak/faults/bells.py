"""Bells that come twice, to the wrong place, or are none at all. They change nothing."""

from random import Random

from overthink.stack.vllm import SERVED_AS
from tests.soak.faults.fault import IsOver, lives
from tests.soak.world import WORKERS, World
from worker.bells.app import EXPAND, WORK, make_app, work_queue

OPEN = """
SELECT coalesce(array_agg(id), '{}') FROM experiments WHERE status IN ('queued', 'expanding', 'running', 'succeeded')
"""
MANY = 50
GARBAGE = (b"\x00not JSON", b"{}", b"[]")


def bells_doubled(world: World, dice: Random) -> IsOver:
    """Of experiments that are expanded long since, and many more for work than there is."""
    ids = world.ask_patiently(OPEN)
    expand = [(EXPAND, EXPAND, each) for each in ids for _ in range(2)]
    return _rung(world, [*expand, *[(WORK, work_queue(SERVED_AS), SERVED_AS)] * MANY])


def bells_astray(world: World, dice: Random) -> IsOver:
    """The right task in the other's queue; for a model and an experiment that nobody knows; of no known task."""
    queue = work_queue(SERVED_AS)
    strays = [
        (EXPAND, queue, max(world.ask_patiently(OPEN), default=1)),
        (WORK, EXPAND, SERVED_AS),
        (WORK, queue, "nobody's model"),
        (WORK, queue, None),
        (EXPAND, EXPAND, 10**12),
        (EXPAND, EXPAND, "not a number"),
        ("no such task", queue, 1),
    ]
    return _rung(world, strays)


def bells_garbled(world: World, dice: Random) -> IsOver:
    """Not even messages."""
    queue, is_over = dice.choice((EXPAND, work_queue(SERVED_AS))), lives(world, *WORKERS)
    with world.redis() as client:
        world.patiently(lambda: client.lpush(queue, *GARBAGE))
    return lambda: is_over() and is_answered(world, queue)


def _rung(world: World, bells: list[tuple[str, str, object]]) -> IsOver:
    is_over = lives(world, *WORKERS)
    with world.redis() as client, make_app(world.stack.environment["OVERTHINK_REDIS_URL"]) as app:
        world.patiently(client.ping)
        for task, queue, argument in bells:
            app.send_task(task, args=[argument], queue=queue)
    return lambda: is_over() and is_answered(world, EXPAND)


def is_answered(world: World, queue: str) -> bool:
    """Nothing is left in it: whoever has a thread free takes the next bell."""
    with world.redis() as client:
        return not client.llen(queue)
