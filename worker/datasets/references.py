"""Reference answers that their graders cannot read, found before a token is spent.

What a grader makes of a reference hangs on nothing else of the problem but its options: each is read once, however many
problems have it, and so is one for all that are read alike.
"""

import asyncio
from collections.abc import Sequence

from scaling.answers.graders import GRADERS
from scaling.types import Problem, Reading
from worker.graders.grading import Grading

READERS = 64
"""References that are read at once, where processes of a grader's own read them."""


def first_unreadable(problems: Sequence[Problem]) -> tuple[Problem, Reading] | None:
    """The first of the problems whose reference its grader cannot read, with why; None if all are readable."""
    firsts: dict[object, Problem] = {}
    for problem in problems:
        firsts.setdefault((problem.grader, _form(problem), problem.options), problem)
    return asyncio.run(_first_unreadable(tuple(firsts.values())))


def _form(problem: Problem) -> object:
    """Equal for references that are read alike: those may differ by the hundred thousand."""
    plain = GRADERS[problem.grader].plain
    return plain if plain is not None and plain.fullmatch(problem.answer) else problem.answer


async def _first_unreadable(problems: Sequence[Problem]) -> tuple[Problem, Reading] | None:
    grading, waiting = Grading(), iter(enumerate(problems))
    unreadable: dict[int, Reading] = {}

    async def read_some() -> None:
        for place, problem in waiting:
            told = await grading.reference(problem)
            if told.answer is None:
                unreadable[place] = told

    try:
        await asyncio.gather(*(read_some() for _ in range(READERS)))
    finally:
        grading.close()
    return next(((problems[place], unreadable[place]) for place in sorted(unreadable)), None)
