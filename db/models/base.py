"""What all tables are made of: column types, names of constraints, and rows that go with their owner.

Closed sets are text with a CHECK, not PostgreSQL enums: a migration can then add and remove members in one
transaction.
"""

import datetime as dt
import re
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import JsonValue
from sqlalchemy import ARRAY, BigInteger, DateTime, Double, Enum, ForeignKey, Integer, LargeBinary, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from db.opinions import Choice, Rating, Shown
from db.status import AttemptOutcome, ExperimentStatus, JobStatus, ScanStatus
from scaling.types import FinishReason, GraderName, Phase, StepKind, Unread, Verdict

JsonObject = dict[str, JsonValue]
JsonValues = list[JsonValue]

IDS_OF = "ids_of"
"""In a column's `info`: the table whose ids its arrays hold, which no foreign key can say."""

DERIVED = "derived"
"""In a table's `info`: all that it holds can be found again, so archives leave it out."""

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
        list[str | None]: ARRAY(Text),
        list[bytes]: ARRAY(LargeBinary),
        list[int]: ARRAY(Integer),
        list[float]: ARRAY(Double),
        **{members: closed_set(members) for members in (ExperimentStatus, JobStatus, AttemptOutcome, ScanStatus)},
        **{members: closed_set(members) for members in (Rating, Choice, Shown)},
        **{members: closed_set(members) for members in (GraderName, Verdict, Unread, StepKind, Phase, FinishReason)},
    }


def owned_by(table: str, **options: Any) -> Mapped[int]:
    """A foreign key to `table.id` that goes when its owner goes."""
    return mapped_column(BigInteger, ForeignKey(f"{table}.id", ondelete="CASCADE"), **options)
