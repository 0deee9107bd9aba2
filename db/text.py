"""The door through which text enters the database. PostgreSQL takes neither NUL nor lone surrogates; ids are the truth.

Whatever is replaced here is flagged by the caller (`is_text_repaired`), and token ids are never touched.
"""

from pydantic import JsonValue

from scaling.storable import UNSTORABLE, unstorable

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def storable(text: str) -> str:
    """The text with NUL and lone surrogates replaced by U+FFFD."""
    return UNSTORABLE.sub(REPLACEMENT, text)


def storable_or_none(text: str | None) -> str | None:
    return None if text is None else storable(text)


def require_storable(spec: JsonValue) -> None:
    """Raises ValueError for JSON that would have to be changed to be stored: a spec is never changed."""
    if any(True for _ in unstorable(spec)):
        raise ValueError("the spec holds a NUL or a lone surrogate, which PostgreSQL cannot store: take it out")
