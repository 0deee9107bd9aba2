r"""Units and other words behind a number, set apart and not dropped: 5 cm is not 5 m, 12 dozen is not 12."""

import re
from dataclasses import dataclass

from scaling.answers.numerals import AMOUNT, unwrap_text
from worker.graders.notation import connected, plain, words

_SYMBOLS = (
    r"cm|mm|km/h|kmh|km|kg|mg|m[lL]|m/s|mph|ms|mi|min|mol|men|ft|in|lbs?|oz|yd|hrs?|sec|[kM]?Hz|kJ|kW|kN|k?Pa|eV|nm|rad|"
    r"deg|st|nd|rd|th|atm|ha|gal|pt|qt|ohms?|[pa]m|[PA]M|USD|EUR"
)
_SINGLE = "mgshLJNVWKA"
_RAISED = r"(?:\s?\^\s?\{?-?[0-9]\}?)?"
_UNIT = re.compile(
    rf"""(?P<body>.*?[0-9)}}\]a-z.])\s*
        (?P<unit> \\?%
                | \^\s?\{{?\s?\\circ\s?\}}?\s?[CF]?
                | \^\s?\{{?\s?(?:\\text\{{)?\s?(?:st|nd|rd|th)\s?\}}{{0,2}}
                | \\text\{{[^{{}}]*\}} (?:\s*/\s*\\text\{{[^{{}}]*\}})? {_RAISED}
                | (?<=[0-9)}}\]\s]) (?:{_SYMBOLS})(?![A-Za-z]) {_RAISED}
                | (?<=[0-9)}}\]]\s) (?=[A-Za-z\s./-]*[A-Za-z]{{4}}) [A-Za-z][A-Za-z\s./-]* {_RAISED}
                | (?<=[0-9]\s) [{_SINGLE}] )\Z""",
    re.VERBOSE | re.DOTALL,
)
_MONEY = re.compile(r"(?P<sign>[-+]?)\s?(?:\\?\$|[€£¥])\s?(?P<amount>[0-9][0-9.,\s]*)")
_ANGLE_OF = re.compile(r"\\(?:sin|cos|tan|cot|sec|csc)(?![A-Za-z])")
_SYNONYMS = {
    "%": "percent percentage pct percentagepoints percentagepoint",
    "°": "degree degrees deg",
    "$": "dollars dollar usd bucks",
    "": "st nd rd th units unit squareunits squareunit cubicunits cubicunit unitssquared squnits",
    "cm": "centimeters centimeter centimetres centimetre",
    "mm": "millimeters millimeter millimetres millimetre",
    "m": "meters meter metres metre",
    "km": "kilometers kilometer kilometres kilometre",
    "in": "inches inch",
    "ft": "feet foot",
    "s": "seconds second sec secs",
    "min": "minutes minute mins",
    "h": "hours hour hr hrs",
    "cm^2": "squarecentimeters squarecm sqcm cm2",
    "m^2": "squaremeters squarem sqm m2",
    "in^2": "squareinches sqin",
    "ft^2": "squarefeet sqft",
}
_UNITS = {synonym: unit for unit, synonyms in _SYNONYMS.items() for synonym in synonyms.split()}


@dataclass(frozen=True, slots=True)
class Notation:
    """`latex` is mathematics, `unit` what it is counted in ("" if nothing is said)."""

    latex: str
    unit: str = ""


def notation(answer: str) -> Notation:
    """The answer in one spelling, its unit set apart; words that make a number another one are left where they are."""
    latex = connected(plain(answer))
    if money := _MONEY.fullmatch(latex):
        return Notation(money["sign"] + money["amount"].strip(), "$")
    match = _UNIT.fullmatch(latex)
    if match is None or words(latex) is not None:
        return Notation(latex)
    unit, body = _unit(match["unit"]), match["body"].strip()
    is_number = not re.search(r"[A-Za-z]\Z", body) or re.search(r"\\[A-Za-z]+\Z", body)
    if unit is None or not is_number or (unit.startswith("°") and _ANGLE_OF.search(body)):
        return Notation(latex)
    return Notation(body, unit)


def _unit(said: str) -> str | None:
    """One spelling of a unit, with its power; None if the words are none."""
    match = re.fullmatch(r"(?P<words>.*?)(?:\^\s?\{?(?P<power>-?[0-9])\}?)?", unwrap_text(said).strip(), re.DOTALL)
    assert match is not None, "it matches any text"
    named, power = match["words"].strip(), match["power"]
    if "circ" in named:
        return "°" + named[-1] if named[-1] in "CF" else "°"
    if named.lstrip("\\") == "%":
        return "%"
    if re.search(r"[0-9]", named) or (AMOUNT.search(named) and named not in tuple(_SINGLE)):
        return None
    spelled = re.sub(r"[\s.{}^-]+|\\text", "", named).replace("\\", "")
    unit = _UNITS.get(spelled.casefold(), spelled.casefold() if len(spelled) > 2 else spelled)
    return f"{unit}^{power}" if unit and power else unit
