"""What we remember, table by table (SQLAlchemy 2). Rows only: transitions and queries hold the behaviour.

Closed sets are text with a CHECK, not PostgreSQL enums: a migration can then add and remove members in one
transaction. Every row hangs on its experiment and goes with it (ON DELETE CASCADE).
"""

import datetime as dt
import re
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import JsonValue
from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    DateTime,
    Double,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from db.status import AttemptOutcome, ExperimentStatus, JobStatus
from scaling.types import FinishReason, GraderName, Phase, StepKind, Unread, Verdict

JsonObject = dict[str, JsonValue]
JsonValues = list[JsonValue]

CONSTRAINT_NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}


def closed_set(members: type[StrEnum]) -> Enum:
    """Text that must be one of the members' values."""
    return Enum(
        members,
        native_enum=False,
        create_constraint=True,
        name=re.sub("(?<=[a-z])(?=[A-Z])", "_", members.__name__).lower(),
        length=32,
        values_callable=lambda chosen: [member.value for member in chosen],
    )


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=CONSTRAINT_NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        int: Integer,
        dt.datetime: DateTime(timezone=True),
        JsonObject: JSONB,
        JsonValues: JSONB,
        list[str]: ARRAY(Text),
        list[int]: ARRAY(Integer),
        list[float]: ARRAY(Double),
        **{members: closed_set(members) for members in (ExperimentStatus, JobStatus, AttemptOutcome)},
        **{members: closed_set(members) for members in (GraderName, Verdict, Unread, StepKind, Phase, FinishReason)},
    }


def owned_by(table: str, **options: Any) -> Mapped[int]:
    """A foreign key to `table.id` that goes when its owner goes."""
    return mapped_column(BigInteger, ForeignKey(f"{table}.id", ondelete="CASCADE"), **options)


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


class JobRow(Base):
    """One problem under one arm and repeat. `attempt` fences every write: only the latest attempt may write."""

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("arm_id", "problem_id", "repeat"),
        # Claiming (the oldest queued job of an experiment for a model, without a sort) and counting.
        Index("ix_jobs_line", "experiment_id", "status", "model", "id"),
        # Leases, and how many jobs of an owner run on a model.
        Index("ix_jobs_running", "model", "experiment_id", postgresql_where=text("status = 'running'")),
        Index("ix_jobs_problem_id", "problem_id"),
        {"postgresql_with": {"fillfactor": "70"}},  # heartbeats update in place
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    experiment_id: Mapped[int] = owned_by("experiments")
    arm_id: Mapped[int] = owned_by("arms")
    problem_id: Mapped[int] = owned_by("problems")
    repeat: Mapped[int]
    model: Mapped[str]
    status: Mapped[JobStatus] = mapped_column(server_default=text("'queued'"))
    attempt: Mapped[int] = mapped_column(server_default=text("0"))  # 0: never claimed
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    lost_leases: Mapped[int] = mapped_column(server_default=text("0"))
    not_before: Mapped[dt.datetime | None]  # None: at once
    worker: Mapped[str | None]
    heartbeat_at: Mapped[dt.datetime | None]
    error: Mapped[str | None]
    started_at: Mapped[dt.datetime | None]  # of the latest attempt
    finished_at: Mapped[dt.datetime | None]


class CountColumns:
    """The fields of `scaling.types.Counts`, as the engine reported them. No defaults: a count is known or NULL."""

    prompt_tokens: Mapped[int | None]  # None, here and below: not reported
    cached_tokens: Mapped[int | None]
    thinking_tokens: Mapped[int | None]
    forced_tokens: Mapped[int]
    answer_tokens: Mapped[int | None]
    generated_tokens: Mapped[int | None]
    verifier_tokens: Mapped[int | None]
    verifier_cached_tokens: Mapped[int | None]
    verifier_calls: Mapped[int]
    verifier_seconds: Mapped[float]
    seconds: Mapped[float]  # of requests at the server; they overlap
    queue_seconds: Mapped[float | None]  # of these, in the server's own queue; None, here and below: not told
    gate_seconds: Mapped[float | None]
    retry_seconds: Mapped[float | None]
    verifier_generated_tokens: Mapped[int | None]  # None: of before it was told apart, by a verifier of unknown kind


