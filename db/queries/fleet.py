"""Who serves what: workers and models."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Row, text

from db.engine import reading
from db.records import ServedModel, ServedVerifier
from scaling.abilities import Ability
from scaling.compute.model_facts import CostFacts
from scaling.types import ThinkingFormat

WORKERS = text("""
SELECT workers.*, EXTRACT(epoch FROM now() - heartbeat_at) AS silent_s,
    (SELECT count(*) FROM jobs WHERE jobs.status = 'running' AND jobs.worker = workers.id) AS running
FROM workers
WHERE stopped_at IS NULL OR :with_stopped
ORDER BY started_at DESC, id
""")

MODELS = text("SELECT * FROM models ORDER BY name")
VERIFIERS = text("SELECT * FROM verifiers ORDER BY name")


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker process; `silent_s` is how long ago its last heartbeat was, by the database's clock."""

    id: str
    hostname: str
    pid: int
    models: tuple[str, ...]
    verifiers: tuple[str, ...]
    slots: int
    running: int
    silent_s: float
    started_at: dt.datetime
    heartbeat_at: dt.datetime
    stopped_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Fleet:
    """Who serves what, by the database's clock. A worker is alive until it has been silent for `alive_s`."""

    alive_s: float
    workers: tuple[Worker, ...]
    """All that have not said goodbye, newest first; one that was killed shows by its `silent_s`."""
    models: tuple[ServedModel, ...]
    """All that were ever announced; so too the verifiers."""
    verifiers: tuple[ServedVerifier, ...] = ()

    @property
    def alive(self) -> tuple[Worker, ...]:
        return tuple(worker for worker in self.workers if worker.silent_s < self.alive_s)

    @property
    def served(self) -> tuple[str, ...]:
        """The models that somebody alive serves."""
        return tuple(sorted({model for worker in self.alive for model in worker.models}))

    def num_workers(self, name: str) -> int:
        """How many that are alive serve the model or verifier."""
        return sum(name in (*worker.models, *worker.verifiers) for worker in self.alive)


def fleet(database: Engine, alive_s: float) -> Fleet:
    """A worker that was silent for `alive_s`, or longer, does not count as alive."""
    with reading(database) as connection:
        return read_fleet(connection, alive_s)


def read_fleet(connection: Connection, alive_s: float) -> Fleet:
    return Fleet(
        alive_s,
        tuple(worker(row) for row in connection.execute(WORKERS, {"with_stopped": False})),
        tuple(served_model(row) for row in connection.execute(MODELS)),
        tuple(served_verifier(row) for row in connection.execute(VERIFIERS)),
    )


def workers(database: Engine, with_stopped: bool = False) -> tuple[Worker, ...]:
    """Workers that have not said goodbye, newest first. One that was killed shows by its `silent_s`."""
    with reading(database) as connection:
        return tuple(worker(row) for row in connection.execute(WORKERS, {"with_stopped": with_stopped}))


def models(database: Engine) -> tuple[ServedModel, ...]:
    """Every model that a worker has ever announced, by name."""
    with reading(database) as connection:
        return tuple(served_model(row) for row in connection.execute(MODELS))


def verifiers(database: Engine) -> tuple[ServedVerifier, ...]:
    """Every verifier that a worker has ever announced, by name."""
    with reading(database) as connection:
        return tuple(served_verifier(row) for row in connection.execute(VERIFIERS))


def worker(row: Row[tuple[object, ...]]) -> Worker:
    return Worker(
        id=row.id,
        hostname=row.hostname,
        pid=row.pid,
        models=tuple(row.models),
        verifiers=tuple(row.verifiers),
        slots=row.slots,
        running=row.running,
        silent_s=float(row.silent_s),
        started_at=row.started_at,
        heartbeat_at=row.heartbeat_at,
        stopped_at=row.stopped_at,
    )


def served_model(row: Row[tuple[object, ...]]) -> ServedModel:
    return ServedModel(
        name=row.name,
        context_length=row.context_length,
        parameters=row.parameters,
        thinking=ThinkingFormat.model_validate(row.thinking),
        served_as=row.served_as,
        engine=row.engine,
        abilities=frozenset(ability for ability in Ability if ability in row.abilities),
        announced_at=row.announced_at,
        facts=row.facts,
        cost_facts=CostFacts.model_validate(row.cost_facts),
        remark=row.remark,
    )


def served_verifier(row: Row[tuple[object, ...]]) -> ServedVerifier:
    return ServedVerifier(**{**row._mapping, "cost_facts": CostFacts.model_validate(row.cost_facts)})
