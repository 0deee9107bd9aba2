"""Reference answers that their graders cannot read, found before a token is spent.

What a grader makes of a reference hangs on nothing else of the problem but its options: each is read once, however many
problems have it.
"""

import asyncio
from collections.abc import Sequence

from scaling.types import Problem, Reading
from worker.graders.grading import Grading

READERS = 64
"""References that are read at once, where processes of a grader's own read them."""


def first_unreadable(problems: Sequence[Problem]) -> tuple[Problem, Reading] | None:
    """The first of the problems whose reference its grader cannot read, with why; None if all are readable."""
    firsts: dict[object, Problem] = {}
    for problem in problems:
        firsts.setdefault((problem.grader, problem.answer, problem.options), problem)
    return asyncio.run(_first_unreadable(tuple(firsts.values())))


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
