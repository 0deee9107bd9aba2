"""Two chains of steps beside each other: which step stands beside which, and where they first say something else.

Steps are paired by their kinds: from the beginning as long as the kinds agree, then from the end; what is left between
is paired in its order, and the longer side stands alone. So `think Wait think answer` beside `think answer` has its
answers beside each other, and its Wait and what followed it beside nothing. It takes one pass over either side.

Where they part does not depend on that: all that follows the prompt is read as one text, and as one sequence of ids,
however it was cut into steps. Ids are the truth where both have them: arms that share their seeds share them exactly
until they part. Prompts are told apart, for they are what was asked, and not what was said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, takewhile

from scaling.types import Ids, StepKind


@dataclass(frozen=True, slots=True)
class Piece:
    """A step. `ids` None: not reported, or of another tokenizer than the other side's."""

    kind: StepKind
    text: str
    ids: Ids | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """The places of two steps that stand beside each other; None: nothing does."""

    left: int | None
    right: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """Behind so many characters of a step."""

    step: int
    characters: int


@dataclass(frozen=True, slots=True)
class Parting:
    """Where either side goes on after what both say; None: it ends there, or says the same in other tokens.

    `tokens` are those that both begin with, prompts aside; None: ids are not known.
    """

    left: Place | None
    right: Place | None
    tokens: int | None


@dataclass(frozen=True, slots=True)
class Alignment:
    """`parting` None: they say the same to the end."""

    rows: tuple[Row, ...]
    parting: Parting | None
    prompts_are_same: bool


def aligned(left: Sequence[Piece], right: Sequence[Piece]) -> Alignment:
    rows = tuple(Row(*places) for places in _places(_kinds(left), _kinds(right)))
    prompts = [[each.text for each in side if each.kind is StepKind.PROMPT] for side in (left, right)]
    return Alignment(rows, _parting(left, right), prompts_are_same=prompts[0] == prompts[1])


def _kinds(pieces: Sequence[Piece]) -> list[StepKind]:
    return [each.kind for each in pieces]


def _places(left: Sequence[StepKind], right: Sequence[StepKind]) -> list[tuple[int | None, int | None]]:
    begin = _agreeing(left, right)
    end = min(min(len(left), len(right)) - begin, _agreeing(left[::-1], right[::-1]))
    between = max(len(left), len(right)) - begin - end
    return [
        *((at, at) for at in range(begin)),
        *((_before(begin + at, len(left) - end), _before(begin + at, len(right) - end)) for at in range(between)),
        *((len(left) + at, len(right) + at) for at in range(-end, 0)),
    ]


def _agreeing(left: Sequence[object], right: Sequence[object]) -> int:
    """How many of the first are the same."""
    return sum(1 for _ in takewhile(lambda both: both[0] == both[1], zip(left, right, strict=False)))


def _before(at: int, end: int) -> int | None:
    return at if at < end else None


def _parting(left: Sequence[Piece], right: Sequence[Piece]) -> Parting | None:
    texts = ["".join(map(_said, side)) for side in (left, right)]
    ids = [_ids(side) for side in (left, right)]
    tokens = None if ids[0] is None or ids[1] is None else _agreeing(ids[0], ids[1])
    is_same = texts[0] == texts[1] if tokens is None else ids[0] == ids[1]
    if is_same:
        return None
    characters = _agreeing(*texts)
    return Parting(_place(left, characters), _place(right, characters), tokens)


def _said(piece: Piece) -> str:
    return "" if piece.kind is StepKind.PROMPT else piece.text


def _ids(pieces: Sequence[Piece]) -> list[int] | None:
    """Of all that was said, one after the other; None: they are not all known."""
    said = [each.ids for each in pieces if each.kind is not StepKind.PROMPT]
    known = [each for each in said if each is not None]
    return list(chain.from_iterable(known)) if len(known) == len(said) else None


def _place(pieces: Sequence[Piece], characters: int) -> Place | None:
    """Where in its step the character behind so many stands; None: there is none."""
    for step, piece in enumerate(pieces):
        if characters < len(_said(piece)):
            return Place(step, characters)
        characters -= len(_said(piece))
    return None
