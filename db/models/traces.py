"""What jobs produced: traces with their steps, candidates, grades and rollups."""

import datetime as dt

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base
from db.models.counts import CountColumns, WorkColumns
from scaling.types import FinishReason, Phase, StepKind, Unread, Verdict


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
