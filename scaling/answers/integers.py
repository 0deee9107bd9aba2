r"""The `integer` grader: AIME, GSM8K, ladder. One whole number, or none: 3.5, 3/4, 2^{10} and "3 or 5" are not read."""

import re
from functools import lru_cache

from scaling.answers.announced import Announced, How, last_paragraph
from scaling.answers.numerals import AMOUNT, CHARACTERS, DOUBTED, MULTIPLE, unwrap_text, whole_number
from scaling.types import Unread

_PROSE_NUMBER = re.compile(
    r"""(?P<sign>[-+]?)
        (?P<digits>[0-9]{1,3}(?:(?:,|['’\u2009\u202f])[0-9]{3})++(?![0-9])|[0-9]++)
        (?P<decimals>\.[0-9]++)?+
        (?P<exponent>[eE][-+]?[0-9]++)?+
        (?P<after>_|[²³¹⁰⁴-⁹π√]|(?:st|nd|rd|th|am|pm|-?ish|[xyznpabcqrtwie])\b|\s{0,4}(?:\^(?!\{?\s?\\circ)|/\s{0,4}(?=[0-9])|!(?!=)|\\d?frac|\\sqrt|\\pi))?+""",
    re.VERBOSE,
)
_CONSTRUCT = re.compile(r"\\[dtc]?frac\s*+\{[^{}]*+\}\s*+\{[^{}]*+\}|\\sqrt\s*+\{[^{}]*+\}|\^\s*+\{[^{}]*+\}")
_SENTENCE_END = re.compile(r"[.!?](?=\s)|\n")
_CONCLUDED = re.compile(
    r"(?:[=≈]|\\equiv|\b(?:so|thus|therefore|hence|total|answer|is|are|was|be|makes?|making|gives?|giving|gets?|equals|to|have|has|leaves?|costs?|earns?)\b"
    r"[^0-9.,;()]{0,40})[\s$*_\\(\[]*\Z",
    re.IGNORECASE,
)
_LABEL = re.compile(r"[0-9]{1,2}[.)]\s{1,4}\S")
"""At the beginning of a line: a list's number."""
_EQUALS = re.compile(r"=|\\equiv\b")
_CLAUSE_END = re.compile(
    r"[.?]+(?=\s|[*_$\"')\]]*(?:\s|\Z))|;|\s\((?!\\)|\s[—–]\s|,?\s(?:which|because|since|so|where|as|i\.e\.|that\sis)\b|<",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"\A(?:[\s:*_$]|\\[(\[]|\b(?:therefore|thus|so|simply|indeed|exactly|equal\sto|given\sby|equals|is|that|hence|then|just)\b)*"
    r"(?:\\?[A-Za-z]{1,8}(?:_\{?\w\}?)?\s{0,4}=)?",
    re.IGNORECASE,
)


_BEFORE = re.compile(
    r"(?:[±∓√]|\\(?:pm|mp|sqrt)|\b(?:minus|negative|over|under|up\sto|below|above|by))\s*\Z", re.IGNORECASE
)
"""Right before a number: it is another one, or a bound."""
_LISTED = re.compile(r"[0-9]\s{0,4}(?:,|\band\b|\bor\b)\s{0,4}(?:\w\s{0,4}=\s{0,4})?\Z")


def key_of(answer: str) -> str | None:
    return _of_equation(answer)


def boxed(box: Announced) -> str | Unread:
    numbers = {_of_equation(part) for part in box.parts}
    if None in numbers:
        return Unread.UNREADABLE
    return numbers.pop() or Unread.UNREADABLE if len(numbers) == 1 else Unread.AMBIGUOUS


def said(words: Announced) -> str | Unread | None:
    """None: nothing in it is a number or stands for one."""
    clause = _first_clause(words.text)
    bare = _LEAD.sub("", clause, count=1)
    if words.how is How.HEADED and _begins_a_solution(bare, words.text):
        return alone(words.text) or Unread.UNREADABLE
    number = _of_equation(bare)
    if number is not None:
        return number
    clause = _plain(clause)
    numbers = [number for number in _PROSE_NUMBER.finditer(clause) if not _is_name(clause, number.start())]
    if len(numbers) == 1 and not _is_another(clause[: numbers[0].start()]):
        return _whole(numbers[0], clause) or Unread.UNREADABLE
    if numbers:
        return Unread.AMBIGUOUS
    return Unread.UNREADABLE if AMOUNT.search(clause) or not clause.strip() else None


