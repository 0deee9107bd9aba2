r"""Whether two answers are the same answer. Three outcomes: yes, no, and in doubt, which is never a yes.

Exact values have to be equal exactly. A decimal stands for what it rounds or cuts: 0.333333 is 1/3 because it has SIX
digits of it, whatever its size; 0.33 is not, nor is 6.6e-34 anything near 1.4e-23. Symbolic equality is math-verify's.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import sympy

from worker.graders.algebra import is_rounded, same_expression
from worker.graders.values import Based, Expression, Number, Several, Value, Words


def answers(reference: Value, answer: Value) -> bool | None:
    """Whether the answer is the reference's. The base of a numeral, which the reference tells, it may leave out."""
    if isinstance(reference, Based) and isinstance(answer, Number) and str(answer.value) == reference.digits:
        return True
    return same(reference, answer)


def same(first: Value, second: Value) -> bool | None:
    """Symmetric. None: in doubt."""
    one, other = _worked_out(first), _worked_out(second)
    return None if one is None or other is None else _same(one, other)


def _same(first: Value, second: Value) -> bool | None:
    """Names and units first, then the values."""
    if first.name and second.name and first.name != second.name:
        return None if _same_value(first, second) is not False else False
    if first.unit != second.unit and first.unit and second.unit:
        return None  # 15 minutes may be 0.25 hours
    if "%" in (first.unit, second.unit) and first.unit != second.unit:
        return _same_percentage(first, second)
    return _same_value(first, second)


def _worked_out(value: Value) -> Value | None:
    """What 5 + 6 = 11 comes to; None if its sides are not equal."""
    if not (isinstance(value, Several) and value.brackets == "="):
        return value
    is_right = all(same(one, other) for one, other in pairwise(value.parts))
    return replace(value.parts[-1], name=value.name or value.parts[-1].name) if is_right else None


def _same_percentage(first: Value, second: Value) -> bool | None:
    """One is per cent: 10% is 0.1, and 10 where per cent was asked for; 0.5% is not 0.5."""
    share, other = (first, second) if first.unit == "%" else (second, first)
    if _same_share(share, other):
        return True
    is_small = isinstance(other, Number) and abs(other.value) < 1 and other.value != 0
    return (None if _same_value(first, second) else False) if is_small else _same_value(first, second)


def _same_share(share: Value, other: Value) -> bool:
    return (
        isinstance(share, Number)
        and isinstance(other, Number)
        and share.unit == "%"
        and share.value / 100 == other.value
    )


def _same_value(first: Value, second: Value) -> bool | None:
    if isinstance(first, Words) or isinstance(second, Words):
        return _same_words(first, second)
    if isinstance(first, Based) or isinstance(second, Based):
        return _same_numeral(first, second)
    if isinstance(first, Number) and isinstance(second, Number):
        return _same_number(first, second)
    first, second = _alone(first), _alone(second)
    if isinstance(first, Several) and isinstance(second, Several):
        return _same_parts(first, second)
    return same_expression(first, second)


def _same_words(first: Value, second: Value) -> bool | None:
    """A letter in brackets is the letter; words and mathematics may be the same, which nobody here can tell."""
    if isinstance(first, Words) and isinstance(second, Words):
        return first.text == second.text
    words, other = (first, second) if isinstance(first, Words) else (second, first)
    assert isinstance(words, Words)
    if len(words.text) == 1 and isinstance(other, Expression):
        return same_expression(Expression(sympy.Symbol(words.text, real=True)), other)
    return None


def _alone(value: Value) -> Value:
    """The only member of a set speaks for it."""
    return value.parts[0] if isinstance(value, Several) and value.brackets == "{}" and len(value.parts) == 1 else value


def _same_numeral(first: Value, second: Value) -> bool | None:
    """In one base, digit by digit."""
    based, other = (first, second) if isinstance(first, Based) else (second, first)
    assert isinstance(based, Based)
    if isinstance(other, Based):
        if based.base != other.base:
            return False if based.digits == other.digits else None
        return based.digits == other.digits
    return None if isinstance(other, Number) and str(other.value) == based.digits else False


def _same_number(first: Number, second: Number) -> bool:
    return first.value == second.value or is_rounded(first, second.value) or is_rounded(second, first.value)


def _same_parts(first: Several, second: Several) -> bool | None:
    if len(first.parts) != len(second.parts):
        return False
    if first.is_ordered and second.is_ordered:
        if ":" in (first.brackets, second.brackets):
            return _all_same(first.parts, second.parts) or None
        if first.brackets != second.brackets:
            return False
        return _all_same(first.parts, second.parts)
    if not first.is_ordered and not second.is_ordered:
        are_named = _are_named(first) and _are_named(second)
        return _matched_by_name(first, second) if are_named else _matched(first.parts, second.parts)
    ordered = first if first.is_ordered else second
    in_order = _all_same(first.parts, second.parts)
    if ordered.brackets == "()" and "{}" not in (
        first.brackets,
        second.brackets,
    ):  # a pair, and a list that may be meant for one
        return in_order or (None if _matched(first.parts, second.parts) is not False else False)
    return None if _matched(first.parts, second.parts) is not False else False


def _are_named(several: Several) -> bool:
    """x = 2, y = 3: each part has a name of its own."""
    names = {part.name for part in several.parts}
    return "" not in names and len(names) == len(several.parts)


def _matched_by_name(first: Several, second: Several) -> bool | None:
    others = {part.name: part for part in second.parts}
    if others.keys() != {part.name for part in first.parts}:
        return None
    return _all_same(first.parts, [others[part.name] for part in first.parts])


def _all_same(first: Sequence[Value], second: Sequence[Value]) -> bool | None:
    told = [same(one, other) for one, other in zip(first, second, strict=True)]
    return False if False in told else None if None in told else True


def _matched(first: Sequence[Value], second: Sequence[Value]) -> bool | None:
    """Each part has one of the others to itself. Equality of exact values is transitive, so the first found will do."""
    left, is_in_doubt = list(second), False
    for part in first:
        told = [same(part, other) for other in left]
        if True in told:
            del left[told.index(True)]
        elif None in told:
            del left[told.index(None)]
            is_in_doubt = True
        else:
            return False
    return None if is_in_doubt else True
