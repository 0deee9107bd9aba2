"""Where a generation ended: which ids belong to the delimiter that stopped it.

A delimiter may be one token, several, or begin inside a token, and when a generation is made in segments it may
straddle two requests, where no server can see it. Ids are the truth: the cut is always between two tokens.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from scaling.types import Ids

Detokenize = Callable[[Ids], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Delimiter:
    """A stop string and the ids it is spelled with when it stands alone."""

    text: str
    ids: Ids

    @property
    def is_single_token(self) -> bool:
        return len(self.ids) == 1


def first_delimiter(text: str, delimiters: Sequence[Delimiter]) -> Delimiter | None:
    """The delimiter that occurs first in `text`; None if none does."""
    found = [delimiter for delimiter in delimiters if delimiter.text in text]
    return min(found, key=lambda delimiter: text.index(delimiter.text), default=None)


async def ids_before(delimiter: Delimiter, ids: Ids, text: str, detokenize: Detokenize) -> int:
    """How many of `ids`, whose text is `text`, stand wholly before the first `delimiter`.

    A token that holds both the end of the thought and the start of the delimiter goes with the delimiter.
    """
    length = len(delimiter.ids)
    if ids[-length:] == delimiter.ids and text.endswith(delimiter.text) and text.count(delimiter.text) == 1:
        return len(ids) - length
    before = text[: text.index(delimiter.text)]
    count = len(ids)
    while count and not before.startswith(await detokenize(ids[:count])):
        count -= 1
    return count
