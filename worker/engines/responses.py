"""What a server's response says: as JSON, in its own words, and checked to have the form that is expected."""

import json
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")


class MalformedAnswerError(ValueError):
    """The server said 200 and sent what is no answer. The message says what is wrong with it."""


def understood(form: TypeAdapter[T], answer: object) -> T:
    """The answer, checked to have the form. Raises MalformedAnswerError, which says what it lacks."""
    try:
        return form.validate_python(answer)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise MalformedAnswerError(f"the answer is not as expected: {place}: {first['msg']}") from error


def retry_after_s(header: str | None, now: datetime) -> float:
    """What `Retry-After` asks for, in seconds or as a date (RFC 9110 §10.2.3); 0 if it says nothing that is one."""
    try:
        return max(0.0, float(int(header or "0")))
    except (ValueError, OverflowError):
        pass
    try:
        return max(0.0, (parsedate_to_datetime(header or "") - now).total_seconds())
    except (ValueError, TypeError):  # TypeError: a date without a zone
        return 0.0


@dataclass(frozen=True, slots=True)
class NotJson:
    """What was sent is none; `why` is the parser's word."""

    why: str


def parsed(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        return NotJson(str(error))


_ENCODER = json.JSONEncoder(separators=(",", ":"))


def encoded(body: object) -> bytes:
    return _ENCODER.encode(body).encode()


def own_words(content: bytes) -> str:
    """The server's own words: vLLM's error message, else the start of what it sent."""
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        return content[:500].decode("utf-8", "replace").strip() or "(no message)"
    error = told.get("error", told) if isinstance(told, dict) else told
    message = error.get("message", error.get("detail", error)) if isinstance(error, dict) else error
    return str(message)[:2000]
