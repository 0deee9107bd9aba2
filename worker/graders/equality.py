r"""Whether two answers are the same answer. Three outcomes: yes, no, and in doubt, which is never a yes.

Exact values have to be equal exactly. A decimal stands for what it rounds or cuts: 0.333333 is 1/3 because it has SIX
digits of it, whatever its size; 0.33 is not, nor is 6.6e-34 anything near 1.4e-23. Symbolic equality is math-verify's.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import gcd

import sympy
from math_verify.grader import sympy_symbolic_eq
from sympy import Eq, Interval, S, Set
from sympy.core.relational import Relational

from worker.graders.expressions import Based, Either, Expression, Number, Several, Value, Words

SIX = 6
"""Digits that a rounded number needs to stand for an exact one: the precision that math-verify has by default."""
PRECISION = 50
"""Digits to which constants are worked out; closer than 1e-40 of their size they are equal."""
CLOSE = sympy.Rational(1, 10**40)


def answers(reference: Value, answer: Value) -> bool | None:
    """Whether the answer is the reference's. What the reference tells, the base of a numeral, the answer may leave out."""
    if isinstance(reference, Based) and isinstance(answer, Number) and str(answer.value) == reference.digits:
        return True
    return same(reference, answer)


def same(first: Value, second: Value) -> bool | None:
    """Symmetric. None: in doubt."""
    first, second = _worked_out(first), _worked_out(second)
    if first is None or second is None:
        return None
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
    return _same_expression(first, second)


def _same_words(first: Value, second: Value) -> bool | None:
    """A letter in brackets or as text is the letter; words and mathematics may be the same, which nobody here can tell."""
    if isinstance(first, Words) and isinstance(second, Words):
        return first.text == second.text
    words, other = (first, second) if isinstance(first, Words) else (second, first)
    assert isinstance(words, Words)
    if len(words.text) == 1 and isinstance(other, Expression):
        return _same_expression(Expression(sympy.Symbol(words.text, real=True)), other)
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
    return first.value == second.value or _is_rounded(first, second.value) or _is_rounded(second, first.value)


def _is_rounded(rounded: Number, exact: Fraction) -> bool:
    """The decimal is the other number, rounded or cut where the decimal ends, and has digits enough to tell."""
    if rounded.places is None or rounded.digits < SIX:
        return False
    scaled = abs(exact) * Fraction(10) ** rounded.places
    cut = scaled.numerator // scaled.denominator
    nearest = (scaled + Fraction(1, 2)).numerator // (scaled + Fraction(1, 2)).denominator
    is_short = scaled.denominator == 1 or exact.denominator == 1
    return (
        not is_short
        and (exact < 0) == (rounded.value < 0)
        and abs(rounded.value) * Fraction(10) ** rounded.places in (cut, nearest)
    )


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
        return (
            _matched_by_name(first, second)
            if _are_named(first) and _are_named(second)
            else _matched(first.parts, second.parts)
        )
    ordered = first if first.is_ordered else second
    in_order = _all_same(first.parts, second.parts)
    if ordered.brackets == "()":  # a pair, and a list that may be meant for one
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


def _same_expression(first: Value, second: Value) -> bool | None:
    one, other = as_sympy(first), as_sympy(second)
    if one is None or other is None:
        return None
    if one == other:
        return True
    if isinstance(one, Eq) or isinstance(other, Eq):
        return _same_equation(one, other, first.name or second.name)
    if isinstance(one, sympy.MatrixBase) or isinstance(other, sympy.MatrixBase):
        return _same_matrix(one, other)
    one, other = _as_set(one), _as_set(other)
    if isinstance(one, Set) or isinstance(other, Set):
        return _same_set(one, other)
    if isinstance(one, Relational | sympy.And) or isinstance(other, Relational | sympy.And):
        return one == other or None
    return _same_formula(one, other, first, second)


def as_sympy(value: Value) -> sympy.Basic | sympy.MatrixBase | None:
    """None: there is no such thing, as of words."""
    if isinstance(value, Number):
        return sympy.Rational(value.value.numerator, value.value.denominator)
    if isinstance(value, Expression):
        return value.value
    if isinstance(value, Either):
        sets = [_as_set(part.value) for part in value.parts if isinstance(part, Expression)]
        is_whole = len(sets) == len(value.parts) and all(isinstance(each, Set) for each in sets)
        return (sympy.Intersection if value.is_all else sympy.Union)(*sets) if is_whole else None
    if isinstance(value, Several):
        if value.brackets == ":":
            return _quotient(value)
        parts = [as_sympy(part) for part in value.parts]
        if any(part is None or isinstance(part, Relational | sympy.And) for part in parts):
            return None
        return _collected(value, parts)
    return None


def _quotient(ratio: Several) -> sympy.Basic | None:
    """10:3 is 10/3; 2:30 may be a time."""
    parts = [part.value for part in ratio.parts if isinstance(part, Number)]
    if len(parts) != 2 or len(ratio.parts) != 2 or not parts[1] or gcd(*(part.numerator for part in parts)) != 1:
        return None
    return as_sympy(Number(parts[0] / parts[1]))


