"""The words of a text, by which it is found: those of an index, and of what is looked for, by the same rules.

A word is a run of letters and digits in lower case; signs part words, so that `\\boxed{34}` has *boxed* and *34*, and
`12*3` has *12* and *3*. Chinese and Japanese, which part no words, are taken by the character. PostgreSQL's own parser
is not asked: it reads signs as parts of numbers and addresses (`1+1` as 1 and +1), depends on the database's locale,
and takes ten times as long.
"""

import re
from collections.abc import Iterable, Iterator

ALONE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[{ALONE}]|[^\W_{ALONE}]+")

LONGEST_WORD = 64
"""Characters; what is longer is found by its first."""
MOST_BYTES = 1_000_000
"""Of all different words of a trace together: a tsvector holds one MiB. What comes later is not found."""


def words_of(text: str) -> Iterator[str]:
    """In their order, again as often as they come."""
    return (found[0][:LONGEST_WORD] for found in WORD.finditer(text.lower()))


def different_words(texts: Iterable[str]) -> tuple[str, ...]:
    """Each once, until there are too many to store."""
    found: dict[str, None] = {}
    for text in texts:
        found.update(dict.fromkeys(words_of(text)))
    return tuple(_within(found, MOST_BYTES))


def _within(words: Iterable[str], most_bytes: int) -> Iterator[str]:
    for word in words:
        most_bytes -= len(word.encode())
        if most_bytes < 0:
            return
        yield word
