"""Who is there: workers and models announce themselves; one reconciler at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, select, text, update
from sqlalchemy.dialects.postgresql import insert

from db.models import JsonObject, ModelRow, ProvenanceRow, VerifierRow, WorkerRow
from db.records import NewWorker, ServedModel, ServedVerifier

RECONCILER_LOCK = 0x0EC0  # any number, the same for every reconciler of a database

RETIRE = text("UPDATE workers SET stopped_at = now() WHERE id = :id AND stopped_at IS NULL")


def announce_worker(database: Engine, worker: NewWorker) -> None:
    """A worker begins. Announcing the same id again renews it."""
    values = {
        "hostname": worker.hostname,
        "pid": worker.pid,
        "models": list(worker.models),
        "verifiers": list(worker.verifiers),
        "slots": worker.slots,
    }
    alive = {**values, "heartbeat_at": text("now()"), "stopped_at": None}
    statement = insert(WorkerRow).values(id=worker.id, started_at=text("now()"), **alive)
    with database.begin() as connection:
        connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=alive))


def retire_worker(database: Engine, worker: str) -> None:
    """A worker has ended cleanly; its jobs were released before."""
    with database.begin() as connection:
        connection.execute(RETIRE, {"id": worker})


def tell_vitals(database: Engine, worker: str, vitals: JsonObject) -> None:
    """How a worker and its servers are now. For people: nothing is decided by it."""
    with database.begin() as connection:
        statement = update(WorkerRow).where(WorkerRow.id == worker)
        connection.execute(statement.values(vitals=vitals, vitals_at=text("now()")))


def announce_model(database: Engine, model: ServedModel) -> None:
    """A worker serves this model; the latest announcement counts."""
    values = {
        "context_length": model.context_length,
        "parameters": model.parameters,
        "thinking": model.thinking.model_dump(mode="json"),
        "served_as": model.served_as,
        "engine": model.engine,
        "abilities": sorted(model.abilities),
        "cost_facts": model.cost_facts.model_dump(mode="json"),
        "remark": model.remark,
        "announced_at": text("now()"),
        "facts": model.facts,
        "base": model.base,
    }
    statement = insert(ModelRow).values(name=model.name, **values)
    with database.begin() as connection:
        connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def announce_verifier(database: Engine, verifier: ServedVerifier) -> None:
    """A worker serves this verifier; the latest announcement counts."""
    values = {
        "kind": verifier.kind,
        "scores_steps": verifier.scores_steps,
        "context_length": verifier.context_length,
        "parameters": verifier.parameters,
        "served_as": verifier.served_as,
        "cost_facts": verifier.cost_facts.model_dump(mode="json"),
        "announced_at": text("now()"),
        "facts": verifier.facts,
    }
    statement = insert(VerifierRow).values(name=verifier.name, **values)
    with database.begin() as connection:
        connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def provenance_id(database: Engine, digest: str, facts: JsonObject) -> int:
    """The number under which these facts are kept; they are written at the first call with this digest."""
    known = select(ProvenanceRow.id).where(ProvenanceRow.digest == digest)
    statement = insert(ProvenanceRow).values(digest=digest, facts=facts)
    with database.begin() as connection:
        connection.execute(statement.on_conflict_do_nothing(index_elements=["digest"]))
        return int(connection.execute(known).scalar_one())


@contextmanager
def reconciling(database: Engine) -> Iterator[bool]:
    """True inside for one reconciler at a time, False for the others. Held until the block ends, or its process."""
    with database.begin() as connection:
        take = text("SELECT pg_try_advisory_xact_lock(:key)")
        yield bool(connection.execute(take, {"key": RECONCILER_LOCK}).scalar_one())
