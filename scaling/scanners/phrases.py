"""Scanners that count words of which everybody knows what they mean: Waits, giving up, checking oneself.

They count what is said, not what is done: "to check" may be the problem's own words. The lists are data, in
`phrase_lists`, and English.
"""

from collections.abc import Sequence
from functools import cache
from typing import ClassVar, Literal

import regex

from scaling.scanners.matching import Matching, compiled
from scaling.scanners.phrase_lists import GAVE_UP, OWN_CHECK


@cache
def any_of(phrases: tuple[str, ...]) -> str:
    """Whole words: "await" holds no "wait"."""
    return rf"(?<!\w)(?:{'|'.join(map(_spaced, sorted(phrases, key=len, reverse=True)))})(?!\w)"


def _spaced(phrase: str) -> str:
    return r"\s+".join(regex.escape(word).replace("'", "['’]") for word in phrase.split())


class Phrases(Matching):
    """How often one of its phrases is said."""

    phrases: ClassVar[Sequence[str]]

    @property
    def expression(self) -> "regex.Pattern[str]":
        return compiled(any_of(tuple(self.phrases)), ignore_case=True)


class WaitCount(Phrases):
    """How often the word "wait" is said; by the model itself, unless told otherwise. Forced ones are Waits."""

    scanner: Literal["wait_count"] = "wait_count"
    phrases: ClassVar[Sequence[str]] = ("wait",)


class GaveUp(Phrases):
    """How often the model says that it gives up, guesses or cannot tell."""

    scanner: Literal["gave_up"] = "gave_up"
    phrases: ClassVar[Sequence[str]] = GAVE_UP


class OwnCheck(Phrases):
    """How often the model says that it checks what it did."""

    scanner: Literal["own_check"] = "own_check"
    phrases: ClassVar[Sequence[str]] = OWN_CHECK
