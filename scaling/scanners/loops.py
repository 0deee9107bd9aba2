"""Loops: a model that says the same again and again until its limit ends it, the plainest form of the degeneration that
Holtzman et al. describe (arXiv 1904.09751 §4).

Words are numbers, words and single signs; of scripts that write without spaces, single characters. The end of a run has
the *period* p if each of its words is the one p places before it. It is a *loop* if it goes through its period at least
`least_repeats` times and is at least `least_words` long. Only what a run ends with counts: a refrain that was left
again is none.
"""

from collections.abc import Sequence
from typing import Literal

import regex
from pydantic import Field

from scaling.scanners.chain_text import ChainText, Run
from scaling.scanners.scanner import NOTHING, Found, Rule

WORD = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]|[\w--[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]]+|[^\w\s]",
    regex.VERSION1,
)


class Loop(Rule):
    """How many words the longest loop holds that a run of the model's own words ends with; 0: there is none."""

    scanner: Literal["loop"] = "loop"
    least_repeats: int = Field(default=4, ge=2, description="how often its period must be gone through")
    least_words: int = Field(default=20, ge=2, description="how many words it must hold")

    def find(self, chain: ChainText) -> Found:
        return max((self._in_run(run) for run in chain.own()), key=lambda found: found.value, default=NOTHING)

    def _in_run(self, run: Run) -> Found:
        spans = [match.span() for match in WORD.finditer(run.text)]
        length = self.length([run.text[start:end] for start, end in spans])
        if not length:
            return NOTHING
        return Found(length, (run.place(spans[-length][0], spans[-1][1]),))

    def length(self, words: Sequence[str]) -> int:
        """In words, of the longest loop that they end with."""
        matched = prefix_matches(words[::-1])
        lengths = (
            period + again
            for period, again in enumerate(matched)
            if period and period + again >= max(self.least_words, self.least_repeats * period)
        )
        return max(lengths, default=0)


def prefix_matches(words: Sequence[str]) -> list[int]:
    """For each place how many words from there on are those that the sequence begins with (Gusfield's Z, in O(n))."""
    matched, left, right = [0] * len(words), 0, 0
    for place in range(1, len(words)):
        number = min(matched[place - left], right - place) if place < right else 0
        while place + number < len(words) and words[number] == words[place + number]:
            number += 1
        matched[place] = number
        if place + number > right:
            left, right = place, place + number
    return matched
