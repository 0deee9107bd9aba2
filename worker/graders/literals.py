r"""Numbers as they are written: 1,234, 3.0e8, 5 1/2, 0.\overline{12}, 1011_2. A decimal keeps its number of digits."""

import re
from fractions import Fraction

from worker.graders.values import Based, Number, UnreadableError, Value

_DECIMAL = re.compile(r"(?P<sign>[-+]?)\s*(?P<whole>[0-9]{1,3}(?:(?:,|'|\s)[0-9]{3})+|[0-9]+)?(?P<decimals>\.[0-9]*)?")
_POWER_OF_TEN = r"(?:\\times|\\cdot|x)\s*10\s*\^\s*\{?\s?\(?(?P<power>[-+]?[0-9]+)\)?\s?\}?"
_SCIENTIFIC = re.compile(rf"(?P<number>[-+]?[0-9]*\.?[0-9]*?)\s*(?:[eE](?P<e>[-+]?[0-9]+)|{_POWER_OF_TEN})")
_IN_LATEX = r"\\frac\s?\{\s?(?P<top>[-+]?[0-9]+)\s?\}\s?\{\s?(?P<bottom>[0-9]+)\s?\}"
_MIXED = re.compile(rf"(?P<sign>[-+]?)\s*(?P<whole>[0-9]+)\s*(?:\s(?P<over>[0-9]+)/(?P<under>[0-9]+)|\s?{_IN_LATEX})")
_FRACTION = re.compile(rf"(?P<sign>[-+]?)\s?(?:(?P<over>[0-9]+)\s?/\s?(?P<under>[0-9]+)|{_IN_LATEX})")
_REPEATING = re.compile(
    r"(?P<sign>[-+]?)(?P<whole>[0-9]*)\.(?P<once>[0-9]*)"
    r"(?:\\(?:overline|bar)\s?\{?\s?(?P<again>[0-9]+)\s?\}?|\((?P<round>[0-9]+)\))(?:\\ldots|\.{3})?"
)
_BASED = re.compile(
    r"\(?(?P<digits>[0-9A-Fa-f]+)\)?\s?_\s?\{?\s?(?:\\text\{)?\s?"
    r"(?P<base>[0-9]{1,2}|two|three|four|five|eight|ten)\s?\}{0,2}"
)
_BASE_NAMES = {"two": 2, "three": 3, "four": 4, "five": 5, "eight": 8, "ten": 10}
_MOST_DIGITS = 1000


def literal(latex: str) -> Value | None:
    """A number as it is written."""
    if len(latex) > _MOST_DIGITS:
        return None
    if (match := _BASED.fullmatch(latex)) and re.search("[0-9]", match["digits"]):
        return Based(
            match["digits"].lstrip("0").casefold() or "0", _BASE_NAMES.get(match["base"]) or int(match["base"])
        )
    if (match := _SCIENTIFIC.fullmatch(latex)) and (number := _decimal(match["number"])):
        power = int(match["e"] or match["power"])
        if abs(power) > _MOST_DIGITS:
            return None
        places = None if number.places is None else number.places - power
        return Number(number.value * Fraction(10) ** power, places, number.digits)
    if match := _MIXED.fullmatch(latex):
        return _mixed(match)
    if match := _FRACTION.fullmatch(latex):
        return _fraction(match)
    if match := _REPEATING.fullmatch(latex):
        return _repeating(match)
    return _decimal(latex)


def _decimal(latex: str) -> Number | None:
    match = _DECIMAL.fullmatch(latex)
    if match is None or not (match["whole"] or (match["decimals"] or ".") != "."):
        return None
    whole, decimals = re.sub(r"[^0-9]", "", match["whole"] or "0"), (match["decimals"] or "")[1:]
    value = Fraction(int(whole + decimals), 10 ** len(decimals)) * (-1 if match["sign"] == "-" else 1)
    return Number(value, len(decimals) or None, len((whole + decimals).lstrip("0")))


def _fraction(match: re.Match[str]) -> Number | None:
    top, bottom = int(match["over"] or match["top"]), int(match["under"] or match["bottom"])
    return Number(Fraction(top, bottom) * (-1 if match["sign"] == "-" else 1)) if bottom else None


def _mixed(match: re.Match[str]) -> Number | None:
    top, bottom = int(match["over"] or match["top"]), int(match["under"] or match["bottom"])
    if not 0 < top < bottom:
        raise UnreadableError(f"{match.group()!r} is a product or a sum")
    return Number((int(match["whole"]) + Fraction(top, bottom)) * (-1 if match["sign"] == "-" else 1))


def _repeating(match: re.Match[str]) -> Number:
    once, again = match["once"], match["again"] or match["round"]
    value = Fraction(int((match["whole"] or "0") + once), 10 ** len(once))
    value += Fraction(int(again), (10 ** len(again) - 1) * 10 ** len(once))
    return Number(value * (-1 if match["sign"] == "-" else 1))
