"""Who serves what: models, verifiers and workers."""

import datetime as dt

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, JsonObject


class ModelRow(Base):
    """A model that some worker serves, as its server and the registry describe it."""

    __tablename__ = "models"

    name: Mapped[str] = mapped_column(primary_key=True)
    context_length: Mapped[int]
    parameters: Mapped[int | None] = mapped_column(BigInteger)  # None: not in the registry
    thinking: Mapped[JsonObject]
    served_as: Mapped[str]
    engine: Mapped[str]  # the kind of its server, a name in `worker.engines.kinds.ENGINES`
    abilities: Mapped[list[str]]  # of that kind: `scaling.abilities.Ability`
    cost_facts: Mapped[JsonObject]  # `scaling.compute.model_facts.CostFacts`
    announced_at: Mapped[dt.datetime]
    facts: Mapped[JsonObject | None]  # what its server tells of itself; None: never asked
    remark: Mapped[str | None]  # what the worker that announced it found amiss
    base: Mapped[str | None]  # the model that it was trained from; None: not in the registry


class VerifierRow(Base):
    """A verifier that some worker serves, as its server and the registry describe it."""

    __tablename__ = "verifiers"

    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]  # of its format: token_prm, step_pooling_prm, outcome_rm
    scores_steps: Mapped[bool]
    context_length: Mapped[int]
    parameters: Mapped[int | None] = mapped_column(BigInteger)  # None: not in the registry
    served_as: Mapped[str]
    cost_facts: Mapped[JsonObject]  # `scaling.compute.model_facts.CostFacts`
    announced_at: Mapped[dt.datetime]
    facts: Mapped[JsonObject | None]  # what its server tells of itself; None: never asked


class WorkerRow(Base):
    """A worker process and its sign of life."""

    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(primary_key=True)  # host:pid:uuid
    hostname: Mapped[str]
    pid: Mapped[int]
    models: Mapped[list[str]]
    verifiers: Mapped[list[str]]
    slots: Mapped[int]
    started_at: Mapped[dt.datetime]
    heartbeat_at: Mapped[dt.datetime]
    stopped_at: Mapped[dt.datetime | None]
    vitals: Mapped[JsonObject | None]  # how it and its servers are, `worker.vitals.reporting`; None: never told
    vitals_at: Mapped[dt.datetime | None]