def alone(text: str) -> str | None:
    """The last whole number, where it is plainly concluded: the only one of its paragraph, or what a sum comes to."""
    text = _plain(last_paragraph(text))
    numbers = [number for number in _PROSE_NUMBER.finditer(text) if not _is_name(text, number.start())]
    if not numbers or _is_operand(numbers[-1], text):
        return None
    before = text[: numbers[-1].start()]
    sentence = _SENTENCE_END.split(before)[-1]
    is_concluded = len(numbers) == 1 or _CONCLUDED.search(sentence)
    is_doubted = _is_another(sentence) or DOUBTED.search(text, numbers[-1].end()) or _LISTED.search(before)
    return _whole(numbers[-1], text) if is_concluded and not is_doubted else None


def _is_another(before: str) -> bool:
    """A number behind these words is not the answer itself."""
    return bool(DOUBTED.search(before) or _BEFORE.search(before))


@lru_cache(maxsize=1024)
def _of_equation(text: str) -> str | None:
    r"""What an equation comes to: of 5 + 6 = 11 it is 11, of x = 11 and 11 = x too."""
    sides = _EQUALS.split(text)
    if any(re.search(r"[,;]\s|\band\b", side) for side in sides[:-1]):
        return None  # n = 36, m = 12
    return whole_number(sides[-1]) or (whole_number(sides[0]) if len(sides) > 1 else None)


def _first_clause(text: str) -> str:
    lines = [line for line in text.split("\n") if line.strip(" \t\r*_$#\\[]()")]
    line = unwrap_text(lines[0]) if lines else ""
    return _CLAUSE_END.split(line, maxsplit=1)[0]


def _begins_a_solution(clause: str, text: str) -> bool:
    """Prose that goes on to other numbers, and not the answer itself."""
    is_prose = re.match(r"[A-Za-z]{2,}", clause) is not None and len(re.findall(r"[A-Za-z]{2,}", clause)) > 2
    return is_prose and (
        len(re.findall(r"[0-9]+", clause)) > 1 or re.search(r"[0-9]", text.split("\n\n")[0][len(clause) :]) is not None
    )


def _plain(text: str) -> str:
    """Constructs marked: a fraction or root makes the number before it no whole number; a power is marked as one."""
    text = text.translate(CHARACTERS).replace("{,}", ",").replace("\\!", "").replace("\\,", "\u2009")
    return _CONSTRUCT.sub(lambda found: "^ " if found.group().startswith("^") else "\\sqrt ", unwrap_text(text))


def _whole(number: re.Match[str], text: str) -> str | None:
    decimals, after = number["decimals"], text[number.end() : number.end() + 20]
    is_other = number["exponent"] or number["after"] or MULTIPLE.match(after.lstrip(" -"))
    if is_other or (decimals and decimals.strip(".0")) or _is_denominator(text, number.start()):
        return None
    if re.search(r"[0-9] \Z", text[max(number.start() - 2, 0) : number.start()]) and len(number["digits"]) == 3:
        return None  # 1 234
    magnitude = re.sub(r"[^0-9]", "", number["digits"]).lstrip("0") or "0"
    is_negative = number["sign"] == "-" and magnitude != "0" and not _is_subtraction(text, number.start())
    return f"-{magnitude}" if is_negative else magnitude


def _is_operand(number: re.Match[str], text: str) -> bool:
    """Of an operation that nobody worked out: "26 - 6"."""
    before = text[max(number.start() - 4, 0) : number.start()] + number["sign"]
    return re.search(r"[0-9)](?:\s?(?:[-+*/×÷]|\\times|\\cdot)\s?|,)\Z", before) is not None


def _is_name(text: str, start: int) -> bool:
    """A power's exponent, or an index: x2, x_2. A command's argument is none: \\circ2."""
    before = text[max(start - 8, 0) : start]
    if _LABEL.match(text, start) and not before.rpartition("\n")[2].strip():
        return True
    return bool(re.search(r"\^\s?\{?$|[A-Za-z]$|_\{?$", before)) and not re.search(r"\\[A-Za-z]+$", before)


def _is_denominator(text: str, start: int) -> bool:
    """Or the decimals of ".5"."""
    return bool(re.search(r"(?<=[0-9}])\s?/\s?$|(?<![A-Za-z.])\.$", text[max(start - 8, 0) : start]))


def _is_subtraction(text: str, sign_at: int) -> bool:
    """26-6 and 26 -6 and x-6 subtract; "is -6" and "=-6" do not."""
    before = text[max(sign_at - 8, 0) : sign_at]
    return bool(re.search(r"[0-9)\]}%]\s*$|[A-Za-z]$", before))
