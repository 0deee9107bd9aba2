"""Experiments, and what one is expanded to: arms and problems."""

import datetime as dt

from sqlalchemy import BigInteger, Identity, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, JsonObject, JsonValues, owned_by
from db.status import ExperimentStatus
from scaling.types import GraderName


class ExperimentRow(Base):
    """A named, owned spec and its lifecycle. `spec` is the scientific part and immutable."""

    __tablename__ = "experiments"
    __table_args__ = (
        UniqueConstraint("digest", "run"),
        Index("ix_experiments_created_at", text("created_at DESC")),
        Index("ix_experiments_name", "name"),
        Index(
            "ix_experiments_open",
            "status",
            postgresql_where=text("status IN ('queued', 'expanding', 'running', 'paused')"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str]
    owner: Mapped[str]
    spec: Mapped[JsonObject]
    spec_yaml: Mapped[str | None]  # as submitted; None: built in Python or a form
    digest: Mapped[str]
    run: Mapped[int] = mapped_column(server_default=text("0"))  # 0, then one more with each --again
    priority: Mapped[int] = mapped_column(server_default=text("0"))
    tags: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    notes: Mapped[str] = mapped_column(server_default=text("''"))
    status: Mapped[ExperimentStatus] = mapped_column(server_default=text("'queued'"))
    error: Mapped[str | None]
    models: Mapped[JsonObject | None]  # name → what was known of the model or verifier at expansion
    data_set_digest: Mapped[str | None]
    provenance: Mapped[JsonObject | None]  # code, graders and seeds, as they were at expansion; None: not told
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    expanding_since: Mapped[dt.datetime | None]
    expanded_at: Mapped[dt.datetime | None]
    started_at: Mapped[dt.datetime | None]  # the first claim
    finished_at: Mapped[dt.datetime | None]


class TallyRow(Base):
    """A part of what moves with every end of a job; its sum counts. See `db.transitions.tallies`."""

    __tablename__ = "tallies"
    __table_args__ = ({"postgresql_with": {"fillfactor": "50"}},)  # updated in place

    experiment_id: Mapped[int] = owned_by("experiments", primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    results_version: Mapped[int] = mapped_column(BigInteger)
    spent_tokens: Mapped[int] = mapped_column(BigInteger)  # generated, of all attempts, as far as they are counted


class ArmRow(Base):
    """One strategy with all its numbers fixed, on one model."""

    __tablename__ = "arms"
    __table_args__ = (
        UniqueConstraint("experiment_id", "position"),
        UniqueConstraint("experiment_id", "label"),
        # Claiming: the arms that a worker cannot run, because it serves no such verifier.
        Index(
            "ix_arms_verifier",
            "experiment_id",
            "model",
            "verifier",
            postgresql_where=text("verifier IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    experiment_id: Mapped[int] = owned_by("experiments")
    position: Mapped[int]
    label: Mapped[str]
    model: Mapped[str]
    strategy: Mapped[str]  # its name in STRATEGIES
    params: Mapped[JsonObject]  # the numbers, flat
    strategy_spec: Mapped[JsonObject]  # the whole strategy, as it is run
    verifier: Mapped[str | None]  # the verifier it asks; None: none
    sampling: Mapped[JsonObject] = mapped_column(server_default=text("'{}'"))  # what it has otherwise than the spec
    prompt: Mapped[JsonObject] = mapped_column(server_default=text("'{}'"))  # what it has otherwise than the spec


class ProblemRow(Base):
    """A question as this experiment asked it. Kept per experiment: what was asked never changes."""

    __tablename__ = "problems"
    __table_args__ = (UniqueConstraint("experiment_id", "position"), UniqueConstraint("experiment_id", "key"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    experiment_id: Mapped[int] = owned_by("experiments")
    position: Mapped[int]
    key: Mapped[str]  # the problem's id in its data set
    question: Mapped[str]
    answer: Mapped[str]
    grader: Mapped[GraderName]
    level: Mapped[str | None]
    subject: Mapped[str | None]
    options: Mapped[JsonValues | None]  # texts in the order of their letters; None: not a choice, or not known
