"""`python -m tests.soak MINUTES [--seed N]`: a table of faults, and a last line that says whether all was well."""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random

from db.engine import connect
from overthink.stack import Stack
from overthink.stack.home import Home
from tests.conftest import fresh_home
from tests.soak import table
from tests.soak.agent import Agent
from tests.soak.audited import Stored, bounds, found_wrong, stored
from tests.soak.clock import Clock
from tests.soak.faults import FAULTS
from tests.soak.faults.fault import is_whole
from tests.soak.links import Links
from tests.soak.machine import CHECKOUT, Ways, second_machine
from tests.soak.meter import Meter
from tests.soak.orphans import orphans
from tests.soak.work import NUM_JOBS, Work
from tests.soak.world import World

LEASE_TTL_S = 8.0
SETTINGS = {"LEASE_TTL_S": LEASE_TTL_S, "HEARTBEAT_S": 1, "RECONCILE_S": 1, "SLOTS": 16}
STARTED = time.monotonic()
KEPT = CHECKOUT / ".overthink" / "soak"
"""Where the logs of a soak stay that was not clean."""
OPEN = "SELECT count(*) FROM experiments WHERE finished_at IS NULL"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("minutes", type=float, help="how long faults are injected; each comes at least once")
    parser.add_argument("--seed", type=int, default=1, help="decides the order of the faults, and their victims")
    parser.add_argument(
        "--only", nargs="+", default=list(FAULTS), choices=list(FAULTS), metavar="FAULT", help="of these"
    )
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.environ |= {f"OVERTHINK_{name}": str(value) for name, value in SETTINGS.items()}
    say(f"seed {options.seed}, {options.minutes:g} minutes of faults")
    with fresh_home() as home:
        with a_world(home) as world:
            agent = Agent(world, Random(options.seed), say, options.only)
            counts = soaked(world, agent, options.minutes, options.seed)
        code = verdict(agent, counts, [str(each) for each in orphans(home, world.family)])
        if code:
            shutil.rmtree(KEPT, ignore_errors=True)
            shutil.copytree(Home(home).logs, KEPT)
    return code


def say(line: str) -> None:
    print(f"{time.monotonic() - STARTED:7.1f} s  {line}", flush=True)


@contextmanager
def a_world(home: Path) -> Iterator[World]:
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder, links, ways = Path(name), Links(), Ways()
        clock = Clock(folder)
        second = second_machine(folder, Home(home).logs, links, ways, clock)
        ways.stack = Stack(home, more=(second,), on_event=lambda event: say(f"  {event}"))
        try:
            with ways.stack as stack:
                database = connect(stack.environment["OVERTHINK_DATABASE_URL"], pool_size=2)
                yield World(stack, database, links, clock, Meter(stack), LEASE_TTL_S)
                database.dispose()
        finally:
            links.close()


def soaked(world: World, agent: Agent, minutes: float, seed: int) -> Stored:
    """Faults until the time is up, and then until every experiment has run out."""
    work, is_over = Work(world, world.database, seed), threading.Event()
    try:
        with ThreadPoolExecutor(1) as pool:
            working = pool.submit(work.keep_up, is_over)
            try:
                agent.work(time.monotonic() + minutes * 60)
            finally:
                is_over.set()
            working.result()
        say("no more faults; waiting for every experiment to end")
        world.until(lambda: world.ask(OPEN) == 0, "every experiment has ended")
        world.until(lambda: is_whole(world), "every part answers")
        agent.wrong += found_wrong(world)
        compare(world, agent)
    except Exception as error:  # whatever it is, the last line is printed
        traceback.print_exc()
        agent.wrong.append(f"{type(error).__name__}: {error}")
    return stored(world.url, work.accepted, NUM_JOBS)


def compare(world: World, agent: Agent) -> None:
    """What is counted, with what vLLM counted, if each of its lives was read to the end."""
    if not world.meter.knows_all_lives:
        agent.wrong.append("vLLM's server died besides, and took its counters with it")
        return
    for bound in bounds(world.url, world.meter.total()):
        say(str(bound))
        if not bound.holds:
            agent.wrong.append(f"out of bounds: {bound}")


def verdict(agent: Agent, counts: Stored, left: list[str]) -> int:
    print(*table.lines(agent.injections), *agent.wrong, *left, sep="\n")
    tail = f"{counts.lost} lost, {counts.doubled} doubled, {len(left)} orphans"
    print(f"{counts.jobs} jobs, {counts.traces} traces, {tail}", flush=True)
    return 1 if counts.lost or counts.doubled or left or agent.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