def _collected(value: Several, parts: list[sympy.Basic]) -> sympy.Basic | None:
    """An interval if the brackets say so; a pair in round brackets may be one."""
    if any(isinstance(part, sympy.MatrixBase) for part in parts):
        return None
    if not value.is_ordered:
        return sympy.FiniteSet(*parts)
    if len(parts) == 2 and value.brackets != "" and not any(part.free_symbols for part in parts):
        try:
            return Interval(parts[0], parts[1], value.brackets[0] == "(", value.brackets[1] == ")")
        except (TypeError, ValueError):
            return None
    return sympy.Tuple(*parts)


def _as_set(value: sympy.Basic) -> sympy.Basic:
    """A relation in one variable as the set of what fulfils it."""
    if not isinstance(value, Relational | sympy.And | sympy.Or) or len(value.free_symbols) != 1:
        return value
    (symbol,) = value.free_symbols
    dummy = sympy.Symbol(symbol.name, real=True)
    try:
        return value.xreplace({symbol: dummy}).as_set()
    except (NotImplementedError, TypeError, ValueError):
        return value


def _same_set(one: sympy.Basic, other: sympy.Basic) -> bool | None:
    if not (isinstance(one, Set) and isinstance(other, Set)):
        return None if S.EmptySet in (one, other) else False
    if one == other:
        return True
    try:
        difference = one.symmetric_difference(other).simplify()
    except (NotImplementedError, TypeError, ValueError):
        return None
    if difference is S.EmptySet:
        return True
    return False if not difference.free_symbols else None


def _same_matrix(one: sympy.Basic, other: sympy.Basic) -> bool | None:
    """Entry by entry; a column may be written as a tuple."""
    if isinstance(one, sympy.MatrixBase) and isinstance(other, sympy.MatrixBase):
        if one.shape != other.shape:
            return None if sorted(one.shape) == sorted(other.shape) else False
        return all(_is_zero(left - right) for left, right in zip(one.flat(), other.flat(), strict=True))
    matrix, flat = (one, other) if isinstance(one, sympy.MatrixBase) else (other, one)
    if isinstance(flat, sympy.Tuple) and 1 in matrix.shape and len(flat) == len(matrix.flat()):
        return all(_is_zero(left - right) for left, right in zip(matrix.flat(), flat, strict=True))
    if isinstance(flat, Interval) and flat.is_open and len(matrix.flat()) == 2:
        return all(_is_zero(left - right) for left, right in zip(matrix.flat(), flat.args[:2], strict=True))
    return False


def _same_equation(one: sympy.Basic, other: sympy.Basic, name: str) -> bool | None:
    """Equations that say the same differ by a factor; one with y = ... and one without are compared with the y."""
    if not (isinstance(one, Eq) and isinstance(other, Eq)):
        equation, value = (one, other) if isinstance(one, Eq) else (other, one)
        if not isinstance(value, sympy.Expr) or not equation.free_symbols:
            return False
        if not name:
            return None if len(equation.free_symbols) == 1 and _holds(equation, value) else False
        other = Eq(sympy.Symbol(name, real=True), value, evaluate=False)
        one = equation
    first, second = one.lhs - one.rhs, other.lhs - other.rhs
    if first.free_symbols != second.free_symbols or not first.free_symbols:
        return False
    factor = sympy.simplify(first / second)
    return bool(factor.is_number and factor.is_nonzero and factor.is_finite)


def _holds(equation: Eq, value: sympy.Expr) -> bool:
    """Nobody solved 4z = 9, so that 9/4 is not what was said; but it is not another answer either."""
    (symbol,) = equation.free_symbols
    return not value.free_symbols and _is_zero((equation.lhs - equation.rhs).xreplace({symbol: value}))


def _same_formula(one: sympy.Basic, other: sympy.Basic, first: Value, second: Value) -> bool | None:
    if not one.free_symbols and not other.free_symbols:
        for rounded, exact in ((first, other), (second, one)):
            if isinstance(rounded, Number) and rounded.places is not None and rounded.digits >= SIX and exact.is_real:
                return _is_rounded(rounded, Fraction(str(exact.evalf(PRECISION + rounded.digits))))
    return _is_zero(one - other) if one.free_symbols == other.free_symbols else _is_identity(one, other)


def _is_identity(one: sympy.Basic, other: sympy.Basic) -> bool:
    """With other variables, they are the same only if those cancel."""
    return bool(sympy_symbolic_eq(one, other))


def _is_zero(difference: sympy.Basic) -> bool:
    """Numbers by their digits, relative to what was subtracted; formulas first at a few points, then by simplification."""
    if difference == 0:
        return True
    if not difference.free_symbols:
        return _is_nothing(difference)
    symbols = sorted(difference.free_symbols, key=str)
    for point in (Fraction(3, 7), Fraction(13, 5), Fraction(-11, 3)):
        values = {
            symbol: sympy.Rational(point.numerator, point.denominator) + number for number, symbol in enumerate(symbols)
        }
        told = difference.xreplace(values)
        if told.is_finite and not told.free_symbols and told.is_number and not _is_nothing(told):
            return False
    return bool(sympy_symbolic_eq(difference, S.Zero))


def _is_nothing(difference: sympy.Basic) -> bool:
    size = max((abs(term.evalf(PRECISION)) for term in sympy.Add.make_args(difference)), default=S.Zero)
    told = difference.evalf(PRECISION, maxn=4 * PRECISION)
    if not told.is_number or not size.is_finite:
        return False
    return bool(abs(told) <= CLOSE * size)
