"""What the texts of traces are searched by. Found again from the texts at any time: archives have none of it."""

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import DERIVED, Base, owned_by


class TraceWordsRow(Base):
    """Which words stand in a trace's steps, those of its prompt left out. See `db.search.words`."""

    __tablename__ = "trace_words"
    __table_args__ = (Index("ix_trace_words_words", "words", postgresql_using="gin"), {"info": {DERIVED: True}})

    job_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("traces.job_id", ondelete="CASCADE"), primary_key=True)
    words: Mapped[str] = mapped_column(TSVECTOR)


class WordsReadRow(Base):
    """Up to which version of its results the words of all traces of an experiment are known."""

    __tablename__ = "words_read"
    __table_args__ = ({"info": {DERIVED: True}},)

    experiment_id: Mapped[int] = owned_by("experiments", primary_key=True)
    results_version: Mapped[int] = mapped_column(BigInteger)
