"""About how much an answer comes to: a number that tells most answers apart without comparing them.

What `equality.same` calls one answer has one amount, to five digits at least. A formula is worked out where each of its
variables has a value that goes by its name. None where more than the amount decides: per cent, lists, sets, equations,
words, bases.
"""

from hashlib import sha256

import sympy

from worker.graders.values import Expression, Number, Value

PRECISION = 20


def amount_of(value: Value) -> complex | None:
    if value.unit == "%":
        return None
    if isinstance(value, Number):
        return complex(float(value.value))
    if isinstance(value, Expression) and isinstance(value.value, sympy.Expr):
        return _worked_out(value.value)
    return None


def _worked_out(formula: sympy.Expr) -> complex | None:
    told = formula.xreplace({symbol: _point(symbol.name) for symbol in formula.free_symbols}).evalf(PRECISION)
    return complex(told) if told.is_number and told.is_finite else None


def _point(name: str) -> sympy.Rational:
    """Between 1 and 2, and no simple fraction."""
    return 1 + sympy.Rational(int.from_bytes(sha256(name.encode()).digest()[:4]), 2**32)
