"""What people say: opinions on traces and experiments, and judgements of pairs."""

import datetime as dt

from sqlalchemy import BigInteger, Identity, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, owned_by
from db.opinions import Choice, Rating, Shown


class AnnotationRow(Base):
    """What a person said of an experiment, or of one job of it. The latest of each person counts; earlier ones stay."""

    __tablename__ = "annotations"
    __table_args__ = (
        Index("ix_annotations_experiment_id", "experiment_id", "job_id", "person", "id"),
        Index("ix_annotations_job_id", "job_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    experiment_id: Mapped[int] = owned_by("experiments")
    job_id: Mapped[int | None] = owned_by("jobs")  # None: of the experiment
    person: Mapped[str]
    note: Mapped[str]
    rating: Mapped[Rating | None]
    tags: Mapped[list[str]]
    said_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class JudgementRow(Base):
    """Which of two traces of one problem a person preferred, blind. Each pair once by each person."""

    __tablename__ = "judgements"
    __table_args__ = (
        Index(
            "uq_judgements_pair",
            "experiment_id",
            "person",
            text("LEAST(left_job_id, right_job_id)"),
            text("GREATEST(left_job_id, right_job_id)"),
            unique=True,
        ),
        Index("ix_judgements_left_job_id", "left_job_id"),
        Index("ix_judgements_right_job_id", "right_job_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    experiment_id: Mapped[int] = owned_by("experiments")
    left_job_id: Mapped[int] = owned_by("jobs")  # on the side where it was shown
    right_job_id: Mapped[int] = owned_by("jobs")
    person: Mapped[str]
    choice: Mapped[Choice]
    shown: Mapped[Shown]
    judged_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
