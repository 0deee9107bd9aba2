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
    is_kept: bool = False
    """It stays in the context, and what follows continues the same generation."""
    ends_step: bool = False
    """It is plain text, such as a blank line: it may share a token with its neighbours, and counts only behind
    something, so that several in a row end one step and not several empty ones."""

    @property
    def is_single_token(self) -> bool:
        return len(self.ids) == 1

    @property
    def is_looked_for(self) -> bool:
        """It has to be found in the text, since no one id gives it away."""
        return self.ends_step or not self.is_single_token

    def find(self, text: str) -> int:
        """Where it first stands in `text`; -1 if it does not."""
        return text.find(self.text, len(text) - len(text.lstrip()) if self.ends_step else 0)


def first_delimiter(text: str, delimiters: Sequence[Delimiter]) -> Delimiter | None:
    """The delimiter that occurs first in `text`; None if none does."""
    found = [delimiter for delimiter in delimiters if delimiter.find(text) >= 0]
    return min(found, key=lambda delimiter: delimiter.find(text), default=None)


async def num_kept(delimiter: Delimiter, ids: Ids, text: str, detokenize: Detokenize) -> int:
    """How many of `ids`, whose text is `text`, stay: up to the first `delimiter`, with it if it is kept."""
    if delimiter.is_kept:
        return await ids_through(delimiter, ids, text, detokenize)
    return await ids_before(delimiter, ids, text, detokenize)


async def ids_before(delimiter: Delimiter, ids: Ids, text: str, detokenize: Detokenize) -> int:
    """How many of `ids`, whose text is `text`, stand wholly before the first `delimiter`.

    A token that holds both the end of the thought and the start of the delimiter goes with the delimiter.
    """
    length, start = len(delimiter.ids), delimiter.find(text)
    if ids[-length:] == delimiter.ids and start + len(delimiter.text) == len(text):
        return len(ids) - length
    count = len(ids)
    while count and not text[:start].startswith(await detokenize(ids[:count])):
        count -= 1
    return count


async def ids_through(delimiter: Delimiter, ids: Ids, text: str, detokenize: Detokenize) -> int:
    """How many of `ids` it takes until the first `delimiter` is complete; its last token may say more."""
    if delimiter.find(text) + len(delimiter.text) == len(text):  # it stopped right there
        return len(ids)
    count = await ids_before(delimiter, ids, text, detokenize)
    while count < len(ids) and delimiter.find(await detokenize(ids[:count])) < 0:
        count += 1
    return count
