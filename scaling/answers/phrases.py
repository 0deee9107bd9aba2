r"""The `exact` grader: the answer's own words, compared after trimming and case folding."""

import re

from scaling.answers.announced import Announced
from scaling.answers.numerals import unwrap_text
from scaling.types import Unread

_EDGES = " \t\r\n*_`\"'“”‘’$"
_SENTENCE_END = re.compile(r"(?<=[a-z0-9)]{3})\.\s")
_LETTER = re.compile(r"[(\[]?\s?[A-Ja-j]\s?[)\]]?[.:]?")


def is_letter(reference: str) -> bool:
    """The reference is the letter of an option: then answers are read as choices, of options that nobody knows."""
    return _LETTER.fullmatch(reference.strip()) is not None


def key_of(phrase: str) -> str:
    return " ".join(_trimmed(phrase).split()).casefold()


def boxed(box: Announced) -> str:
    return _trimmed(box.text)


def said(words: Announced) -> str | Unread:
    lines = [line.strip(_EDGES) for line in words.text.splitlines() if line.strip(_EDGES)]
    return _trimmed(_SENTENCE_END.split(lines[0], maxsplit=1)[0]) if lines else Unread.UNREADABLE


def alone(text: str) -> str | None:
    """Without a box or a marker, only an answer of one line is taken for one."""
    lines = text.strip().splitlines()
    return _trimmed(lines[0]) if len(lines) == 1 else None


def _trimmed(phrase: str) -> str:
    return unwrap_text(phrase).strip(_EDGES).rstrip(".").strip(_EDGES)
