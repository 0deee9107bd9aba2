"""Two chains of steps beside each other: which step stands beside which, and where they first say something else.

Steps are paired by their kinds: from the beginning as long as the kinds agree, then from the end; what is left between
is paired in its order, and the longer side stands alone. So `think Wait think answer` beside `think answer` has its
answers beside each other, and its Wait and what followed it beside nothing. It takes one pass over either side.

Ids are compared where both have them, for they are the truth: arms that share their seeds share them exactly until
they part. Prompts are told apart, for they are what was asked, and not what was said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

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
    is_same: bool


@dataclass(frozen=True, slots=True)
class Parting:
    """Where two chains first differ: in this row, behind so many characters and tokens of it that are the same.

    `tokens_before` counts those of all rows before it, but for prompts; None, there as here: ids are not known.
    """

    row: int
    characters: int
    tokens: int | None
    tokens_before: int | None


@dataclass(frozen=True, slots=True)
class Alignment:
    """`parting` None: they say the same to the end."""

    rows: tuple[Row, ...]
    parting: Parting | None
    prompts_are_same: bool


def aligned(left: Sequence[Piece], right: Sequence[Piece]) -> Alignment:
    rows = tuple(_row(left, right, *places) for places in _places(_kinds(left), _kinds(right)))
    prompts = [row for row in rows if _is_prompt(row, left, right)]
    first = next((at for at, row in enumerate(rows) if not row.is_same and row not in prompts), None)
    parting = None if first is None else _parting(left, right, rows, first)
    return Alignment(rows, parting, all(row.is_same for row in prompts))


def _kinds(pieces: Sequence[Piece]) -> list[StepKind]:
    return [each.kind for each in pieces]


def _places(left: Sequence[StepKind], right: Sequence[StepKind]) -> list[tuple[int | None, int | None]]:
    shorter = min(len(left), len(right))
    begin = _agreeing(left, right)
    end = min(shorter - begin, _agreeing(left[::-1], right[::-1]))
    between = max(len(left), len(right)) - begin - end
    ends = range(-end, 0)
    return [
        *((at, at) for at in range(begin)),
        *((_before(begin + at, len(left) - end), _before(begin + at, len(right) - end)) for at in range(between)),
        *((len(left) + at, len(right) + at) for at in ends),
    ]


def _agreeing(left: Sequence[object], right: Sequence[object]) -> int:
    """How many of the first are the same."""
    return sum(1 for _ in takewhile(lambda both: both[0] == both[1], zip(left, right, strict=False)))


def _before(at: int, end: int) -> int | None:
    return at if at < end else None


def _row(left: Sequence[Piece], right: Sequence[Piece], at_left: int | None, at_right: int | None) -> Row:
    if at_left is None or at_right is None:
        return Row(at_left, at_right, is_same=False)
    one, other = left[at_left], right[at_right]
    return Row(at_left, at_right, one.kind is other.kind and _content(one, other) == _content(other, one))


def _content(piece: Piece, beside: Piece) -> Ids | str:
    return piece.text if piece.ids is None or beside.ids is None else piece.ids


def _is_prompt(row: Row, left: Sequence[Piece], right: Sequence[Piece]) -> bool:
    sides = ((left, row.left), (right, row.right))
    return any(at is not None and pieces[at].kind is StepKind.PROMPT for pieces, at in sides)


def _parting(left: Sequence[Piece], right: Sequence[Piece], rows: Sequence[Row], first: int) -> Parting:
    row = rows[first]
    before = [left[each.left] for each in rows[:first] if each.left is not None]
    counts = [None if each.ids is None else len(each.ids) for each in before if each.kind is not StepKind.PROMPT]
    tokens_before = sum(each or 0 for each in counts) if None not in counts else None
    if row.left is None or row.right is None or left[row.left].kind is not right[row.right].kind:
        return Parting(first, 0, None if tokens_before is None else 0, tokens_before)
    one, other = left[row.left], right[row.right]
    tokens = None if one.ids is None or other.ids is None else _agreeing(one.ids, other.ids)
    return Parting(first, _agreeing(one.text, other.text), tokens, tokens_before)
