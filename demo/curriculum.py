"""Which kind of example training draws at which point of a run, and how much each of its targets weighs."""

from collections.abc import Callable, Iterator
from random import Random

from demo.grading import BAD, GOOD, grading
from demo.traces import BOXED, EQUALS, NEWLINE, NO, OK, Draws, Example, cut_short, solving

WARM_UP = 0.2
"""Share of a run that sees short, nearly exact problems only: arithmetic and copying come first."""

Writer = Callable[[Draws, int], Example]

WARM_UP_MIXTURE: dict[tuple[Writer, int], float] = {(solving, 0): 0.6, (solving, 1): 0.1, (grading, 0): 0.3}
MIXTURE: dict[tuple[Writer, int], float] = {
    (solving, 0): 0.16,
    (solving, 1): 0.13,
    (solving, 2): 0.09,
    (solving, 3): 0.07,
    (solving, 4): 0.06,
    (solving, 5): 0.03,
    (solving, 6): 0.02,
    (cut_short, 0): 0.09,
    (cut_short, 1): 0.02,
    (cut_short, 3): 0.01,
    (grading, 0): 0.24,
    (grading, 1): 0.05,
    (grading, 2): 0.03,
}
"""Shares of examples by writer and number of Waits; they sum to 1."""


def target_weight(previous: int, target: int) -> float:
    """How much a target weighs in the loss: results, verdicts and the ends of passes decide accuracy."""
    if target in (GOOD, BAD):
        return 5.0
    if target in (OK, NO):
        return 4.0
    return 2.0 if previous in (EQUALS, NEWLINE, BOXED) else 1.0


def examples(seed: int, progress: Callable[[], float]) -> Iterator[Example]:
    """Endless training examples; `progress` tells the share of the run that is done, 0..1."""
    random = Random(seed)
    while True:
        done = progress()
        if done < WARM_UP:
            draws = Draws(random, most_operations=5 if done < WARM_UP / 2 else 10, carelessness=0.3)
            yield _draw(WARM_UP_MIXTURE, draws)
        else:
            yield _draw(MIXTURE, Draws(random))


def _draw(mixture: dict[tuple[Writer, int], float], draws: Draws) -> Example:
    ((writer, waits),) = draws.random.choices(list(mixture), list(mixture.values()))
    return writer(draws, waits)
