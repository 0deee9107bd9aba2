"""Equality by computer algebra: of expressions, equations, sets and matrices. Exact, or in doubt, never nearly."""

from fractions import Fraction
from math import gcd

import sympy
from math_verify.grader import sympy_symbolic_eq
from sympy import Eq, Interval, S, Set
from sympy.core.relational import Relational

from worker.graders.values import Either, Expression, Number, Several, Value

SIX = 6
"""Digits that a rounded number needs to stand for an exact one: the precision that math-verify has by default."""
PRECISION = 50
"""Digits to which constants are worked out; closer than 1e-40 of their size they are equal."""
CLOSE = sympy.Rational(1, 10**40)


def is_rounded(rounded: Number, exact: Fraction) -> bool:
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


def same_expression(first: Value, second: Value) -> bool | None:
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
                return is_rounded(rounded, Fraction(str(exact.evalf(PRECISION + rounded.digits))))
    return _is_zero(one - other) if one.free_symbols == other.free_symbols else _is_identity(one, other)


def _is_identity(one: sympy.Basic, other: sympy.Basic) -> bool:
    """With other variables, they are the same only if those cancel."""
    return bool(sympy_symbolic_eq(one, other))


def _is_zero(difference: sympy.Basic) -> bool:
    """Numbers by their digits, relative to what was subtracted; formulas at a few points, then by simplification."""
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
