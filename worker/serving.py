"""Everything that a worker asks over HTTP: an engine for each model, an adapter for each verifier, all checked.

A verifier of a registered model shares that model's connection, and so its limit on requests in flight.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from db.records import ServedModel, ServedVerifier
from worker.engines.connection import Connection
from worker.engines.vllm import VllmEngine
from worker.registry import ModelVerifierEntry, Registry, ServerEntry
from worker.verifiers.served import SharedVerifier, VerifierView, checked


@dataclass(frozen=True, slots=True)
class Serving:
    """What was connected, by the registry's names. `announced` and `judges` are what others are told of it."""

    engines: dict[str, VllmEngine] = field(default_factory=dict)
    announced: tuple[ServedModel, ...] = ()
    verifiers: dict[str, SharedVerifier] = field(default_factory=dict)
    judges: tuple[ServedVerifier, ...] = ()
    connections: tuple[Connection, ...] = ()

    def verifier(self, name: str | None, order: int) -> VerifierView | None:
        """The verifier as one job sees it; None if it asks none."""
        return None if name is None else VerifierView(name, self.verifiers[name], order)

    async def close(self) -> None:
        for connection in self.connections:
            await connection.close()


async def serve(registry: Registry, models: Sequence[str], *, timeout_s: float) -> Serving:
    """Connects to the servers of `models` and of all verifiers, and checks them. Raises the first EngineError."""
    servers = servers_of(registry, models)
    opening = (Connection.open(name, entry, timeout_s=timeout_s) for name, entry in servers.items())
    results = await asyncio.gather(*opening, return_exceptions=True)
    opened = {name: result for name, result in zip(servers, results, strict=True) if isinstance(result, Connection)}
    try:
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return await _checked(registry, models, opened)
    except BaseException:
        await asyncio.gather(*(connection.close() for connection in opened.values()))
        raise


def servers_of(registry: Registry, models: Sequence[str]) -> dict[str, ServerEntry]:
    """The server of each name: of the models, of those that verify with their own weights, and of other verifiers."""
    names = [*models, *(server_name(registry, name) for name in registry.verifiers)]
    return {name: registry.server(name) for name in dict.fromkeys(names)}


def server_name(registry: Registry, verifier: str) -> str:
    """Whose server a verifier asks: its model's, or its own."""
    entry = registry.verifier(verifier)
    return entry.model if isinstance(entry, ModelVerifierEntry) else verifier


async def _checked(registry: Registry, models: Sequence[str], opened: dict[str, Connection]) -> Serving:
    verifiers = {
        name: await checked(opened[server_name(registry, name)], entry.format, name)
        for name, entry in registry.verifiers.items()
    }
    return Serving(
        engines={name: VllmEngine(opened[name]) for name in models},
        announced=tuple(_served_model(registry, name, opened[name]) for name in models),
        verifiers=verifiers,
        judges=tuple(_served_verifier(registry, name, opened, each) for name, each in verifiers.items()),
        connections=tuple(opened.values()),
    )


def _served_model(registry: Registry, name: str, connection: Connection) -> ServedModel:
    entry, report = registry.model(name), connection.report
    return ServedModel(name, report.context_length, entry.parameters, entry.thinking, report.served_as)


def _served_verifier(
    registry: Registry, name: str, opened: dict[str, Connection], verifier: SharedVerifier
) -> ServedVerifier:
    server = server_name(registry, name)
    report = opened[server].report
    return ServedVerifier(
        name=name,
        kind=registry.verifier(name).format.kind,
        scores_steps=verifier.scores_steps,
        context_length=report.context_length,
        parameters=registry.server(server).parameters,
        served_as=report.served_as,
    )
