"""Attempts at problems: thinking, thinking cut or continued, answering, and grading one's own lines.

The strings are those of the service's budget forcing, so what is measured here can be held against what it reports.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from demo.grading import BAD, GOOD, GRADE_TURN
from demo.ladder import Problem
from demo.network import TinyModel
from demo.sampling import generate
from demo.traces import ANSWER_OPENER, BOXED, END_THINK, END_TURN, NEWLINE, NUMBER, NUMBER_VALUE, prompt
from demo.vocabulary import ID

THINKING_LIMIT = 140
"""Tokens per uninterrupted stretch of thinking; a level 5 pass takes about 80."""

GRADING_BATCH = 256


@dataclass(frozen=True)
class Attempt:
    """One chain for one problem: its thinking without the end delimiter, and the answer, None when unparsed."""

    problem: Problem
    thinking: list[int]
    answer: int | None

    @property
    def is_correct(self) -> bool:
        return self.answer == self.problem.answer


def answered(
    model: TinyModel, problems: Sequence[Problem], thinking: Sequence[list[int]], temperature: float
) -> list[Attempt]:
    """The answers the model writes after `</think>\\n`."""
    contexts = [prompt(problem) + ids + ANSWER_OPENER for problem, ids in zip(problems, thinking, strict=True)]
    answers = generate(model, contexts, {END_TURN}, 6, temperature)
    return [
        Attempt(problem, ids, _boxed(answer.ids) if answer.stopped else None)
        for problem, ids, answer in zip(problems, thinking, answers, strict=True)
    ]


def forced(
    model: TinyModel, problems: Sequence[Problem], thinking: Sequence[list[int]], temperature: float
) -> list[Attempt]:
    """The answers after thinking was cut: a newline unless it ends in one, `</think>\\n` and `\\boxed{`."""
    cut = [ids if ids[-1:] == [NEWLINE] else [*ids, NEWLINE] for ids in thinking]
    contexts = [prompt(problem) + ids + [*ANSWER_OPENER, BOXED] for problem, ids in zip(problems, cut, strict=True)]
    answers = generate(model, contexts, {END_TURN}, 5, temperature)
    return [
        Attempt(problem, ids, _boxed([BOXED, *answer.ids]) if answer.stopped else None)
        for problem, ids, answer in zip(problems, thinking, answers, strict=True)
    ]


def _boxed(ids: list[int]) -> int | None:
    if len(ids) == 3 and ids[0] == BOXED and ids[2] == ID["}"]:
        return NUMBER_VALUE.get(ids[1])
    return None


def think(
    model: TinyModel, problems: Sequence[Problem], thinking: Sequence[list[int]], temperature: float
) -> list[list[int]]:
    """`thinking`, gone on with until the model ends it (or a limit does)."""
    contexts = [prompt(problem) + ids for problem, ids in zip(problems, thinking, strict=True)]
    more = generate(model, contexts, {END_THINK, END_TURN}, THINKING_LIMIT, temperature)
    return [ids + completion.ids for ids, completion in zip(thinking, more, strict=True)]


@torch.inference_mode()
def grades(model: TinyModel, attempts: Sequence[Attempt], with_answer: bool) -> list[list[float]]:
    """P(' +') against P(' -') at the tag after each line, read from one pass in grading mode."""
    scores: list[list[float]] = []
    for first in range(0, len(attempts), GRADING_BATCH):
        batch = [_tagged(attempt, with_answer) for attempt in attempts[first : first + GRADING_BATCH]]
        width = max(len(ids) for ids, _ in batch)
        hidden = model.hidden(torch.tensor([ids + [0] * (width - len(ids)) for ids, _ in batch]))
        good = model.logits(hidden)[..., [GOOD, BAD]].softmax(-1)[..., 0]
        scores += [good[row, tags].tolist() for row, (_, tags) in enumerate(batch)]
    return scores


def _tagged(attempt: Attempt, with_answer: bool) -> tuple[list[int], list[int]]:
    """Ids in grading mode, and the positions before the tags."""
    ids, tags = GRADE_TURN + prompt(attempt.problem), []
    for line in lines_of(attempt.thinking):
        ids = [*ids, *line, GOOD, NEWLINE]
        tags.append(len(ids) - 3)
    if with_answer and attempt.answer is not None:
        ids = [*ids, *ANSWER_OPENER, BOXED, NUMBER[attempt.answer], ID["}"], GOOD]
        tags.append(len(ids) - 2)
    return ids, tags


def lines_of(ids: list[int]) -> list[list[int]]:
    """The lines of some thinking; an empty one is none."""
    lines: list[list[int]] = [[]]
    for token in ids:
        if token == NEWLINE:
            lines.append([])
        else:
            lines[-1].append(token)
    return [line for line in lines if line]