class WorkColumns:
    """The fields of `scaling.compute.work.Work`. None: not known, as of jobs that ended before it was counted."""

    chains: Mapped[int | None]
    longest_path: Mapped[int | None] = mapped_column(BigInteger)
    attended: Mapped[int | None] = mapped_column(BigInteger)
    kv_read: Mapped[int | None] = mapped_column(BigInteger)
    verifier_attended: Mapped[int | None] = mapped_column(BigInteger)
    verifier_kv_read: Mapped[int | None] = mapped_column(BigInteger)
    spared_tokens: Mapped[int | None] = mapped_column(BigInteger)
    spared_attended: Mapped[int | None] = mapped_column(BigInteger)
    verifier_spared_tokens: Mapped[int | None] = mapped_column(BigInteger)
    verifier_spared_attended: Mapped[int | None] = mapped_column(BigInteger)


class UnknownColumns:
    """The fields of `scaling.compute.spending.Unknown`: what was spent on top of the counts, at most."""

    unknown_requests: Mapped[int | None]  # None, here and below: of an attempt from before it was told
    unknown_prompt_tokens: Mapped[int | None]
    unknown_generated_tokens: Mapped[int | None]
    unknown_verifier_requests: Mapped[int | None]
    unknown_verifier_tokens: Mapped[int | None]


class AttemptRow(CountColumns, UnknownColumns, Base):
    """One try at a job. At any moment it has spent what is counted, or more, but no more than the unknown on top.

    What it spent is all that servers were paid for it: the trace that it left may hold less, by answers of no use.
    """

    __tablename__ = "attempts"
    __table_args__ = (
        Index("uq_attempts_succeeded", "job_id", unique=True, postgresql_where=text("outcome = 'succeeded'")),
    )

    job_id: Mapped[int] = owned_by("jobs", primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    worker: Mapped[str]
    started_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    outcome: Mapped[AttemptOutcome] = mapped_column(server_default=text("'running'"))
    error: Mapped[str | None]
    is_settled: Mapped[bool] = mapped_column(server_default=text("false"))  # its worker has said its last word
    provenances: Mapped[list[int]] = mapped_column(server_default=text("'{}'"))  # in order; two: a server was swapped


class ProvenanceRow(Base):
    """What attempts were made by, code and servers, each state of them once."""

    __tablename__ = "provenances"

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    facts: Mapped[JsonObject]
    first_seen_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class TraceRow(CountColumns, WorkColumns, Base):
    """What a job produced: totals and the answer that speaks for it. One per job, whatever happens."""

    __tablename__ = "traces"
    __table_args__ = (
        ForeignKeyConstraint(["job_id", "attempt"], ["attempts.job_id", "attempts.attempt"], ondelete="CASCADE"),
        CheckConstraint("num_candidates > 0", name="has_candidates"),
    )

    job_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    attempt: Mapped[int]
    verdict: Mapped[Verdict]  # of the chosen candidate
    right_if_read: Mapped[bool | None]  # of the chosen candidate's grade
    unread: Mapped[Unread | None]  # of that grade: why there is no answer to judge
    answer: Mapped[str | None]  # None: none could be read
    answer_key: Mapped[str | None]
    chosen_path: Mapped[str]
    is_tie: Mapped[bool]
    num_candidates: Mapped[int]
    waits: Mapped[int | None]  # really forced, in all candidates together; None: from before this was told
    cuts: Mapped[int | None]  # of its candidates' thoughts, by a limit; None as above
    unscored: Mapped[int | None]  # candidates that could vote, and have no score; None as above
    is_text_repaired: Mapped[bool]  # some text held NUL or lone surrogates, replaced by U+FFFD
    wall_seconds: Mapped[float]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class StepRow(Base):
    """A node of the trace, keyed by its path ("0.3.0"). Ids load only when asked for by name."""

    __tablename__ = "steps"

    job_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("traces.job_id", ondelete="CASCADE"), primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]  # in the trace, from 0
    kind: Mapped[StepKind]
    phase: Mapped[Phase]
    text: Mapped[str]
    ids: Mapped[list[int]] = mapped_column(deferred=True, deferred_raiseload=True)
    dropped_ids: Mapped[list[int]] = mapped_column(deferred=True, deferred_raiseload=True)
    prompt_tokens: Mapped[int | None]  # None, here and below: not reported
    cached_tokens: Mapped[int | None]
    generated_tokens: Mapped[int | None]
    forced_tokens: Mapped[int]
    verifier_tokens: Mapped[int | None]
    verifier_cached_tokens: Mapped[int | None]
    verifier_generated_tokens: Mapped[int | None]
    verifier_calls: Mapped[int]
    verifier_seconds: Mapped[float]
    requests: Mapped[int]
    seconds: Mapped[float]
    queue_seconds: Mapped[float | None]
    gate_seconds: Mapped[float | None]
    retry_seconds: Mapped[float | None]
    finish_reason: Mapped[FinishReason | None]
    kept: Mapped[bool]
    score: Mapped[float | None]


