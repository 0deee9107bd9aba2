"""Jobs, the attempts at them, and what these were made by."""

import datetime as dt

from sqlalchemy import BigInteger, ForeignKeyConstraint, Identity, Index, Integer, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import IDS_OF, Base, JsonObject, owned_by
from db.models.counts import CountColumns, UnknownColumns
from db.status import AttemptOutcome, JobStatus


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
        {  # heartbeats update in place; claims read past what is dead
            "postgresql_with": {
                "fillfactor": "70",
                "autovacuum_vacuum_scale_factor": "0.02",
                "autovacuum_analyze_scale_factor": "0.02",
            }
        },
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


class AttemptRow(CountColumns, UnknownColumns, Base):
    """One try at a job. At any moment it has spent what is counted, or more, but no more than the unknown on top.

    What it spent is all that servers were paid for it: the trace that it left may hold less, by answers of no use.
    """

    __tablename__ = "attempts"
    __table_args__ = (
        Index("uq_attempts_succeeded", "job_id", unique=True, postgresql_where=text("outcome = 'succeeded'")),
        {"postgresql_with": {"fillfactor": "50", "autovacuum_vacuum_scale_factor": "0.02"}},  # told of every second
    )

    job_id: Mapped[int] = owned_by("jobs", primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    worker: Mapped[str]
    started_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    outcome: Mapped[AttemptOutcome] = mapped_column(server_default=text("'running'"))
    error: Mapped[str | None]
    is_settled: Mapped[bool] = mapped_column(server_default=text("false"))  # its worker has said its last word
    provenances: Mapped[list[int]] = mapped_column(  # in order; two: a server was swapped
        server_default=text("'{}'"), info={IDS_OF: "provenances"}
    )


class JournalRow(Base):
    """What servers responded to a job that runs between two tellings, in order, kept so that a later attempt goes on
    behind it. Goes with the job's end."""

    __tablename__ = "journal"
    __table_args__ = (
        ForeignKeyConstraint(["job_id", "attempt"], ["attempts.job_id", "attempts.attempt"], ondelete="CASCADE"),
    )

    job_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)  # in the order of the tellings
    attempt: Mapped[int]
    keys: Mapped[list[bytes]]  # digests of what was asked
    paths: Mapped[list[str | None]]  # of the steps that each was made for; None: a verifier's
    responses: Mapped[list[bytes]]  # `scaling.journal.entries`
    cache_salt: Mapped[str | None]  # its prefixes' name in the server's cache; None: everybody's
    kept_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class ProvenanceRow(Base):
    """What attempts were made by, code and servers, each state of them once."""

    __tablename__ = "provenances"

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    facts: Mapped[JsonObject]
    first_seen_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
