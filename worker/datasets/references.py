"""Reference answers that their graders cannot read, found before a token is spent."""

import asyncio
from collections.abc import Sequence

from scaling.types import Problem, Reading
from worker.graders.grading import Grading


def first_unreadable(problems: Sequence[Problem]) -> tuple[Problem, Reading] | None:
    """The first of the problems whose reference its grader cannot read, with why; None if all are readable."""
    return asyncio.run(_first_unreadable(problems))


async def _first_unreadable(problems: Sequence[Problem]) -> tuple[Problem, Reading] | None:
    grading = Grading()
    try:
        readings = await asyncio.gather(*(grading.reference(problem) for problem in problems))
    finally:
        grading.close()
    pairs = zip(problems, readings, strict=True)
    return next(((problem, told) for problem, told in pairs if told.answer is None), None)