class CandidateRow(Base):
    """A leaf that answers."""

    __tablename__ = "candidates"
    __table_args__ = (Index("uq_candidates_chosen", "job_id", unique=True, postgresql_where=text("chosen")),)

    job_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("traces.job_id", ondelete="CASCADE"), primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    text: Mapped[str]
    answer: Mapped[str | None]
    key: Mapped[str | None]
    truncated: Mapped[bool]
    thinking_tokens: Mapped[int | None]  # None, here and below: not reported
    total_tokens: Mapped[int | None]
    score: Mapped[float | None]
    step_scores: Mapped[list[float]]  # the verifier's, in order; empty: none looked
    note: Mapped[str | None]  # which limit of the method it met
    chosen: Mapped[bool]


class GradeRow(Base):
    """One grader's verdict on one candidate, kept beside it: regrading never reruns a model."""

    __tablename__ = "grades"
    __table_args__ = (
        ForeignKeyConstraint(["job_id", "path"], ["candidates.job_id", "candidates.path"], ondelete="CASCADE"),
    )

    job_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    grader: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(primary_key=True)
    verdict: Mapped[Verdict]
    unread: Mapped[Unread | None]  # why it is neither correct nor wrong; None: it is, or nobody noted it
    right_if_read: Mapped[
        bool | None
    ]  # what stands of a truncated answer is correct; None: not truncated, or not known
    graded_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class RollupRow(Base):
    """What k of a job's candidates would have given, made when it ended (`statistics.rollup`). Regrading remakes it."""

    __tablename__ = "rollups"

    job_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("traces.job_id", ondelete="CASCADE"), primary_key=True)
    ks: Mapped[list[int]]
    pass_at_k: Mapped[list[float]]
    maj_at_k: Mapped[list[float]]
    best_of_k: Mapped[list[float] | None]  # None: no candidate was scored
    weighted_of_k: Mapped[list[float] | None]  # None: no candidate was scored
    weighted_error: Mapped[float]
    mean_final_score: Mapped[float | None]  # None: no verifier looked
    longest_of_k: Mapped[list[float] | None]  # tokens on the path of k chains; None: no chain of its own for each


class ModelRow(Base):
    """A model that some worker serves, as its server and the registry describe it."""

    __tablename__ = "models"

    name: Mapped[str] = mapped_column(primary_key=True)
    context_length: Mapped[int]
    parameters: Mapped[int | None] = mapped_column(BigInteger)  # None: not in the registry
    thinking: Mapped[JsonObject]
    served_as: Mapped[str]
    cost_facts: Mapped[JsonObject]  # `scaling.compute.model_facts.CostFacts`
    announced_at: Mapped[dt.datetime]
    facts: Mapped[JsonObject | None]  # what its server tells of itself; None: never asked
    remark: Mapped[str | None]  # what the worker that announced it found amiss


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
