"""What an answer says, as a value: its kinds, and the key that tells equal spellings."""

from dataclasses import dataclass, field
from fractions import Fraction

import sympy


class UnreadableError(ValueError):
    """This is no mathematics, or could be two kinds of it."""


@dataclass(frozen=True)
class Value:
    """What an answer, or a part of one, says. Subclasses are its kinds; `name` is x in x = 5."""

    unit: str = field(default="", kw_only=True)
    name: str = field(default="", kw_only=True)


@dataclass(frozen=True)
class Number(Value):
    """A literal: 1/2 is exact; 0.333 has 3 `places` (None: exact), and 3 `digits` that mean something."""

    value: Fraction
    places: int | None = None
    digits: int = 0


@dataclass(frozen=True)
class Words(Value):
    text: str


@dataclass(frozen=True)
class Based(Value):
    """A numeral in a base, 1011_2."""

    digits: str
    base: int


@dataclass(frozen=True)
class Expression(Value):
    """Anything that latex2sympy reads as one expression, set, matrix or equation; decimals are exact in it."""

    value: sympy.Basic | sympy.MatrixBase


@dataclass(frozen=True)
class Several(Value):
    """`brackets` as they stand: "(]", "{}", "" of a list; ":" of a ratio, "=" of what is worked out side by side."""

    parts: tuple[Value, ...]
    brackets: str = ""

    @property
    def is_ordered(self) -> bool:
        return self.brackets not in ("", "{}")


@dataclass(frozen=True)
class Either(Value):
    """Relations of which one holds; if `is_all`, they all do."""

    parts: tuple[Value, ...]
    is_all: bool = False


def key_of(value: Value) -> str:
    """Equal for answers that are the same by their spelling, and readable."""
    name, unit = (f"{value.name} = " if value.name else ""), (f" {value.unit}" if value.unit else "")
    return f"{name}{_spelled(value)}{unit}"


def _spelled(value: Value) -> str:
    match value:
        case Number():
            return str(value.value)
        case Words():
            return value.text
        case Based():
            return f"{value.digits}_{value.base}"
        case Several():
            opening, closing = (
                (value.brackets[0], value.brackets[-1]) if value.is_ordered or value.brackets else ("", "")
            )
            return f"{opening}{', '.join(map(key_of, value.parts))}{closing}"
        case Either():
            return (" and " if value.is_all else " or ").join(map(key_of, value.parts))
        case Expression():
            return str(value.value)
    raise TypeError(f"no kind of answer: {type(value).__name__}")
