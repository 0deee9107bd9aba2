r"""Answers: read out of model text, made comparable, and voted on. Pure strings, no grading by computer algebra.

Text comes from a model: any length on one line, NUL, lone surrogates. Every pattern here is linear in it (possessive
quantifiers), and what is longer than MAX_ANSWER_CHARACTERS is no answer. Reading follows the habit of MATH (the last
\boxed{}), then the phrase that announces an answer, then the grader's own last resort.
"""

import re
from collections.abc import Callable, Mapping

from scaling.latex import math_spans, normalise_latex, unwrap_text
from scaling.types import GraderName, Reading, Unread
from scaling.voting import Aggregate, How, VoteResult, aggregate, choose, concluded, select, vote

__all__ = [
    "Aggregate",
    "How",
    "VoteResult",
    "aggregate",
    "choose",
    "concluded",
    "equivalent",
    "extract",
    "last_boxed",
    "normalise",
    "read",
    "select",
    "vote",
]

MAX_ANSWER_CHARACTERS = 1000
"""Longer is not an answer: it is a model that went astray. Keeps keys and grading cheap."""

_BOX = re.compile(r"\\(?:boxed|fbox)\s{0,8}\{")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_MARKER = re.compile(r"final\s{1,8}answer(?:\s{1,8}is)?|answer\s{1,8}is|answer\s{0,8}:", re.IGNORECASE)
_MARKER_TRIM = " \t\r\n:*_"
_SPECIAL_TOKEN = re.compile(r"<\|[^<>|\s]{1,40}\|>")
_NUMBER = re.compile(
    r"""(?P<sign>[-+]?)
        (?P<digits>[0-9]{1,3}(?:[,\u2009\u202f][0-9]{3})++(?![0-9])|[0-9]++)
        (?P<decimals>\.[0-9]++)?+
        (?P<exponent>[eE][-+]?[0-9]++)?+
        (?P<after>\s{0,4}(?:\^(?!\{?\s?\\circ)|/\s{0,4}(?=[0-9])|\\d?frac|\\sqrt|\\pi))?+""",
    re.VERBOSE,
)
_CONSTRUCT = re.compile(r"\\[dtc]?frac\s*+\{[^{}]*+\}\s*+\{[^{}]*+\}|\\sqrt\s*+\{[^{}]*+\}|\^\s*+\{[^{}]*+\}")
_CHOICE = re.compile(r"\(\s?([A-Za-z])\s?\)|([A-Za-z])[).:]?\s*$|([A-J])[).:]\s")
_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{3,}")
_SIGNS_AND_DIGITS = str.maketrans(
    {"−": "-", "–": "-", "﹣": "-", "－": "-", "＋": "+"} | {chr(0xFF10 + n): str(n) for n in range(10)}
)


def extract(text: str, grader: GraderName) -> str | None:
    r"""The answer that the text gives, or None if none can be read.

    The last non-empty \boxed{...} comes first; one left open at the end of the text (a forced opener followed by
    end-of-sequence) is read to the end of its line. A phrase such as "Final Answer:" comes next, and what follows it
    is the answer even where that is nothing readable: the reasoning before it is then not searched.
    """
    box, announced = last_boxed(text), _after_marker(text)
    if box is not None:
        answer = _FROM_BOX[grader](box)
    else:
        answer = _FROM_TEXT[grader](text) if announced is None else _FROM_MARKER[grader](announced)
    return _bounded(answer, grader)


def read(text: str, grader: GraderName) -> Reading:
    """The answer that the text gives, with its key, or why there is none."""
    answer = extract(text, grader)
    if answer is not None:
        return Reading(answer, normalise(answer, grader))
    is_announced = last_boxed(text) is not None or _after_marker(text) is not None
    return Reading(None, None, Unread.UNREADABLE if is_announced else Unread.NOTHING)


def normalise(answer: str, grader: GraderName) -> str:
    """The key of an answer: equal for answers that are equivalent as far as their spelling shows."""
    if grader is GraderName.INTEGER:
        return _last_integer(answer) or answer.strip().casefold()
    if grader is GraderName.EXACT:
        return " ".join(_choice(answer).split()).casefold()
    return normalise_latex(answer)


def equivalent(first: str, second: str, grader: GraderName) -> bool:
    """Whether two answers have the same key."""
    return normalise(first, grader) == normalise(second, grader)


def last_boxed(text: str) -> str | None:
    r"""The content of the last non-empty \boxed{} (or \fbox{}), of an unclosed one to the end of its line."""
    openings = list(_BOX.finditer(text))
    end_of_search = len(text)
    for opening in reversed(openings):
        content = _balanced(text, opening.end(), end_of_search)
        if content is None:
            content = _SPECIAL_TOKEN.split(text[opening.end() : end_of_search].split("\n", 1)[0], maxsplit=1)[0]
        if content.strip(" $.{}\t\r\n"):
            return content.strip()
        end_of_search = opening.start()
    return None


def _balanced(text: str, start: int, end: int) -> str | None:
    depth = 1
    for brace in _BRACE.finditer(text, start, end):
        depth += {"{": 1, "}": -1}.get(brace.group(), 0)
        if depth == 0:
            return text[start : brace.start()]
    return None


