"""Where a generation ended: which ids belong to the delimiter that stopped it.

A delimiter may be one token, several, or begin inside a token, and when a generation is made in segments it may
straddle two requests, where no server can see it; a server may also hand over ids that it generated behind it. Ids are
the truth: the cut is always between two tokens.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from scaling.types import Ids

TextOf = Callable[[int], Awaitable[str]]
"""The text of the first so many ids of a generation."""


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

    def is_begun_in(self, text: str) -> bool:
        """`text` ends in what may become it."""
        return any(text.endswith(self.text[:size]) for size in range(1, len(self.text)))


@dataclass(frozen=True, slots=True)
class Stop:
    """A delimiter and how many ids it takes until it is complete; its last token may say more."""

    delimiter: Delimiter
    num_through: int


def stop_by_id(ids: Ids, delimiters: Sequence[Delimiter]) -> Stop | None:
    """The first id that is a delimiter by itself, and need not be looked for; None if none is."""
    single = {each.ids[0]: each for each in delimiters if not each.is_looked_for}
    return next((Stop(single[token], place + 1) for place, token in enumerate(ids) if token in single), None)


async def stop_by_text(num_ids: int, text_of: TextOf, delimiters: Sequence[Delimiter]) -> Stop | None:
    """The delimiter that occurs first in the text of all ids; None if none does."""
    text = await text_of(num_ids)
    found = [each for each in delimiters if each.find(text) >= 0]
    if not found:
        return None
    first = min(found, key=lambda each: each.find(text))
    if first.find(text) + len(first.text) == len(text):  # it stopped right there
        return Stop(first, num_ids)
    while num_ids > 1 and first.find(await text_of(num_ids - 1)) >= 0:
        num_ids -= 1
    return Stop(first, num_ids)


async def num_kept(stop: Stop, ids: Ids, text_of: TextOf) -> int:
    """How many of `ids` stay: up to the delimiter, with it if it is kept.

    A token that holds both the end of the thought and the start of the delimiter goes with the delimiter, and so does
    the rest of a character that it completes.
    """
    delimiter, count = stop.delimiter, stop.num_through
    if delimiter.is_kept:
        return count
    before = count - len(delimiter.ids)
    if ids[max(before, 0) : count] == delimiter.ids:
        return before
    text = await text_of(count)
    thought = text[: delimiter.find(text)]
    while count and not thought.startswith(await text_of(count)):
        count -= 1
    return count
