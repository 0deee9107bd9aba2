"""Files of problems that people handed in with a browser, where every worker can read them."""

import datetime as dt

from sqlalchemy import CheckConstraint, LargeBinary, func
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base
from db.uploads import MAX_BYTES


class UploadRow(Base):
    """A file, never changed. Experiments name it by its address. What those that were laid out ask is kept with them;
    to run one again the file is needed, and so archives have it, too."""

    __tablename__ = "uploads"
    __table_args__ = (CheckConstraint(f"octet_length(content) <= {MAX_BYTES}", name="size"),)

    address: Mapped[str] = mapped_column(primary_key=True)  # see `db.uploads`
    name: Mapped[str]  # as its first owner called it
    content: Mapped[bytes] = mapped_column(LargeBinary)
    owner: Mapped[str]
    uploaded_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
