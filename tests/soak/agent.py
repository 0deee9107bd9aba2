"""The agent: draws faults, does them while jobs are in flight, and waits for what must hold afterwards."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import LiteralString

from tests.soak.audited import found_wrong
from tests.soak.faults import FAULTS
from tests.soak.faults.fault import IsOver, is_whole
from tests.soak.world import NotSoError, World

FEWEST_IN_FLIGHT = 4
"""Jobs that must run before something is broken."""
IN_FLIGHT: LiteralString = "SELECT count(*) FROM jobs WHERE status = 'running'"
SUCCEEDED: LiteralString = "SELECT count(*) FROM jobs WHERE status = 'succeeded'"
PAIRS = 1 / 3
"""How often, after the first round, a second fault comes before the first has been got over."""


@dataclass
class Injection:
    """One fault, once."""

    fault: str
    in_flight: int
    over_in_s: float = 0.0


@dataclass
class Agent:
    """`say` is told each fault when it has been got over, and what the audit finds."""

    world: World
    dice: Random
    say: Callable[[str], None]
    faults: list[str]
    injections: list[Injection] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def work(self, until: float) -> None:
        """Every fault once, in an order that the dice choose, and then more until the time (`monotonic`) has come."""
        for faults in self._draws(until):
            try:
                self._break(faults)
            except NotSoError as error:
                self.wrong.append(f"after {' and '.join(faults)}: {error}")
                return
            if self.wrong:
                return

    def _draws(self, until: float) -> Iterator[list[str]]:
        yield from ([each] for each in self.dice.sample(self.faults, len(self.faults)))
        while time.monotonic() < until:
            pair = self.dice.random() < PAIRS and len(self.faults) > 1
            yield self.dice.sample(self.faults, 2 if pair else 1)

    def _break(self, faults: list[str]) -> None:
        started, done = time.monotonic(), [self._inject(fault) for fault in faults]
        for injection, is_over in done:
            what = f"{injection.fault!r} is got over"
            self.world.until(is_over if len(faults) == 1 else lambda: is_whole(self.world), what)
        self._goes_on()
        for injection, _ in done:
            injection.over_in_s = time.monotonic() - started
            self.say(f"{injection.fault}: over in {injection.over_in_s:.1f} s")
            self.injections.append(injection)
        self.wrong += [f"after {' and '.join(faults)}: {each}" for each in found_wrong(self.world)]

    def _inject(self, fault: str) -> tuple[Injection, IsOver]:
        self.world.until(lambda: self.world.ask(IN_FLIGHT) >= FEWEST_IN_FLIGHT, "jobs run")
        injection = Injection(fault, self.world.ask_patiently(IN_FLIGHT))
        self.say(f"{fault}: {injection.in_flight} jobs in flight")
        return injection, FAULTS[fault](self.world, self.dice)

    def _goes_on(self) -> None:
        before = self.world.ask_patiently(SUCCEEDED)
        self.world.until(lambda: self.world.ask(SUCCEEDED) > before, "jobs end again")
        self.world.meet_processes()
