"""The door through which text enters the database. PostgreSQL takes neither NUL nor lone surrogates; ids are the truth.

Whatever is replaced here is flagged by the caller (`is_text_repaired`), and token ids are never touched.
"""

import re

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def storable(text: str) -> str:
    """The text with NUL and lone surrogates replaced by U+FFFD."""
    return UNSTORABLE.sub(REPLACEMENT, text)


def storable_or_none(text: str | None) -> str | None:
    return None if text is None else storable(text)


def is_storable(text: str | None) -> bool:
    return text is None or UNSTORABLE.search(text) is None
