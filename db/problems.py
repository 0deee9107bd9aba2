"""A problem out of a row that has its columns, and what tells whether two are the same."""

from collections.abc import Iterable
from hashlib import md5
from typing import Any

from sqlalchemy import Row

from scaling.types import GraderName, Problem

FINGERPRINT = "md5(concat_ws(E'\\n', problems.grader, problems.answer, problems.question))"
"""In SQL, what `fingerprints` makes of a problem."""
NUM_PROBLEMS = """coalesce(
    CASE WHEN experiments.expanded_at IS NULL THEN experiments.num_jobs
        / (SELECT nullif(count(*), 0) FROM arms WHERE arms.experiment_id = experiments.id)
        / coalesce(CAST(experiments.spec ->> 'repeats' AS integer), 1) END,
    (SELECT max(position) + 1 FROM problems WHERE problems.experiment_id = experiments.id))"""
"""In SQL, how many an experiment asks: of one that is being laid out those that it comes to. NULL: none yet."""
Fingerprints = tuple[tuple[str, str], ...]
"""Problems by their keys, and by what is asked and expected."""


def fingerprints(problems: Iterable[Problem]) -> Fingerprints:
    """The same key may name another question in another data set."""
    return tuple((each.id, _fingerprint(each)) for each in problems)


def _fingerprint(problem: Problem) -> str:
    asked = "\n".join((problem.grader.value, problem.answer, problem.question))
    return md5(asked.encode(), usedforsecurity=False).hexdigest()


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
