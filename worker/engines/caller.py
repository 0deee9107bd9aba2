"""On whose behalf a server is asked: a job's place in the queue, what it is charged to, and its part of the cache."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from worker.engines.gate import Gate, Order
from worker.spending.account import Account, Charge, Size


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever comes first in `order` is let through first. By default nobody's job: a worker's own questions."""

    order: Order = ()
    account: Account = field(default_factory=Account)
    cache_salt: str | None = None
    """What keeps its prefixes in the server's cache apart from those of others; None: the registry's."""


@dataclass(frozen=True, slots=True)
class Passage:
    """How a request that costs something gets to the server: in its caller's turn, and charged to its caller."""

    gate: Gate
    caller: Caller
    size: Size

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Charge]:
        """Where the database was not told of it yet, the turn is another's until it is."""
        async with self.gate.turn(self.caller.order):
            charge = self.caller.account.begin_at_once(self.size)
            if charge is not None:
                with charge.sent():
                    yield charge
                return
        with await self.caller.account.begin(self.size) as charge:
            async with self.gate.turn(self.caller.order):
                yield charge.sent()
