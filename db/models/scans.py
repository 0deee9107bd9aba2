"""Scans of an experiment's traces, and what each found in each trace."""

import datetime as dt

from sqlalchemy import (
    ARRAY,
    REAL,
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, JsonObject, JsonValues, owned_by
from db.status import ScanStatus


class ScanRow(Base):
    """A scanner with its parameters over an experiment's traces. `attempt` fences every write: a claim raises it.

    What it spent is its own: no job's and no experiment's count holds any of it. It spent what is counted, or more, but
    no more than the unknown on top.
    """

    __tablename__ = "scans"
    __table_args__ = (
        UniqueConstraint("experiment_id", "digest"),
        Index("ix_scans_open", "status", postgresql_where=text("status IN ('queued', 'running')")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    experiment_id: Mapped[int] = owned_by("experiments")
    name: Mapped[str]
    scanner: Mapped[str]  # its name in SCANNERS
    params: Mapped[JsonObject]  # all its fields, its name among them
    version: Mapped[str]  # a hash of the scanner's rules: another version is another scan
    digest: Mapped[str]  # of scanner, parameters, version and `at_most`
    model: Mapped[str | None]  # that a judge is; None: a rule, which asks nobody
    made_by: Mapped[str | None]  # the model whose traces it looks at; None: all
    at_most: Mapped[int | None]  # traces, drawn from all; None: every one
    owner: Mapped[str]
    status: Mapped[ScanStatus] = mapped_column(server_default=text("'queued'"))
    error: Mapped[str | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    started_at: Mapped[dt.datetime | None]  # the first claim
    finished_at: Mapped[dt.datetime | None]
    attempt: Mapped[int] = mapped_column(server_default=text("0"))  # 0: never claimed
    lost_leases: Mapped[int] = mapped_column(server_default=text("0"))
    worker: Mapped[str | None]
    heartbeat_at: Mapped[dt.datetime | None]
    prompt_tokens: Mapped[int | None] = mapped_column(BigInteger, server_default=text("0"))  # None: not reported
    cached_tokens: Mapped[int | None] = mapped_column(BigInteger, server_default=text("0"))  # None as above
    generated_tokens: Mapped[int | None] = mapped_column(BigInteger, server_default=text("0"))  # None as above
    unknown_requests: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    unknown_prompt_tokens: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    unknown_generated_tokens: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))


class FindingRow(Base):
    """What a scan found in one trace (`scaling.scanners.scanner.Finding`); every trace that was looked at has one."""

    __tablename__ = "findings"
    __table_args__ = (Index("ix_findings_job_id", "job_id"),)

    scan_id: Mapped[int] = owned_by("scans", primary_key=True)
    job_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("traces.job_id", ondelete="CASCADE"), primary_key=True)
    chains: Mapped[int]  # of which something can be said
    hits: Mapped[int]  # of these
    value: Mapped[float | None]  # the mean of their numbers; None: nothing can be said of any
    is_chosen_hit: Mapped[bool | None]  # of the chain that speaks for the job; None: nothing can be said of it
    label: Mapped[str | None]  # a judge's
    why: Mapped[str | None]  # a judge's reason, or why nothing can be said
    places: Mapped[JsonValues]  # the first few: path, start, end, words, forced
    thinking_log_prob: Mapped[float | None]  # the mean over the model's own tokens; None, here and below: not asked for
    answer_log_prob: Mapped[float | None]


class StepLogProbsRow(Base):
    """What a model says of the tokens of one step, in their order: where each ends in the step's text, and how likely
    it was."""

    __tablename__ = "step_log_probs"
    __table_args__ = (
        ForeignKeyConstraint(["scan_id", "job_id"], ["findings.scan_id", "findings.job_id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["job_id", "path"], ["steps.job_id", "steps.path"], ondelete="CASCADE"),
        Index("ix_step_log_probs_job_id", "job_id"),
    )

    scan_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    job_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    ends: Mapped[list[int]]  # characters
    log_probs: Mapped[list[float | None]] = mapped_column(ARRAY(REAL))  # nats; None: nobody knows, as of a first one
