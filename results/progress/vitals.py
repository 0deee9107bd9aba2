"""What workers told of themselves and their servers, as values. What was told by another version, or long ago, is not.

Requests in flight and before the gate are the workers' own and are summed; what a server measures is of everybody who
asks it, and counts once, whoever told it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from db.queries import Fleet, Worker
from scaling.types import total_if_known


@dataclass(frozen=True, slots=True)
class Build:
    """The worker's code."""

    overthink: str | None = None
    commit: str | None = None
    is_modified: bool | None = None
    python: str | None = None


@dataclass(frozen=True, slots=True)
class ServerMetrics:
    """As the server itself measures it. `cache_use` is the share of its cache of keys and values that is in use."""

    running: int | None = None
    waiting: int | None = None
    cache_use: float | None = None
    generated_tokens_per_s: float | None = None


@dataclass(frozen=True, slots=True)
class Server:
    """Of one worker's connection: its own requests, and what the server measures (None: it does not tell)."""

    names: tuple[str, ...]
    address: str
    in_flight: int
    limit: int
    at_gate: int
    metrics: ServerMetrics | None = None


@dataclass(frozen=True, slots=True)
class Gpu:
    name: str
    memory_used_mib: int | None = None
    memory_total_mib: int | None = None
    use: float | None = None


@dataclass(frozen=True, slots=True)
class Vitals:
    build: Build = field(default_factory=Build)
    servers: tuple[Server, ...] = ()
    gpus: tuple[Gpu, ...] | None = None
    """Of the worker's own machine; None: not told."""


VITALS = TypeAdapter(Vitals)


def vitals_of(worker: Worker, alive_s: float) -> Vitals | None:
    """None: it never told, or not lately."""
    if worker.vitals is None or worker.vitals_age_s is None or worker.vitals_age_s > alive_s:
        return None
    try:
        return VITALS.validate_python(worker.vitals)
    except ValidationError:
        return None


@dataclass(frozen=True, slots=True)
class Load:
    """On whatever serves one model or verifier, by all living workers. None: not told.

    `addresses`: of the servers, each of which may serve others too, that add to its load.
    """

    in_flight: int | None
    limit: int | None
    at_gate: int | None
    tokens_per_s: float | None
    cache_use: float | None
    addresses: frozenset[str] = frozenset()


def load_of(fleet: Fleet, name: str) -> Load:
    told = [vitals_of(worker, fleet.alive_s) for worker in fleet.alive]
    servers = [each for vitals in told if vitals for each in vitals.servers if name in each.names]
    if not servers:
        return Load(None, None, None, None, None)
    measured = list(_by_address(servers).values())
    uses = [each.cache_use for each in measured if each.cache_use is not None]
    rates = [each.generated_tokens_per_s for each in measured]
    return Load(
        sum(each.in_flight for each in servers),
        sum(each.limit for each in servers),
        sum(each.at_gate for each in servers),
        total_if_known(rates) if rates else None,
        max(uses, default=None),
        frozenset(each.address for each in servers),
    )


def _by_address(servers: list[Server]) -> Mapping[str, ServerMetrics]:
    return {each.address: each.metrics for each in servers if each.metrics is not None}
