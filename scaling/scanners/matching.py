"""Scanners that look for text: a given one, or whatever a regular expression matches.

Patterns are those of the `regex` package, which gives up after a time: whatever pattern meets whatever text, a run
costs at most TIME_LIMIT_S. A match lies within one run: in what the model wrote, or in what was forced on it.
"""

from abc import abstractmethod
from collections.abc import Iterator
from functools import cache
from typing import Annotated, Literal

import regex
from pydantic import AfterValidator, Field

from scaling.scanners.chain_text import ChainText, Place, Run
from scaling.scanners.scanner import MOST_PLACES, Found, Rule, UnscannableError
from scaling.types import Phase

TIME_LIMIT_S = 0.5
"""Of the processor: an honest pattern takes a hundredth of it for 100,000 tokens."""
LONGEST_PATTERN = 1000

Whose = Literal["own", "forced", "all"]
Part = Literal["all", "thinking", "answer"]


@cache
def compiled(pattern: str, ignore_case: bool) -> "regex.Pattern[str]":
    return regex.compile(pattern, regex.VERSION1 | (regex.IGNORECASE if ignore_case else 0))


def checked(pattern: str) -> str:
    try:
        compiled(pattern, ignore_case=False)
    except (regex.error, RecursionError, OverflowError) as error:
        raise ValueError(f"{pattern!r} is no regular expression ({error})") from None
    return pattern


class Matching(Rule):
    """How often something stands in a chain; a hit: at least once."""

    whose: Whose = Field(default="own", description="own: what the model wrote; forced: what was forced on it")
    part: Part = Field(default="all", description="of the thinking, of the answer, or of both")

    @property
    def words(self) -> str:
        return f"{self.scanner}{self._where}"

    @property
    def _where(self) -> str:
        """Where it looks, unless it is all that the model wrote."""
        whose = {"own": "", "forced": ", forced", "all": ", own and forced"}[self.whose]
        return whose + ("" if self.part == "all" else f", in the {self.part}")

    @property
    @abstractmethod
    def expression(self) -> "regex.Pattern[str]": ...

    def find(self, chain: ChainText) -> Found:
        number, places = 0, list[Place]()
        for run in filter(self._looks_at, chain.runs):
            for start, end in self._spans(run):
                number += 1
                if len(places) < MOST_PLACES:
                    places.append(run.place(start, end))
        return Found(number, tuple(places))

    def _looks_at(self, run: Run) -> bool:
        is_whose = self.whose == "all" or run.is_forced == (self.whose == "forced")
        return is_whose and (self.part == "all" or run.phase is Phase(self.part))

    def _spans(self, run: Run) -> Iterator[tuple[int, int]]:
        """Of matches that are not empty."""
        try:
            for match in self.expression.finditer(run.text, timeout=TIME_LIMIT_S, concurrent=True):
                if match.end() > match.start():
                    yield match.span()
        except TimeoutError:
            raise UnscannableError(f"the pattern took longer than {TIME_LIMIT_S:g} s") from None


class Text(Matching):
    """How often a text stands there, as it stands."""

    scanner: Literal["text"] = "text"
    text: str = Field(min_length=1, max_length=LONGEST_PATTERN)
    ignore_case: bool = Field(default=True, description="whether capitals make no difference")

    @property
    def words(self) -> str:
        return f"text “{self.text}”{self._where}"

    @property
    def expression(self) -> "regex.Pattern[str]":
        return compiled(regex.escape(self.text, literal_spaces=True), self.ignore_case)


class Pattern(Matching):
    """How often a regular expression matches. Matches do not overlap; empty ones do not count."""

    scanner: Literal["regex"] = "regex"
    pattern: Annotated[str, Field(min_length=1, max_length=LONGEST_PATTERN), AfterValidator(checked)]
    ignore_case: bool = Field(default=False, description="whether capitals make no difference")

    @property
    def words(self) -> str:
        return f"regex {self.pattern}{self._where}"

    @property
    def expression(self) -> "regex.Pattern[str]":
        return compiled(self.pattern, self.ignore_case)
