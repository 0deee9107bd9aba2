"""On whose behalf a server is asked: a job's place in the queue, what it is charged to, and its part of the cache."""

from dataclasses import dataclass, field

from worker.engines.gate import Order
from worker.spending.account import Account


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever comes first in `order` is let through first. By default nobody's job: a worker's own questions."""

    order: Order = ()
    account: Account = field(default_factory=Account)
    cache_salt: str | None = None
    """What keeps its prefixes in the server's cache apart from those of others; None: the registry's."""
