"""On whose behalf a server is asked: a job's place in the queue, what it is charged to, and its part of the cache."""

from dataclasses import dataclass, field, replace

from worker.spending.account import Account


@dataclass(frozen=True, slots=True)
class Caller:
    """The lower `order`, the sooner its requests are let through. By default nobody's job: a worker's own questions."""

    order: int = 0
    account: Account = field(default_factory=Account)
    cache_salt: str | None = None
    """What keeps its prefixes in the server's cache apart from those of others; None: the registry's."""
    is_verifying: bool = False

    @property
    def verifying(self) -> "Caller":
        """The same, for what it asks of a verifier."""
        return replace(self, is_verifying=True)
