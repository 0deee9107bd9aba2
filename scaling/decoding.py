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
