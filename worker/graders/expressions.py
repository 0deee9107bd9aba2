r"""Answers as values: what latex2sympy reads of each part, in a structure that keeps order, brackets, bases and names.

latex2sympy reads mathematics; the structure around it is read here, for the library takes (2,1) for an empty interval,
1011_2 for 1011, 9 6 for 15, 2(3) for 5 and "no solution" for a product of letters. What it might misread is not read:
`parsed` raises UnreadableError, and no verdict is given.
"""

import re
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

import sympy
from latex2sympy2_extended.latex2sympy2 import ConversionConfig, NormalizationConfig, latex2sympy, normalize_latex
from sympy.core.relational import Relational

from worker.graders.literals import literal
from worker.graders.notation import words
from worker.graders.units import Notation, notation
from worker.graders.values import Either, Expression, Number, Several, UnreadableError, Value, Words

NORMALIZATION = NormalizationConfig(
    basic_latex=True, units=False, malformed_operators=True, nits=False, boxed="none", equations=False
)
"""Not `units`: it takes the t of 3t for tons. Not `nits` and `boxed`: done before."""
CONVERSION = ConversionConfig(interpret_as_mixed_fractions=False, lowercase_symbols=False)
"""Not `mixed_fractions`: it takes 2(3) for 5. Not `lowercase_symbols`: R is not r."""


_NAME = r"(?:\\?[A-Za-z]+(?:_\{?\w+\}?)?(?:\s?\^\s?\{?\s?-1\s?\}?)?(?:\s?\(\s?[A-Za-z](?:\s?,\s?[A-Za-z])*\s?\))?)"
_ASSIGNMENT = re.compile(rf"(?P<name>{_NAME})\s*(?:=|\\in(?![A-Za-z])|:=)\s*(?P<rest>.+)", re.DOTALL)
_MISREAD = re.compile(
    r"""[0-9]\s+[0-9]                # 9 6
      | [0-9.]*\.[0-9]*\.[0-9]*            # 1.5.2
      | [0-9]\.(?![0-9])
      | [0-9]\s*\\frac\s?\{[0-9]+\}\s?\{[0-9]+\}  # 3\\frac{1}{2}x
      | \}\s?\(\s?[0-9.]+\s?\)           # \\frac{1}{2}(3)
      | \\(?:ldots|dots|cdots)|\.{3}|…     # and so on
      | [0-9]\s?/\s?[0-9]+\s?(?:[A-Za-z(]|\\(?!cdot|times))  # 1/2x
      | \\frac\s?[0-9]\s?[0-9]{2}          # \frac123
      | \^\s?\{?\s?\\circ                  # sin 30°
      | ['"?$@;:%] | \\text | \\%
      | (?<![\\A-Za-z{])[A-Za-z]{4,}       # words
      | (?<![\\A-Za-z{])[A-Za-z]{2,}\s+[A-Za-z]{2,}
      | (?<![\\A-Za-z{_])(?:no|is|of|or|to|at|if|on|by|we|it|so|an|not|the|and|for|are|all|any|one|two|six|ten|odd|
          yes|out|per|mod|max|min)(?![A-Za-z])
      | \\(?:frac\s?\{[^{}]*\}\s?\{[^{}]*\}|sqrt\s?\{[^{}]*\})\s*[0-9]
      | \\(?:angle|overline|bar|vec|hat|overrightarrow|widehat|triangle|to|mapsto|implies|approx|sim|equiv|pmod|mid|
          not|prime|mp)(?![A-Za-z])
      | _\s?[0-9]{2,}|[0-9]\s?_            # bases
      | [0-9]\s?x\s?[0-9]                  # 2x3
    """,
    re.VERBOSE,
)
"""What latex2sympy would take for something else."""
_OR = re.compile(r"\s*,?\s*(?:\\text\{\s*or\s*\}|(?<![A-Za-z\\])or(?![A-Za-z])|\\lor(?![A-Za-z])|\\vee(?![A-Za-z]))\s*")
_AND = re.compile(
    r"\s*,?\s*(?:\\text\{\s*and\s*\}|(?<![A-Za-z\\])and(?![A-Za-z])|\\land(?![A-Za-z])|\\wedge(?![A-Za-z]))\s*"
)
_OPENING, _CLOSING = "([{", ")]}"


@lru_cache(maxsize=4096)
def parsed(answer: str) -> Value:
    """Raises UnreadableError."""
    said = notation(answer)
    if not re.search(r"\w|\\emptyset|\\infty|\\\{", said.latex):
        raise UnreadableError(f"{answer[:200]!r} has nothing in it")
    return _with_unit(_value(said.latex), said)


def _with_unit(value: Value, said: Notation) -> Value:
    if said.unit and isinstance(value, Words):
        raise UnreadableError(f"{value.text!r} cannot have the unit {said.unit!r}")
    return replace(value, unit=said.unit or value.unit)


