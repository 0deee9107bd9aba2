"""What would have been read in a thought where a Wait was forced on it, and what at the next: did it change its mind?

The same reading as that of answers, of the thought as far as it had come. Where that announces nothing and concludes
nothing, nothing is said: a number that stands somewhere in a thought is no answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from scaling.answers.reading import read
from scaling.types import Problem

MOST_READ = 4_000_000
"""Characters, for all Waits of a thought together: of a thought with very many, less of what stands before each."""
LEAST_READ = 2_000


@dataclass(frozen=True, slots=True)
class AtWait:
    """The answers before a Wait and after what followed it; None: none could be read there."""

    before: str | None
    after: str | None


def at_waits(problem: Problem, rounds: Sequence[str]) -> tuple[AtWait, ...]:
    """For each Wait of one thought. `rounds` are the texts between them, so there is one more than there are Waits."""
    most = max(LEAST_READ, MOST_READ // max(1, len(rounds)))
    answers = [read(problem, said).answer for said in _so_far(rounds, most)]
    return tuple(AtWait(before, after) for before, after in pairwise(answers))


def _so_far(rounds: Iterable[str], most: int) -> Iterable[str]:
    """The thought at the end of each round, of which the last `most` characters are looked at."""
    said = ""
    for each in rounds:
        said = f"{said}\n{each}"[-most:]
        yield said
