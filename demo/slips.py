"""A careless solver: how often, and how, a step of a training trace goes wrong.

The tiny model imitates this solver, so its error rate was chosen, not found. The slips are those people make: a carry
or borrow forgotten, off by one, off by ten, one multiple too many; rare where a step is easy, frequent where it is
tricky.
"""

from dataclasses import dataclass, replace
from random import Random

from demo.ladder import Operation, apply, in_range

SLIP_RATE = (0.02, 0.06, 0.20, 0.40, 0.62)
"""Probability of a slip by trickiness, 0..4."""

_TRIES_PER_SLIP = 4


@dataclass(frozen=True)
class Line:
    """One written step, `before operator operand = result`."""

    before: int
    operator: str
    operand: int
    result: int

    @property
    def exact(self) -> int:
        return apply(self.before, self.operator, self.operand)

    @property
    def corrected(self) -> "Line":
        """The same step with its exact result."""
        return replace(self, result=self.exact)

    @property
    def is_slip(self) -> bool:
        """Whether the line is wrong in itself, whatever came before it."""
        return self.result != self.exact


def trickiness(value: int, operator: str, operand: int) -> int:
    """How easily a step goes wrong: 0 (no carry, small operand) to 4 (a carry or borrow deep in the units)."""
    if operator == "*":
        return 2 if value < 10 else 3
    units = apply(value % 10, operator, operand % 10)
    if 0 <= units < 10:
        return 0 if operand < 6 else 1
    past_the_ten = units - 10 if operator == "+" else -units
    if past_the_ten >= (5 if operator == "+" else 6):
        return 4
    return 2 if past_the_ten <= (1 if operator == "+" else 2) else 3


def slips(value: int, operator: str, operand: int) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """The wrong results a careless solver writes for a step, and their weights."""
    exact = apply(value, operator, operand)
    if operator == "*":
        candidates = (exact + value, exact - value, exact + 10, exact - 10, exact + 1, exact - 1)
        return candidates, (0.25, 0.25, 0.15, 0.15, 0.1, 0.1)
    forgotten_ten = exact - 10 if operator == "+" else exact + 10
    level = trickiness(value, operator, operand)
    if level == 4:
        return (forgotten_ten, exact + 1, exact - 1), (0.80, 0.10, 0.10)
    if level >= 2:
        return (forgotten_ten, exact + 1, exact - 1, 2 * exact - forgotten_ten), (0.55, 0.18, 0.18, 0.09)
    return (exact + 1, exact - 1, exact + 10, exact - 10), (0.4, 0.4, 0.1, 0.1)


def solve(random: Random, value: int, operations: tuple[Operation, ...], carelessness: float = 1.0) -> list[Line]:
    """Work through `operations` from `value`, slipping now and then, staying in range all the way.

    `carelessness` multiplies the slip rates; 0 is an exact solution.
    """
    lines: list[Line] = []
    for index, (operator, operand) in enumerate(operations):
        result = apply(value, operator, operand)
        if random.random() < carelessness * SLIP_RATE[trickiness(value, operator, operand)]:
            result = _slip(random, value, operations[index:], default=result)
        lines.append(Line(value, operator, operand, result))
        value = result
    return lines


def _slip(random: Random, value: int, operations: tuple[Operation, ...], default: int) -> int:
    """A wrong result from which the later operations stay in range, or `default` when none is found soon."""
    candidates, weights = slips(value, *operations[0])
    for _ in range(_TRIES_PER_SLIP):
        (result,) = random.choices(candidates, weights)
        if _stays_in_range(result, operations[1:]):
            return result
    return default


def work_out(value: int, operations: tuple[Operation, ...]) -> int:
    """The exact result of all `operations`, starting from `value`."""
    for operation in operations:
        value = apply(value, *operation)
    return value


def _stays_in_range(value: int, operations: tuple[Operation, ...]) -> bool:
    for operator, operand in operations:
        if not in_range(value):
            return False
        value = apply(value, operator, operand)
    return in_range(value)
