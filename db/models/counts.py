"""Columns that several tables have: what was counted, what work it was, what is not known."""

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column


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
