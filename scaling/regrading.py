"""Traces read anew by other rules, without a model: what each text answers now, which answers are one, and who speaks.

What was asked because of an answer (a vote that stopped once it was decided, an attempt that saw another) stays as it
was asked: the candidates are those that there are.
"""

from collections.abc import Sequence
from dataclasses import replace

from scaling.answers.after_thinking import asked
from scaling.answers.equivalence import Equivalence
from scaling.generation import draw_seed
from scaling.protocols import Grader
from scaling.strategy import Strategy
from scaling.types import Candidate, Outcome, Problem, ThinkingFormat, Unread


async def concluded_anew(
    strategy: Strategy,
    problem: Problem,
    candidates: Sequence[Candidate],
    grader: Grader,
    thinking: ThinkingFormat,
    seed_key: str,
) -> Outcome:
    """What the strategy concludes from what its candidates say; of their answers and keys nothing is kept.

    `seed_key` is the job's: who was equal before is parted by the same draw.
    """
    read = [await _read_anew(problem, each, grader, thinking) for each in candidates]
    return strategy.conclude(await Equivalence(grader).clustered(problem, read), draw_seed(seed_key, "vote"))


async def _read_anew(problem: Problem, candidate: Candidate, grader: Grader, thinking: ThinkingFormat) -> Candidate:
    reading = await grader.read(problem, asked(candidate.text, thinking))
    unread = Unread.CUT if candidate.truncated else reading.unread
    return replace(candidate, answer=reading.answer, key=reading.key, unread=unread)
