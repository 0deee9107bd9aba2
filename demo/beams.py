"""Beam search over steps (Snell et al., arXiv 2408.03314, §5.2), scored by the model's own grade of the last step."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from demo.attempts import Attempt, answered, grades
from demo.ladder import Problem
from demo.network import TinyModel
from demo.sampling import generate
from demo.traces import END_THINK, END_TURN, NEWLINE, prompt

WIDTH = 16
BRANCHES = 4
MOST_ROUNDS = 14
STEP_LIMIT = 20


@dataclass(frozen=True)
class Beam:
    """Thinking so far, made of whole lines; the grade of its last line; whether the model ended it."""

    problem: Problem
    thinking: tuple[int, ...] = ()
    score: float = 1.0
    has_ended: bool = False


def search(
    model: TinyModel, problems: Sequence[Problem], temperature: float
) -> list[tuple[list[Attempt], list[float]]]:
    """For each problem the attempts left at the end, at most WIDTH, and their scores."""
    beams = [[Beam(problem)] * (WIDTH // BRANCHES) for problem in problems]
    for _ in range(MOST_ROUNDS):
        beams = _expanded(model, beams, temperature)
        if all(beam.has_ended for row in beams for beam in row):
            break
        beams = [_best(row) for row in beams]
    flat = [beam for row in beams for beam in row]
    attempts = answered(model, [beam.problem for beam in flat], [list(beam.thinking) for beam in flat], temperature)
    rest = iter(zip(attempts, flat, strict=True))
    chosen = [[next(rest) for _ in row] for row in beams]
    return [([attempt for attempt, _ in row], [beam.score for _, beam in row]) for row in chosen]


def _best(row: list[Beam]) -> list[Beam]:
    """The best quarter; a row that has ended keeps all it has."""
    if all(beam.has_ended for beam in row):
        return row
    return sorted(row, key=lambda beam: -beam.score)[: WIDTH // BRANCHES]


def _expanded(model: TinyModel, beams: list[list[Beam]], temperature: float) -> list[list[Beam]]:
    """Every beam that has not ended, gone on with by one line, BRANCHES times; ended ones keep their place."""
    going_on = [beam for row in beams for beam in row if not beam.has_ended for _ in range(BRANCHES)]
    contexts = [prompt(beam.problem) + list(beam.thinking) for beam in going_on]
    lines = generate(model, contexts, {NEWLINE, END_THINK, END_TURN}, STEP_LIMIT, temperature)
    longer = [
        replace(beam, thinking=(*beam.thinking, *line.ids, NEWLINE)) if line.ids else replace(beam, has_ended=True)
        for beam, line in zip(going_on, lines, strict=True)
    ]
    scored = iter(_scored(model, longer))
    return [
        [new for beam in row for new in ([beam] if beam.has_ended else [next(scored) for _ in range(BRANCHES)])]
        for row in beams
    ]


def _scored(model: TinyModel, beams: list[Beam]) -> list[Beam]:
    attempts = [Attempt(beam.problem, list(beam.thinking), None) for beam in beams]
    steps = grades(model, attempts, with_answer=False)
    return [replace(beam, score=scores[-1] if scores else 0.0) for beam, scores in zip(beams, steps, strict=True)]
