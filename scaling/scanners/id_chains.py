"""A chain as the ids that a model was conditioned on, and what a server says of each of them, step by step.

Ids are the truth, and text is what people read: where a token stands in its step's text is found by what the server
says that the token reads. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

from scaling.types import Ids, Path, Phase

UNREADABLE = "\N{REPLACEMENT CHARACTER}"
"""What stands for a token that is a part of a character."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a server says of one token: how it reads, and its log-prob. None: it has none, as the very first."""

    text: str
    log_prob: float | None


@dataclass(frozen=True, slots=True)
class StepIds:
    """One step of a chain, as it is asked about."""

    path: Path
    phase: Phase
    is_forced: bool
    text: str
    ids: Ids


@dataclass(frozen=True, slots=True)
class IdChain:
    """What a model was conditioned on for one answer: a prompt, and the steps behind it."""

    prompt: Ids
    steps: tuple[StepIds, ...]
    is_chosen: bool

    @property
    def ids(self) -> Ids:
        return (*self.prompt, *(each for step in self.steps for each in step.ids))


@dataclass(frozen=True, slots=True)
class StepLogProbs:
    """Of one step, token by token: the character of its text before which the token ends, and its log-prob."""

    step: StepIds
    ends: tuple[int, ...]
    values: tuple[float | None, ...]

    @property
    def known(self) -> list[float]:
        return [value for value in self.values if value is not None]


def of_steps(chain: IdChain, told: Sequence[Told]) -> list[StepLogProbs]:
    """What was told of a chain's ids, prompt first, step by step. What was not told of its last ones is not known."""
    known = [*told, *[Told("", None)] * (len(chain.ids) - len(told))]
    at, made = len(chain.prompt), []
    for step in chain.steps:
        tokens = known[at : at + len(step.ids)]
        at += len(step.ids)
        ends = ends_in(step.text, [each.text for each in tokens])
        made.append(StepLogProbs(step, ends, tuple(each.log_prob for each in tokens)))
    return made


def ends_in(text: str, tokens: Sequence[str]) -> tuple[int, ...]:
    """Where each token ends in the text that they make together.

    A token that is a part of a character, or that the text shows otherwise, ends where the next one begins that can be
    found; one that the text does not show, as an end of sequence, takes no place.
    """
    ends: list[int] = []
    at = waiting = 0
    for token in tokens:
        if token and UNREADABLE not in token and (start := _start(text, token, at, waiting)) is not None:
            ends[len(ends) - waiting :] = [start] * waiting
            at, waiting = start + len(token), 0
            ends.append(at)
        else:
            waiting += bool(waiting) or UNREADABLE in token
            ends.append(at)
    ends[len(ends) - waiting :] = [len(text)] * waiting
    return tuple(ends)


def _start(text: str, token: str, at: int, waiting: int) -> int | None:
    """Right here; behind tokens that wait for their place, a few characters on at most."""
    if not waiting:
        return at if text.startswith(token, at) else None
    found = text.find(token, at, at + waiting + len(token))
    return None if found < 0 else found


def mean_of(steps: Sequence[StepLogProbs], phase: Phase) -> float | None:
    """Over the model's own tokens of a phase; None: there are none that are known."""
    known = [value for of in steps if not of.step.is_forced and of.step.phase is phase for value in of.known]
    return fsum(known) / len(known) if known else None
