"""The candidates of one trace with their grades."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, text

from db.paths import parse_path
from db.rows import read
from scaling.types import Path, Unread, Verdict

CANDIDATES = text("SELECT * FROM candidates WHERE job_id = :job_id ORDER BY position")
GRADES = text("SELECT * FROM grades WHERE job_id = :job_id ORDER BY path, graded_at, grader, version")


@dataclass(frozen=True, slots=True)
class StoredGrade:
    """One grader's verdict."""

    grader: str
    version: str
    verdict: Verdict
    graded_at: dt.datetime
    right_if_read: bool | None = None
    unread: Unread | None = None
    """Why the verdict is neither correct nor wrong; None: it is, or nobody noted it."""


@dataclass(frozen=True, slots=True)
class StoredCandidate:
    """A candidate with its grades, oldest first; the latest counts."""

    path: Path
    text: str
    answer: str | None
    key: str | None
    truncated: bool
    thinking_tokens: int | None
    total_tokens: int | None
    score: float | None
    chosen: bool
    grades: tuple[StoredGrade, ...]
    step_scores: tuple[float, ...] = ()
    note: str | None = None
    """Which limit of the method it met."""

    @property
    def verdict(self) -> Verdict:
        return self.grades[-1].verdict

    @property
    def unread(self) -> Unread | None:
        """Why the verdict is neither correct nor wrong."""
        return self.grades[-1].unread

    @property
    def verdict_text(self) -> str:
        """`unparsed: abstained`; a truncated answer was cut, which its verdict says."""
        if self.unread is None or self.unread is Unread.CUT:
            return self.verdict.value
        return f"{self.verdict.value}: {self.unread.label}"


def read_candidates(connection: Connection, job_id: int) -> tuple[StoredCandidate, ...]:
    grades: dict[str, list[StoredGrade]] = {}
    for row in connection.execute(GRADES, {"job_id": job_id}):
        grades.setdefault(row.path, []).append(read(StoredGrade, row))
    rows = connection.execute(CANDIDATES, {"job_id": job_id})
    return tuple(
        read(StoredCandidate, row, path=parse_path(row.path), grades=tuple(grades.get(row.path, ()))) for row in rows
    )
