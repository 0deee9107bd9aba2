r"""Spellings of mathematics made one, as strings: \dfrac12, \frac{1}{2}, 0.5 and 1/2 are the same.

In the spirit of `strip_string` of the MATH benchmark (Hendrycks et al., arXiv 2103.03874), with these departures:
rational numbers are reduced, commas that separate thousands go only where the whole answer is one number, and words
lose their case. It simplifies nothing else (no algebra): a grader that does sits in the worker.
"""

import re
from fractions import Fraction

_DELIMITER = re.compile(r"\\.|\$\$?", re.DOTALL)
_CLOSING = {"$": "$", "$$": "$$", "\\(": "\\)", "\\[": "\\]"}
_TEXT_COMMAND = re.compile(r"\\(?:text(?:bf|it|rm|normal)?|mbox|math(?:rm|bf|it|sf)|operatorname)\s*+\{([^{}]*+)\}")
_TRAILING_UNIT = re.compile(r"(?<=[0-9})])\s*+\\(?:text|mbox|mathrm)\s*+\{[^{}]*+\}(?:\^\{?[0-9]\}?)?+$")
_UNIT_WORD = re.compile(
    r"(?<=[0-9})])\s*+(?:(?:square|cubic|sq\.?|cu\.?)\s++)?+(?:units?|degrees?|dollars?|cents?|inch(?:es)?|feet|foot|ft|"
    r"miles?|mph|(?:centi|milli|kilo)?met(?:er|re)s?|cm|mm|km|hours?|minutes?|seconds?|days?|weeks?|months?|years?|"
    r"points?|percent)(?:\^\{?[0-9]\}?)?+$",
    re.IGNORECASE,
)
_CHARACTERS = str.maketrans(
    {"−": "-", "–": "-", "×": "\\times ", "·": "\\cdot ", "°": "^\\circ ", "π": "\\pi ", "∞": "\\infty "}
    | {"≤": "\\leq ", "≥": "\\geq ", "≠": "\\neq ", "∪": "\\cup ", "∩": "\\cap ", "±": "\\pm ", "\u2009": " "}
)
_REWRITES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\\(?:left|right|[bB]igg?[lr]?|displaystyle|limits|quad|qquad)(?![A-Za-z])", ""),
        (r"\\[!,;: ]|~", " "),
        (r"\\[dtc]frac(?![A-Za-z])", r"\\frac"),
        (r"\^\s*+(?:\{\s*+\\circ\s*+\}|\\circ)", ""),
        (r"\\?[%$]", ""),
        (r"\{,\}", ","),
        (r"\\(?:cdot|times)(?![A-Za-z])", r"\\cdot"),
        (r"\\le(?![A-Za-z])", r"\\leq"),
        (r"\\ge(?![A-Za-z])", r"\\geq"),
        (r"\\ne(?![A-Za-z])", r"\\neq"),
        (r"\\to(?![A-Za-z])", r"\\rightarrow"),
    )
)
_ARGUMENT = r"(\\(?!sqrt|frac)[A-Za-z]++|[0-9A-Za-z])"
_COMPACT: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (rf"\\frac{_ARGUMENT}", r"\\frac{\1}"),
        (rf"(\\frac\{{[^{{}}]*+\}}){_ARGUMENT}", r"\1{\2}"),
        (r"\\sqrt([0-9A-Za-z])", r"\\sqrt{\1}"),
        (r"([\^_])\{([0-9A-Za-z])\}", r"\1\2"),
        (r"(?<![0-9.])\.(?=[0-9])", "0."),
    )
)
_LEADING_NAME = re.compile(r"[A-Za-z]{1,2}(?:\([a-z]\))?=(?=[^=]+$)")
_THOUSANDS = re.compile(r"[-+]?[0-9]{1,3}(?:,[0-9]{3})++(?:\.[0-9]++)?+")
_RATIONAL = re.compile(
    r"(?P<sign>[-+]?)(?:(?P<decimal>[0-9]++(?:\.[0-9]*+)?+)"
    r"|\\frac\{(?P<top>[-+]?[0-9]++)\}\{(?P<bottom>[-+]?[0-9]++)\}|(?P<over>[0-9]++)/(?P<under>[0-9]++))"
)
_MAX_NUMBER_CHARACTERS = 1000  # Fraction is quadratic, and int() refuses more than 4,300 digits


def math_spans(text: str) -> tuple[str, ...]:
    r"""The non-empty contents of $...$, $$...$$, \(...\) and \[...\], in order."""
    spans: list[str] = []
    closing, start = None, 0
    for delimiter in _DELIMITER.finditer(text):
        if delimiter.group() == closing:
            spans.append(text[start : delimiter.start()].strip())
            closing = None
        elif delimiter.group() in _CLOSING:
            closing, start = _CLOSING[delimiter.group()], delimiter.end()
    return tuple(span for span in spans if span)


def unwrap_text(text: str) -> str:
    r"""\text{...} and its kin replaced by what they hold."""
    return _TEXT_COMMAND.sub(r"\1", text)


def normalise_latex(answer: str) -> str:
    """The key of a mathematical answer: the same for spellings of the same thing."""
    answer = _bare(answer.translate(_CHARACTERS).replace("\0", ""))
    for pattern, replacement in _REWRITES:
        answer = pattern.sub(replacement, answer)
    answer = unwrap_text(_without_unit(answer.strip())).strip().rstrip(".,;")
    if re.fullmatch(r"[A-Za-z]{3,}(?:\s+[A-Za-z]+)*+", answer):
        return " ".join(answer.split()).casefold()
    answer = "".join(answer.split())
    for pattern, replacement in _COMPACT:
        answer = pattern.sub(replacement, answer)
    return _number(_without_wrapping(_LEADING_NAME.sub("", answer, count=1)))


def _bare(answer: str) -> str:
    """Without the delimiters of a formula and the full stop of a sentence."""
    answer = answer.strip().rstrip(".")
    for opening, closing in (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]")):
        if len(answer) >= len(opening + closing) and answer.startswith(opening) and answer.endswith(closing):
            answer = answer[len(opening) : -len(closing)].strip().rstrip(".")
    return answer


def _without_unit(answer: str) -> str:
    return _UNIT_WORD.sub("", _TRAILING_UNIT.sub("", answer))


def _without_wrapping(answer: str) -> str:
    choice = re.fullmatch(r"\(([A-Za-z])\)", answer)
    if choice:
        return choice[1]
    inner = re.fullmatch(r"\{([^{}]*)\}", answer)
    return inner[1] if inner else answer


def _number(answer: str) -> str:
    """A number in lowest terms, "7" or "1/2"; anything else as it is."""
    if len(answer) > _MAX_NUMBER_CHARACTERS:
        return answer
    plain = answer.replace(",", "") if _THOUSANDS.fullmatch(answer) else answer
    rational = _RATIONAL.fullmatch(plain)
    if rational is None:
        return plain
    top = rational["top"] or rational["over"] or rational["decimal"].rstrip(".")
    bottom = rational["bottom"] or rational["under"] or "1"
    if int(bottom) == 0:
        return plain
    return str(Fraction(top) / Fraction(bottom) * (-1 if rational["sign"] == "-" else 1))
