"""Everything that a worker asks over HTTP: an engine for each model, an adapter for each verifier, all checked.

A verifier of a registered model shares that model's connection. Whatever one server serves shares its limit on requests
in flight.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from db.records import Formats, ServedModel, ServedVerifier
from worker.engines.caller import Caller
from worker.engines.connection import Facts, share_gates
from worker.engines.entry import ServerEntry
from worker.engines.kinds import ENGINES
from worker.engines.served import ServedEngine
from worker.registry import ModelVerifierEntry, Registry
from worker.verifiers.adapters import SharedVerifier, checked
from worker.verifiers.formats import VerifierFormat


@dataclass(frozen=True, slots=True)
class Serving:
    """What was connected, by the registry's names. `announced` and `judges` are what others are told of it.

    `servers` has what serves each model and each verifier; some share one.
    """

    engines: dict[str, ServedEngine] = field(default_factory=dict)
    announced: tuple[ServedModel, ...] = ()
    verifiers: dict[str, SharedVerifier] = field(default_factory=dict)
    judges: tuple[ServedVerifier, ...] = ()
    servers: dict[str, ServedEngine] = field(default_factory=dict)
    formats: dict[str, VerifierFormat] = field(default_factory=dict)

    def verifier(self, name: str | None, caller: Caller) -> SharedVerifier | None:
        """The verifier, asked by a job; None if it asks none."""
        return None if name is None else self.verifiers[name].for_job(caller)

    def facts(self, model: str) -> Facts:
        """What is known of the server of a model."""
        return self.servers[model].connection.facts

    def verifier_facts(self, name: str) -> Facts:
        """What is known of the server of a verifier, and the whole format that it is asked in."""
        return {**self.servers[name].connection.facts, "format": self.formats[name].model_dump(mode="json")}

    async def close(self) -> None:
        for connection in dict.fromkeys(server.connection for server in self.servers.values()):
            await connection.close()


async def serve(registry: Registry, models: Sequence[str], *, timeout_s: float) -> Serving:
    """Connects to the servers of `models` and of all verifiers, and checks them. Raises the first EngineError."""
    servers = servers_of(registry, models)
    opening = (ENGINES[entry.engine].connect(name, entry, timeout_s=timeout_s) for name, entry in servers.items())
    results = await asyncio.gather(*opening, return_exceptions=True)
    opened = {name: result for name, result in zip(servers, results, strict=True) if isinstance(result, ServedEngine)}
    try:
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return await _checked(registry, models, opened)
    except BaseException:
        await asyncio.gather(*(server.close() for server in opened.values()))
        raise


def servers_of(registry: Registry, models: Sequence[str]) -> dict[str, ServerEntry]:
    """The server of each name: of the models, of those that verify with their own weights, and of other verifiers."""
    names = [*models, *(server_name(registry, name) for name in registry.verifiers)]
    return {name: registry.server(name) for name in dict.fromkeys(names)}


def server_name(registry: Registry, verifier: str) -> str:
    """Whose server a verifier asks: its model's, or its own."""
    entry = registry.verifier(verifier)
    return entry.model if isinstance(entry, ModelVerifierEntry) else verifier


def formats_of(registry: Registry) -> Formats:
    """How the registry describes its models and verifiers."""
    return Formats(
        thinking={name: entry.thinking for name, entry in registry.models.items()},
        verifiers={name: entry.format.model_dump(mode="json") for name, entry in registry.verifiers.items()},
    )


async def _checked(registry: Registry, models: Sequence[str], opened: dict[str, ServedEngine]) -> Serving:
    share_gates(server.connection for server in opened.values())
    verifiers = {
        name: await checked(opened[server_name(registry, name)].connection, entry.format, name)
        for name, entry in registry.verifiers.items()
    }
    await asyncio.gather(*(server.connection.learn() for server in opened.values()))
    serving = Serving(
        engines={name: opened[name] for name in models},
        verifiers=verifiers,
        servers={
            **{name: opened[name] for name in models},
            **{name: opened[server_name(registry, name)] for name in verifiers},
        },
        formats={name: registry.verifier(name).format for name in verifiers},
    )
    return replace(
        serving,
        announced=tuple([await _served_model(registry, name, serving) for name in models]),
        judges=tuple(_served_verifier(registry, name, serving) for name in verifiers),
    )


async def _served_model(registry: Registry, name: str, serving: Serving) -> ServedModel:
    entry, engine = registry.model(name), serving.engines[name]
    return ServedModel(
        name=name,
        context_length=engine.context_length,
        parameters=entry.parameters,
        thinking=entry.thinking,
        served_as=engine.server.served_as,
        engine=entry.engine,
        abilities=engine.abilities,
        facts=serving.facts(name),
        remark=await engine.remark(entry.thinking),
        cost_facts=entry.cost_facts,
        base=entry.base,
    )


def _served_verifier(registry: Registry, name: str, serving: Serving) -> ServedVerifier:
    report = serving.servers[name].server
    return ServedVerifier(
        name=name,
        kind=serving.formats[name].kind,
        scores_steps=serving.verifiers[name].scores_steps,
        context_length=report.context_length,
        parameters=registry.server(server_name(registry, name)).parameters,
        served_as=report.served_as,
        facts=serving.verifier_facts(name),
        cost_facts=registry.server(server_name(registry, name)).cost_facts,
    )
