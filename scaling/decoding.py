"""Ids as text, where one character may take several tokens and a text may be made in pieces.

A character counts once all its bytes are there: what is missing is held back, and comes with the ids that complete
it. So the pieces of a text, put together, are the decoding of all its ids, wherever the borders between them fell.
"""

from collections.abc import Awaitable, Callable

from scaling.types import Ids

Detokenize = Callable[[Ids], Awaitable[str]]

BROKEN = "\ufffd"
"""What a tokenizer decodes bytes to that are no character, or not yet."""


def complete(text: str) -> str:
    """Without the bytes at its end that are no character yet."""
    return text.rstrip(BROKEN)


async def text_behind(context: Ids, ids: Ids, detokenize: Detokenize) -> str:
    """What `ids` add to the text of `context`, with BROKEN for the bytes at the end that are no character yet.

    Only the end of `context` is decoded with them: as much as holds a whole character.
    """
    tail, seen = await _end_of(context, detokenize)
    return (await detokenize(tail + ids))[len(seen) :]


async def _end_of(context: Ids, detokenize: Detokenize) -> tuple[Ids, str]:
    """The last ids, one if that is enough, and the text of theirs that was told before."""
    size = 1
    while True:
        tail = context[-size:]
        seen = complete(await detokenize(tail))
        if seen or size >= len(context):
            return tail, seen
        size *= 2


class StepText:
    """The text of a step's ids, which its server tells as it generates them. What was told is not decoded again: asked
    in pieces, a text is the pieces put together, where no character falls on a border and no stop string cut one.
    """

    def __init__(self, context: Ids, detokenize: Detokenize) -> None:
        self._context = context
        self._detokenize = detokenize
        self._ids: Ids = ()
        self._told: str | None = ""  # the text of these ids; None: that has to be decoded
        self._decoded: dict[int, str] = {}

    @property
    def told(self) -> str | None:
        """Of all ids so far; None if it is not known."""
        return self._told

    def begin(self, ids: Ids, told: str | None) -> None:
        self._ids, self._told = ids, told

    async def go_on(self, ids: Ids, told: str | None) -> None:
        """More was generated; `told` None: nobody told its text."""
        if self._told is not None:
            is_whole = told is not None and not await self._ends_inside_a_character()
            self._told = self._told + told if told is not None and is_whole else None
        self._ids += ids
        self._decoded = {}

    async def of(self, count: int) -> str:
        """Of the first `count` ids, with what they complete of the context's last character."""
        if self._told is not None and count == len(self._ids):
            return self._told
        if self._told is not None and count == len(self._ids) - 1:
            last = await self._detokenize(self._ids[-1:])
            if self._told.endswith(last):
                return self._told.removesuffix(last)
        if count not in self._decoded:
            self._decoded[count] = await text_behind(self._context, self._ids[:count], self._detokenize)
        return self._decoded[count]

    async def _ends_inside_a_character(self) -> bool:
        last = self._ids[-1:] or self._context[-1:]
        return (await self._detokenize(last)).endswith(BROKEN)
