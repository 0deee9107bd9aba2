"""The candidates of one trace with their grades."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from db.paths import parse_path
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
        grade = StoredGrade(
            grader=row.grader,
            version=row.version,
            verdict=Verdict(row.verdict),
            graded_at=row.graded_at,
            right_if_read=row.right_if_read,
            unread=None if row.unread is None else Unread(row.unread),
        )
        grades.setdefault(row.path, []).append(grade)
    rows = connection.execute(CANDIDATES, {"job_id": job_id})
    return tuple(stored_candidate(row, tuple(grades.get(row.path, ()))) for row in rows)


def stored_candidate(row: Row[Any], grades: tuple[StoredGrade, ...]) -> StoredCandidate:
    return StoredCandidate(
        path=parse_path(row.path),
        text=row.text,
        answer=row.answer,
        key=row.key,
        truncated=row.truncated,
        thinking_tokens=row.thinking_tokens,
        total_tokens=row.total_tokens,
        score=row.score,
        step_scores=tuple(row.step_scores),
        note=row.note,
        chosen=row.chosen,
        grades=grades,
    )
