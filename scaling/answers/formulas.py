r"""The `math` grader's first half: which words or formulas of a text are the answer. What they mean, a library reads.

A formula in $...$ that was announced is the answer, several that are joined by "or" and "and" are one answer together;
else it is the clause that was announced. Nothing is rewritten here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from scaling.answers.announced import JOINED, SEPARATOR, Announced, How, last_paragraph
from scaling.answers.numerals import DOUBTED, MULTIPLE
from scaling.types import Unread

_DELIMITER = re.compile(r"\\.|\$\$?", re.DOTALL)
_CLOSING = {"$": "$", "$$": "$$", "\\(": "\\)", "\\[": "\\]"}
_LEAD = re.compile(
    r"\A(?:[\s:*_]|\b(?:therefore|thus|so|simply|indeed|exactly|equal\sto|given\sby|equals|is|that|hence|then|just|either|both)\b)*",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(
    r"(?<=[\w})\]%*`\"'])\.(?=\s|\Z|[*_`])|[?;](?:\s|\Z)|\s\((?=[A-Za-z]{2,}|we\b)|\s[—–]\s|,?\s(?:which|because|since|so|where|i\.e\.|that\sis|as\s(?:we|required|shown|desired|the))\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[^\s.])[.!?](?=\s)")
_NUMBER = re.compile(
    r"(?<![\w.,/])[-+−]?\\?[$€£]?(?:[0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+)(?:/[0-9]+)?%?(?![\w/^!]|[.,][0-9])"
)
_DIGIT = re.compile(r"[0-9]")
_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}")
MOST_WORDS = 8
"""An answer in words is short; what has more is a sentence."""


@dataclass(frozen=True, slots=True)
class Formula:
    """What stands between delimiters, and where it stood with them."""

    text: str
    start: int
    end: int


def boxed(box: Announced) -> str:
    return box.text


def said(words: Announced) -> str | Unread | None:
    """None: a sentence without an answer in it."""
    text = words.text[_LEAD.match(words.text).end() :]  # type: ignore[union-attr]  # it matches the empty text
    if not text.strip(" $.*_\\quad,;"):
        return Unread.UNREADABLE
    formulas = formulas_in(text)
    if formulas and formulas[0].start == 0:
        return _first(text, formulas)
    clause = _CLAUSE_END.split(text.split("\n", 1)[0], maxsplit=1)[0].strip(' \t\r*_`"')
    inside = formulas_in(clause)
    if len(inside) == 1 and not _DIGIT.search(clause[: inside[0].start] + clause[inside[0].end :]):
        return inside[0].text
    if inside:
        return Unread.AMBIGUOUS
    if _DIGIT.search(clause) and re.match(r"[A-Za-z]{2,}\s+[A-Za-z]", clause):
        return _only_number(clause) or (alone(words.text) if words.how is How.HEADED else None) or Unread.AMBIGUOUS
    if len(_WORD.findall(clause)) <= MOST_WORDS:
        return clause
    if words.how is How.HEADED:
        return alone(words.text) or Unread.UNREADABLE
    return Unread.UNREADABLE if _DIGIT.search(clause) else None


def alone(text: str) -> str | None:
    """Without an announcement: what the last paragraph comes to, if it comes to one thing."""
    paragraph = last_paragraph(text)
    if "\n" not in paragraph and not _WORD.search(paragraph):
        return paragraph.rstrip(".") or None
    sentence = [each for each in _SENTENCE_END.split(paragraph) if each.strip()][-1]
    if DOUBTED.search(sentence):
        return None
    formulas = formulas_in(paragraph)
    if formulas and _is_last(paragraph[formulas[-1].end :]):
        return _joined(paragraph, formulas, len(formulas) - 1)
    return _only_number(sentence)


def _is_last(tail: str) -> bool:
    """Nothing behind the formula changes it or could be meant instead."""
    return not _DIGIT.search(tail) and not MULTIPLE.match(tail.lstrip(" -")) and len(_WORD.findall(tail)) <= MOST_WORDS


def _only_number(sentence: str) -> str | None:
    numbers = list(_NUMBER.finditer(sentence))
    if len(numbers) != 1 or DOUBTED.search(sentence[: numbers[0].start()]):
        return None
    if len(re.findall("[0-9]+", sentence)) != len(re.findall("[0-9]+", numbers[0].group())):
        return None
    return None if MULTIPLE.match(sentence[numbers[0].end() :].lstrip(" -")) else numbers[0].group()


def formulas_in(text: str) -> list[Formula]:
    r"""The non-empty contents of $...$, $$...$$, \(...\) and \[...\], in order; a $ before a number alone is money."""
    found: list[Formula] = []
    closing, start, opened = None, 0, 0
    for delimiter in _DELIMITER.finditer(text):
        if delimiter.group() == closing:
            content = text[start : delimiter.start()].strip()
            if content:
                found.append(Formula(content, opened, delimiter.end()))
            closing = None
        elif closing is None and delimiter.group() in _CLOSING:
            closing, start, opened = _CLOSING[delimiter.group()], delimiter.end(), delimiter.start()
    return found


def _first(text: str, formulas: Sequence[Formula]) -> str | Unread:
    """The formula that the text begins with, and those that are joined to it."""
    last = 0
    while last + 1 < len(formulas) and _are_joined(text[formulas[last].end : formulas[last + 1].start]):
        last += 1
    behind = text[formulas[last].end :].lstrip(" -")
    if MULTIPLE.match(behind) or behind.startswith("of "):
        return Unread.UNREADABLE  # three dozen, five times x
    return _joined(text, formulas, last)


def _joined(text: str, formulas: Sequence[Formula], last: int) -> str:
    first = last
    while first and _are_joined(text[formulas[first - 1].end : formulas[first].start]):
        first -= 1
    together = dict.fromkeys(formula.text.rstrip(".,; ") for formula in formulas[first : last + 1])
    return ", ".join(together)


def _are_joined(between: str) -> bool:
    joined = JOINED.match(between)
    return joined is not None and joined["name"] is None and SEPARATOR.search(between) is not None
