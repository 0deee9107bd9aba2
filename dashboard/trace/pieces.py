"""A long text in pieces, so that only what is read is loaded: where one ends is told by the text around that place.

A piece ends where a line ends, or at least a word, if there is such a place shortly before it is full: what stands
above and below the seam then reads as one. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil

import numpy as np

from db.queries import Span
from scaling.types import Path

PIECE = 2_000
"""Characters of a piece, but for the seam's shift."""
SEAM = 400
"""How far before its end a piece may end."""
IDS_AT_ONCE = 400


def num_pieces(num_characters: int) -> int:
    """An empty text has one, which says that it is empty."""
    return max(1, ceil(num_characters / PIECE))


def num_id_pieces(num_ids: int) -> int:
    return max(1, ceil(num_ids / IDS_AT_ONCE))


def span(path: Path, number: int) -> Span:
    """What has to be read to cut piece `number` out of a step's text."""
    first = max(0, number * PIECE - SEAM)
    return Span(path, first, (number + 1) * PIECE - first)


def piece(read: str, number: int, *, is_last: bool) -> str:
    """Piece `number` of a text of which the characters of its `span` were read."""
    start = seam(read[:SEAM]) if number else 0
    return read[start:] if is_last else read[start : seam(read)]


def first_character(read: str, number: int) -> int:
    """Of the step's text that `piece` cuts out of `read`."""
    return number * PIECE - SEAM + seam(read[:SEAM]) if number else 0


def seam(text: str) -> int:
    """Where the text is cut that would be cut at its end."""
    earliest = max(0, len(text) - SEAM)
    place = max(text.rfind("\n", earliest), text.rfind(" ", earliest) if "\n" not in text[earliest:] else -1)
    return len(text) if place < 0 else place + 1


def piece_at(text: str, character: int) -> int:
    """The number of the piece that has this character of the whole text."""
    number = character // PIECE
    is_behind = (number + 1) * PIECE < len(text) and character >= seam(text[: (number + 1) * PIECE])
    return number + is_behind


@dataclass(frozen=True, eq=False)
class Rows:
    """The pieces of several steps in a row: first those of a step's text, then those of its ids if they are shown."""

    texts_S: Sequence[int]
    ids_S: Sequence[int]

    @cached_property
    def rows_S(self) -> list[int]:
        return [texts + ids for texts, ids in zip(self.texts_S, self.ids_S, strict=True)]

    @cached_property
    def first_S(self) -> np.ndarray:
        """The first row of each step, and behind them how many rows there are."""
        return np.concatenate([[0], np.cumsum(self.rows_S, dtype=int)])

    def places(self, rows: Sequence[int]) -> list[tuple[int, int]]:
        """Of each row its step and its number there; of rows that there are."""
        first_S = self.first_S
        inside = [row for row in rows if 0 <= row < first_S[-1]]
        steps = np.searchsorted(first_S, inside, side="right") - 1
        return [(int(step), row - int(first_S[step])) for step, row in zip(steps, inside, strict=True)]
