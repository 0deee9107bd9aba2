"""Scans of an experiment's traces, and what each found in each trace."""

import datetime as dt

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint, func, text
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
