"""What a scanner is given: the text of one chain, and where in the trace each character of it stands.

A chain is what leads to one answer: the steps on its path behind the nearest prompt. What a search pruned, and what
only informed a score, led to no answer and is not looked at.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, groupby

from scaling.types import FinishReason, Path, Phase

MOST_WORDS = 160
"""Characters of a hit that are kept beside its place."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The text of one step."""

    path: Path
    text: str
    phase: Phase
    is_forced: bool = False
    finish_reason: FinishReason | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a hit stands: from character `start` of its step, up to but without `end`; `words` are what stands there.

    Characters are code points. Of a hit that goes on into the next step, the part in its first one is told.
    """

    path: Path
    start: int
    end: int
    words: str
    is_forced: bool = False


class Run:
    """What one author wrote of one phase without a break: the model, or we (forced). Its pieces are read as one text,
    so that a word that a search cut in two is one word."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces
        self.phase = pieces[0].phase
        self.is_forced = pieces[0].is_forced
        self.text = "".join(piece.text for piece in pieces)

    @property
    def last(self) -> Piece:
        return self._pieces[-1]

    def place(self, start: int, end: int) -> Place:
        """Of characters of `text`."""
        number = bisect_right(self._starts, start) - 1
        piece, offset = self._pieces[number], start - self._starts[number]
        until = min(end - self._starts[number], len(piece.text))
        return Place(piece.path, offset, until, self.text[start : min(end, start + MOST_WORDS)], self.is_forced)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(piece.text) for piece in self._pieces[:-1])]


class ChainText:
    """One chain, as runs; `is_chosen`: its answer speaks for the job."""

    def __init__(self, pieces: Sequence[Piece], is_chosen: bool = True) -> None:
        self.is_chosen = is_chosen
        self.runs = tuple(_runs(pieces))

    def own(self, phase: Phase | None = None) -> Iterator[Run]:
        """What the model itself wrote, of a phase or of all."""
        return (run for run in self.runs if not run.is_forced and phase in (None, run.phase))


def _runs(pieces: Sequence[Piece]) -> Iterator[Run]:
    for _, together in groupby(pieces, lambda piece: (piece.is_forced, piece.phase)):
        yield Run(tuple(together))
