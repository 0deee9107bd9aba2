"""The ladder: short sums evaluated strictly from left to right, without precedence.

A problem is a start value and one to ten operations, `26-6-10+1`, whose every intermediate value lies in 0..49. Five
levels have 2, 3-4, 5-6, 7-8 and 9-10 operations, with more carries and borrows higher up.

Which split a problem belongs to is a property of its text: a SHA-256 digest decides, so training and measuring can
never disagree about it, and nobody has to keep a list. This module needs the standard library only.

`python -m demo.ladder` writes `demo/data/ladder-test.jsonl` again, byte for byte.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Literal

Split = Literal["train", "validation", "test"]
Operation = tuple[str, int]
"""An operator, one of `+`, `-`, `*`, and its right operand."""

LARGEST_VALUE = 49
LEVELS = (1, 2, 3, 4, 5)
QUESTION_PREFIX = "Evaluate left to right: "
TEST_FILE = Path(__file__).parent / "data" / "ladder-test.jsonl"
TEST_PROBLEMS = 300

_OPERATION_COUNTS = {1: (2, 2), 2: (3, 4), 3: (5, 6), 4: (7, 8), 5: (9, 10)}
_SHARE_OF_LARGE_OPERANDS = {1: 0.1, 2: 0.3, 3: 0.5, 4: 0.65, 5: 0.7}
_PRODUCT_SHARE = 0.12
_TRIES_PER_OPERATION = 30


def apply(value: int, operator: str, operand: int) -> int:
    """The exact result of one operation."""
    if operator == "+":
        return value + operand
    if operator == "-":
        return value - operand
    if operator == "*":
        return value * operand
    raise ValueError(f"operator {operator!r} is not one of '+', '-', '*'")


def in_range(value: int) -> bool:
    """Whether `value` may stand in a ladder: 0..49."""
    return 0 <= value <= LARGEST_VALUE


def split(question: str) -> Split:
    """The split of a question: 5 % validation, 5 % test, by the SHA-256 of its text."""
    percentile = int.from_bytes(hashlib.sha256(question.encode()).digest()[:8], "big") % 100
    if percentile < 5:
        return "test"
    if percentile < 10:
        return "validation"
    return "train"


@dataclass(frozen=True)
class Problem:
    """A start value and the operations applied to it, first to last."""

    start: int
    operations: tuple[Operation, ...]

    @classmethod
    def parse(cls, question: str) -> "Problem":
        """The problem that a question states."""
        start, *operations = re.findall(r"[-+*]?\d+", question.removeprefix(QUESTION_PREFIX))
        return cls(int(start), tuple((text[0], int(text[1:])) for text in operations))

    @property
    def expression(self) -> str:
        return f"{self.start}" + "".join(f"{operator}{operand}" for operator, operand in self.operations)

    @property
    def question(self) -> str:
        return QUESTION_PREFIX + self.expression

    @cached_property
    def values(self) -> tuple[int, ...]:
        """The exact value after each operation."""
        values, value = [], self.start
        for operator, operand in self.operations:
            value = apply(value, operator, operand)
            values.append(value)
        return tuple(values)

    @property
    def answer(self) -> int:
        return self.values[-1]

    @property
    def level(self) -> int:
        """1..5, from the number of operations: 1-2, 3-4, 5-6, 7-8, 9-10."""
        return (len(self.operations) + 1) // 2

    @property
    def split(self) -> Split:
        return split(self.question)


def draw(random: Random, operation_count: int, large_operand_share: float) -> Problem:
    """A random problem.

    No operation occurs twice in it: the operation just done then says which one comes next, and a small model can
    follow the question without counting.
    """
    while True:
        start = random.randint(2, 40)
        operations = _draw_operations(random, start, operation_count, large_operand_share)
        if operations is not None:
            return Problem(start, operations)


def draw_level(random: Random, level: int) -> Problem:
    """A random problem of a level, 1..5."""
    fewest, most = _OPERATION_COUNTS[level]
    return draw(random, random.randint(fewest, most), _SHARE_OF_LARGE_OPERANDS[level])


def draw_split(random: Random, wanted: Split, count: int) -> list[Problem]:
    """`count` different problems of one split, the levels taking turns, so that any prefix is balanced over them."""
    problems: dict[str, Problem] = {}
    while len(problems) < count:
        problem = draw_level(random, LEVELS[len(problems) % len(LEVELS)])
        if problem.split == wanted:
            problems.setdefault(problem.question, problem)
    return list(problems.values())


def _draw_operations(
    random: Random, value: int, count: int, large_operand_share: float
) -> tuple[Operation, ...] | None:
    operations: list[Operation] = []
    for _ in range(count):
        operation = _draw_operation(random, value, operations, large_operand_share)
        if operation is None:
            return None
        operations.append(operation)
        value = apply(value, *operation)
    return tuple(operations)


def _draw_operation(random: Random, value: int, used: list[Operation], large_operand_share: float) -> Operation | None:
    """An operation that is not in `used` and keeps the value in range; None when none is found soon."""
    for _ in range(_TRIES_PER_OPERATION):
        if random.random() < _PRODUCT_SHARE:
            operation = "*", random.randint(2, 3)
        else:
            large = random.random() < large_operand_share
            operation = (random.choice("+-"), random.randint(6, 12) if large else random.randint(1, 6))
        if operation not in used and in_range(apply(value, *operation)):
            return operation
    return None


def _record(number: int, problem: Problem) -> dict[str, str]:
    return {
        "id": f"ladder-test-{number:04d}",
        "question": problem.question,
        "answer": str(problem.answer),
        "level": str(problem.level),
        "subject": "ladder",
    }


def write_test_file(path: Path = TEST_FILE) -> None:
    """Write the held-out problems, one JSON object per line."""
    problems = draw_split(Random("ladder-test"), "test", TEST_PROBLEMS)
    lines = [json.dumps(_record(number, problem)) for number, problem in enumerate(problems, 1)]
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_test_file()
