"""Options of a choice: out of a row's columns, lettered, shown in the question.

Columns of right and wrong answers are shuffled by the problem's id: the same problem shows them in the same order in
every experiment, and where the right one stands says nothing. Columns that are lettered already keep their order.
"""

import random
import re
from collections.abc import Sequence
from hashlib import sha256

from scaling.answers.choices import LETTERS
from worker.datasets.rows import DataSetError

_INCORRECT = re.compile(r"incorrect answer \d+", re.IGNORECASE)


def wrong_columns(named: Sequence[str], columns: Sequence[str]) -> list[str]:
    """Those that were named, or those that are called as GPQA calls them: "Incorrect Answer 1"."""
    return list(named) or sorted(column for column in columns if _INCORRECT.fullmatch(column))


def shuffled(right: str, wrong: Sequence[str], problem_id: str) -> tuple[str, ...]:
    """Right and wrong answers in an order that only the problem's id decides."""
    options = [right, *wrong]
    random.Random(sha256(problem_id.encode()).digest()).shuffle(options)
    return tuple(options)


def shown(question: str, options: Sequence[str]) -> str:
    """The question with its options behind it, one a line."""
    lines = [f"{letter}) {option}" for letter, option in zip(LETTERS, options, strict=False)]
    return question + "\n\n" + "\n".join(lines)


def require_distinct(options: Sequence[str], place: str) -> None:
    """Raises DataSetError: an answer by its text has to name one option."""
    if len(options) > len(LETTERS):
        raise DataSetError(f"{place}: {len(options)} options; there are letters for {len(LETTERS)}")
    spelled = [" ".join(option.split()) for option in options]
    for option in spelled:
        if spelled.count(option) > 1:
            raise DataSetError(f"{place}: two options are {option!r}; an option has to be told from the others")
