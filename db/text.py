"""The door through which text enters the database. PostgreSQL takes neither NUL nor lone surrogates; ids are the truth.

Whatever is replaced here is flagged by the caller (`is_text_repaired`), and token ids are never touched.
"""

import re
from collections.abc import Iterator

from pydantic import JsonValue

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def storable(text: str) -> str:
    """The text with NUL and lone surrogates replaced by U+FFFD."""
    return UNSTORABLE.sub(REPLACEMENT, text)


def storable_or_none(text: str | None) -> str | None:
    return None if text is None else storable(text)


def is_storable(text: str | None) -> bool:
    return text is None or UNSTORABLE.search(text) is None


def require_storable(spec: JsonValue) -> None:
    """Raises ValueError for JSON that would have to be changed to be stored: a spec is never changed."""
    if UNSTORABLE.search("".join(all_strings(spec))):
        raise ValueError("the spec holds a NUL or a lone surrogate, which PostgreSQL cannot store: take it out")


def all_strings(value: JsonValue) -> Iterator[str]:
    """Every string in the value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        yield from (text for each in value.values() for text in all_strings(each))
    elif isinstance(value, list):
        yield from (text for each in value for text in all_strings(each))
