"""A problem out of a row that has its columns."""

from typing import Any

from sqlalchemy import Row

from scaling.types import GraderName, Problem


def problem_of(row: Row[Any]) -> Problem:
    return Problem(
        id=row.key,
        question=row.question,
        answer=row.answer,
        grader=GraderName(row.grader),
        level=row.level,
        subject=row.subject,
        options=tuple(row.options or ()),
    )
