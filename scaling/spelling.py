"""How a setting's value is spelled in a label: a plain word as it stands, all else as JSON, a long text cut."""

import hashlib
import json

from pydantic import JsonValue

DIGEST_CHARACTERS = 6


def spelled(value: JsonValue) -> str:
    is_plain = isinstance(value, str) and value.isprintable() and value and not set(value) & set(" \"'=·")
    return str(value) if is_plain else json.dumps(value, ensure_ascii=False)


def shortened(text: str, most_characters: int) -> str:
    """A text that is cut is told from others by its digest."""
    if len(text) <= most_characters:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:DIGEST_CHARACTERS]
    return f"{text[: most_characters - DIGEST_CHARACTERS - 1]}…{digest}"