def _value(latex: str) -> Value:
    latex = latex.strip().rstrip(".,;").strip()
    spoken = words(latex)
    if spoken is not None:
        return Words(spoken)
    if len(signs := re.split(r"\\pm(?![A-Za-z])", latex)) == 2 and "," not in latex:
        return Several((_value("+".join(signs)), _value("-".join(signs))))
    if len(sides := latex.split("\\approx", 1)) == 2:
        is_exact = re.search(r"\w", sides[0]) and not re.fullmatch(rf"\s*{_NAME}\s*", sides[0])
        return _value(sides[0] if is_exact else sides[1])
    assignment = _ASSIGNMENT.fullmatch(latex)
    if assignment and len(words(assignment["name"]) or "") < 2 and not _has_relations(assignment["rest"]):
        return replace(_value(assignment["rest"]), name=assignment["name"].replace(" ", ""))
    return literal(latex) or _structure(latex) or _expression(latex)


def _has_relations(latex: str) -> bool:
    """Inequalities, or several equations in a list."""
    outermost = _outermost(latex)
    return re.search(r"<|>|\\(?:le|ge|ne)(?![A-Za-z])", outermost) is not None or (
        "=" in outermost and "," in outermost
    )


def _structure(latex: str) -> Value | None:
    """Brackets around the whole, and commas outside of brackets."""
    if any(command in latex for command in (r"\begin", r"\cup", r"\cap", r"\setminus")):
        return None
    if _is_bracketed(latex):
        is_set = latex.startswith("\\{")
        brackets = "{}" if is_set else latex[0] + latex[-1]
        inner = latex[2:-2] if is_set else latex[1:-1]
        parts = _split(inner, ",")
        if is_set or len(parts) > 1:
            return Several(tuple(_value(part) for part in parts if part.strip()), brackets)
        return _value(inner) if brackets == "()" and "=" not in inner else None
    for word, is_all in ((_OR, False), (_AND, True)):
        if len(parts := word.split(latex)) > 1:
            return Either(tuple(_value(part) for part in parts), is_all)
    for separator, brackets in ((";", ""), (",", ""), ("=", "="), (":", ":")):
        parts = _split(latex, separator)
        if len(parts) > 1 and not (separator == "=" and not _is_worked_out(latex)):
            return Several(tuple(_value(part) for part in parts), brackets)
    return None


def _is_worked_out(latex: str) -> bool:
    """5 + 6 = 11, of numbers alone; else it is an equation."""
    return re.search(r"(?<![\\A-Za-z])[A-Za-z]|<|>|\\(?:le|ge|ne)(?![A-Za-z])", latex) is None


def _is_bracketed(latex: str) -> bool:
    """One pair of brackets holds the whole; (1,2] does too."""
    body = latex.replace("\\{", "{").replace("\\}", "}")
    if len(body) < 2 or body[0] not in _OPENING or body[-1] not in _CLOSING or latex[0] == "{":
        return False
    depth = 0
    for place, character in enumerate(body):
        depth += (character in _OPENING) - (character in _CLOSING)
        if depth == 0:
            return place == len(body) - 1
    return False


def _split(latex: str, separator: str) -> list[str]:
    """At the separators outside of all brackets."""
    parts, depth = [""], 0
    for character in latex:
        depth += (character in _OPENING) - (character in _CLOSING)
        if character == separator and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _outermost(latex: str) -> str:
    """What stands outside of all brackets."""
    kept, depth = "", 0
    for character in latex:
        depth += (character in _OPENING) - (character in _CLOSING)
        kept += character if depth == 0 else ""
    return kept


def _expression(latex: str) -> Value:
    """What the library reads, its decimals made exact; a relation in one variable is the set that it describes."""
    if _MISREAD.search(latex):
        raise UnreadableError(f"{latex[:200]!r} is no formula that can be read in one way only")
    try:
        told = latex2sympy(
            normalize_latex(" ".join(latex.split()), NORMALIZATION),
            is_real=True,
            normalization_config=None,
            conversion_config=CONVERSION,
        )
    except Exception as error:  # the library raises whatever it meets
        raise UnreadableError(f"{latex[:200]!r} is no formula: {str(error)[:200]}") from error
    value = _exact(told)
    if isinstance(value, sympy.Basic) and value.has(sympy.nan, sympy.zoo):
        raise UnreadableError(f"{latex[:200]!r} has no value")
    if isinstance(value, sympy.Rational):
        return Number(Fraction(int(value.p), int(value.q)))
    return Expression(value)


def _exact(told: sympy.Basic | sympy.MatrixBase) -> sympy.Basic | sympy.MatrixBase:
    """Decimals as fractions, i as the imaginary unit, functions carried out."""
    if isinstance(told, sympy.MatrixBase):
        return sympy.ImmutableMatrix(told.applyfunc(_exact))
    imaginary = {symbol: sympy.I for symbol in told.free_symbols if symbol.name == "i"}
    decimals = {number: sympy.Rational(str(number)) for number in told.atoms(sympy.Float)}
    exact = told.xreplace({**imaginary, **decimals})
    return exact if isinstance(exact, Relational | sympy.And) else exact.doit()
