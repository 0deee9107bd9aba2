"""Who serves what: workers and models."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from db.engine import reading
from db.models import JsonObject
from db.records import ServedModel, ServedVerifier
from db.rows import read
from scaling.abilities import Ability

WORKERS = text("""
SELECT workers.*, EXTRACT(epoch FROM now() - heartbeat_at) AS silent_s,
    EXTRACT(epoch FROM now() - vitals_at) AS vitals_age_s,
    (SELECT count(*) FROM jobs WHERE jobs.status = 'running' AND jobs.worker = workers.id) AS running
FROM workers
WHERE stopped_at IS NULL OR :with_stopped
ORDER BY started_at DESC, id
""")

BY_NAME = text("""
SELECT served.name, array_agg(workers.id) AS workers
FROM workers, unnest(models || verifiers) AS served (name)
WHERE stopped_at IS NULL AND heartbeat_at > now() - make_interval(secs => :alive_s)
GROUP BY served.name
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
    vitals: JsonObject | None = None
    """How it and its servers are (`worker.vitals`); None: it never told."""
    vitals_age_s: float | None = None


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
        tuple(read(Worker, row) for row in connection.execute(WORKERS, {"with_stopped": False})),
        tuple(served_model(row) for row in connection.execute(MODELS)),
        tuple(read(ServedVerifier, row) for row in connection.execute(VERIFIERS)),
    )


def workers(database: Engine, with_stopped: bool = False) -> tuple[Worker, ...]:
    """Workers that have not said goodbye, newest first. One that was killed shows by its `silent_s`."""
    with reading(database) as connection:
        return tuple(read(Worker, row) for row in connection.execute(WORKERS, {"with_stopped": with_stopped}))


def models(database: Engine) -> tuple[ServedModel, ...]:
    """Every model that a worker has ever announced, by name."""
    with reading(database) as connection:
        return tuple(served_model(row) for row in connection.execute(MODELS))


def verifiers(database: Engine) -> tuple[ServedVerifier, ...]:
    """Every verifier that a worker has ever announced, by name."""
    with reading(database) as connection:
        return tuple(read(ServedVerifier, row) for row in connection.execute(VERIFIERS))


def served_model(row: Row[Any]) -> ServedModel:
    """Abilities that a later version announced are not known here."""
    return read(ServedModel, row, abilities=frozenset(each for each in Ability if each in row.abilities))


def workers_by_name(database: Engine, alive_s: float) -> dict[str, frozenset[str]]:
    """The workers that are alive and serve each model and verifier."""
    with reading(database) as connection:
        return {row.name: frozenset(row.workers) for row in connection.execute(BY_NAME, {"alive_s": alive_s})}
