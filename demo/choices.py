"""Rates over problems, and ways to choose one answer among many: what `demo.evaluate` reports."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

import torch

from demo.attempts import Attempt

Choice = Callable[[Sequence[int | None], Sequence[float], Random], int | None]
"""Answers, their scores, and a stream for drawing ties, to the answer chosen; None when that one is unparsed."""


@dataclass(frozen=True)
class Rate:
    """A mean over problems and its standard error."""

    mean: float
    error: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} ± {self.error:.3f}"


def rate(by_problem: Sequence[float]) -> Rate:
    values = torch.tensor(by_problem, dtype=torch.float64)
    return Rate(values.mean().item(), (values.std() / len(values) ** 0.5).item())


def grouped(values: Sequence[float], size: int) -> list[float]:
    """The means of consecutive groups of `size`: samples to problems."""
    return [sum(values[first : first + size]) / size for first in range(0, len(values), size)]


def majority(answers: Sequence[int | None], weights: Sequence[float], random: Random) -> int | None:
    """The answer with the largest total weight; unparsed answers have no vote, ties are drawn."""
    totals: defaultdict[int, float] = defaultdict(float)
    for answer, weight in zip(answers, weights, strict=True):
        if answer is not None:
            totals[answer] += weight
    if not totals:
        return None
    highest = max(totals.values())
    return random.choice([answer for answer, total in totals.items() if total == highest])


def highest(answers: Sequence[int | None], scores: Sequence[float], random: Random) -> int | None:
    """The answer with the highest score; ties are drawn."""
    best = max(scores)
    return random.choice([answer for answer, score in zip(answers, scores, strict=True) if score == best])


def chosen(attempts: Sequence[Attempt], scores: Sequence[float], samples: int, size: int, choice: Choice) -> Rate:
    """Accuracy when `choice` picks from groups of `size` of the `samples` attempts of each problem."""
    random, correct = Random(0), []
    for first in range(0, len(attempts), size):
        group = attempts[first : first + size]
        answer = choice([attempt.answer for attempt in group], scores[first : first + size], random)
        correct.append(float(answer == group[0].problem.answer))
    return rate(grouped(correct, samples // size))
