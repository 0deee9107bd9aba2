"""Language switches: a chain that is written in one script and has words of another, as reasoning models have that were
trained by rewards alone (DeepSeek-R1, arXiv 2501.12948 §2.2.4).

A *word* here is two letters or more of one script, one beside the other; of Chinese and Japanese, one. So a π, an x and
an Ω are no words, and neither is what follows a backslash (LaTeX). The *main* script has the most letters. Languages of
one script are not told apart.
"""

from collections import Counter
from typing import Literal

import regex

from scaling.scanners.chain_text import ChainText, Run
from scaling.scanners.scanner import MOST_PLACES, NOTHING, Found, Rule

WRITTEN_TOGETHER = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}"
SCRIPTS = ("Latin", "Cyrillic", "Greek", "Arabic", "Hebrew", "Devanagari", "Bengali", "Tamil", "Thai", "Hangul")
WORD = regex.compile(
    rf"\\[A-Za-z]+|(?P<Chinese_or_Japanese>[{WRITTEN_TOGETHER}]+)|"
    + "|".join(rf"(?P<{script}>\p{{Script={script}}}{{2,}})" for script in SCRIPTS),
    regex.VERSION1,
)


class LanguageSwitch(Rule):
    """Which share of the letters of the model's own words is not in their main script."""

    scanner: Literal["language_switch"] = "language_switch"

    def find(self, chain: ChainText) -> Found:
        words = [(match.lastgroup, run, match.span()) for run in chain.own() for match in _words(run)]
        letters: Counter[str | None] = Counter()
        for script, _, (start, end) in words:
            letters[script] += end - start
        if len(letters) < 2:
            return NOTHING
        main, number = letters.most_common(1)[0]
        places = [run.place(*span) for script, run, span in words if script != main]
        return Found(1 - number / letters.total(), tuple(places[:MOST_PLACES]))


def _words(run: Run) -> "list[regex.Match[str]]":
    return [match for match in WORD.finditer(run.text) if match.lastgroup is not None]