def _after_marker(text: str) -> str | None:
    end = None
    for marker in _MARKER.finditer(text):
        end = marker.end()
    return None if end is None else _SPECIAL_TOKEN.sub("", text[end:]).strip(_MARKER_TRIM)


def _bounded(answer: str | None, grader: GraderName) -> str | None:
    """None: it is longer than an answer, or has nothing in it: an empty \\text{} would else agree with all like it."""
    answer = answer.strip() if answer else None
    is_answer = answer and len(answer) <= MAX_ANSWER_CHARACTERS and normalise(answer, grader)
    return answer if is_answer else None


def _last_integer(text: str) -> str | None:
    """The last whole number that stands for itself: not a decimal, a power, a fraction, a root or an index."""
    text = text.translate(_SIGNS_AND_DIGITS).replace("{,}", ",").replace("\\!", "").replace("\\,", "\u2009")
    last = None
    for number in _NUMBER.finditer(text):
        if _is_whole(number) and not _is_part_of_something(text, number.start()):
            last = number
    if last is None:
        return None
    magnitude = re.sub(r"[^0-9]", "", last["digits"]).lstrip("0") or "0"  # int() refuses more than 4,300 digits
    is_negative = last["sign"] == "-" and magnitude != "0" and not _is_subtraction(text, last.start())
    return f"-{magnitude}" if is_negative else magnitude


def _is_whole(number: re.Match[str]) -> bool:
    decimals = number["decimals"]
    return number["exponent"] is None and number["after"] is None and (not decimals or not decimals.strip(".0"))


def _is_part_of_something(text: str, start: int) -> bool:
    """A power's exponent, a denominator, the decimals of ".5", or an identifier such as x2 or x_2."""
    before = text[max(start - 8, 0) : start]
    return bool(
        re.search(r"\^\s?\{?$|(?<=[0-9}])\s?/\s?$|(?<![A-Za-z.])\.$|[A-Za-z]$|_\{?$", before)
    ) and not re.search(r"\\[A-Za-z]+$", before)


def _is_subtraction(text: str, sign_at: int) -> bool:
    """26-6 and 26 -6 and x-6 subtract; "is -6" and "=-6" do not."""
    before = text[max(sign_at - 8, 0) : sign_at]
    return bool(re.search(r"[0-9)\]}%]\s*$|[A-Za-z]$", before))


def _integer_in_box(box: str) -> str | None:
    box = re.sub(r"(?<=[-+])(?:\s|\\[,;:! ])++(?=[0-9])", "", unwrap_text(box).translate(_SIGNS_AND_DIGITS))
    return _last_integer(_CONSTRUCT.sub(_blank, box))


def _blank(construct: re.Match[str]) -> str:
    """A fraction or root makes the number before it no whole number (3\\sqrt{2}); a power is marked as one."""
    return "^ " if construct.group().startswith("^") else "\\sqrt "


def _integer(text: str) -> str | None:
    return _last_integer(_CONSTRUCT.sub(_blank, text))


def _choice(answer: str) -> str:
    """(B), B), B., "(B) Paris" and "B. Paris" all choose B; anything else is itself."""
    answer = unwrap_text(answer).strip().strip("$").strip()
    match = _CHOICE.match(answer)
    return next(group for group in match.groups() if group) if match else answer


def _exact(text: str) -> str | None:
    lines = [line.strip(" \t\r*_`") for line in text.splitlines() if line.strip(" \t\r*_`")]
    return _choice(lines[0]).rstrip(".").strip() if lines else None


def _exact_alone(text: str) -> str | None:
    """Without a box or a marker, only an answer of one line is taken for one."""
    lines = _SPECIAL_TOKEN.sub("", text).strip().splitlines()
    return _exact(lines[0]) if len(lines) == 1 else None


def _math_announced(text: str) -> str | None:
    first_span = next(iter(math_spans(text[: 2 * MAX_ANSWER_CHARACTERS])), None)
    line = text.split("\n", 1)[0].strip(" \t\r*_")
    if first_span is not None and (first_span in line or text.startswith(("$", "\\(", "\\["))):
        return first_span
    return line.split(". ", 1)[0].rstrip(".")


def _math_alone(text: str) -> str | None:
    spans = math_spans(text)
    if spans:
        return spans[-1]
    line = _SPECIAL_TOKEN.sub("", text).strip()
    is_formula = "\n" not in line and len(line) <= MAX_ANSWER_CHARACTERS
    return line.rstrip(".") if is_formula and not _WORD.search(line) else None


_Reader = Callable[[str], str | None]
_FROM_BOX: Mapping[GraderName, _Reader] = {
    GraderName.INTEGER: _integer_in_box,
    GraderName.EXACT: _choice,
    GraderName.MATH: str.strip,
}
_FROM_MARKER: Mapping[GraderName, _Reader] = {
    GraderName.INTEGER: _integer,
    GraderName.EXACT: _exact,
    GraderName.MATH: _math_announced,
}
_FROM_TEXT: Mapping[GraderName, _Reader] = {
    GraderName.INTEGER: _integer,
    GraderName.EXACT: _exact_alone,
    GraderName.MATH: _math_alone,
}
