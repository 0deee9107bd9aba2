r"""Whole numbers as people write them: 1,234, 1{,}234, 4'096, 12 apples, \$5, 36.0; and what makes them others."""

import re

CHARACTERS = str.maketrans(
    {"−": "-", "–": "-", "﹣": "-", "－": "-", "＋": "+", "，": ",", "．": ".", "\u00a0": " ", "\0": ""}
    | {chr(0xFF10 + n): str(n) for n in range(10)}
)
"""Signs and digits that look like others, made those."""

_GROUP = r"(?:,|\{,\}|\\,|\\!|,\\!|\\ |['’\u2009\u202f]|\s)"
_NUMBER = re.compile(
    rf"""[-+]?\s{{0,2}}(?:\\?[$€£¥]\s{{0,2}})?(?P<digits>[0-9]{{1,3}}(?:{_GROUP}[0-9]{{3}})++(?![0-9])|[0-9]++)
        (?P<decimals>\.[0-9]*+)?+""",
    re.VERBOSE,
)
_TEXT_COMMAND = re.compile(
    r"\\(?:text(?:bf|it|rm|normal)?|mbox|math(?:rm|bf|it|sf|bb)|operatorname|bf|rm)\s{0,4}\{([^{}]*+)\}"
)
_UNIT = re.compile(
    r"\s{0,4}(?:\\[,;:!% ]|%|°|\^\s?\{?\s?\\circ\s?\}?|\\degree)?\s{0,4}"
    r"(?P<words>[A-Za-z][A-Za-z\s.'/-]*+)?(?:\^\{?[0-9]\}?)?\s{0,4}\Z"
)
_MULTIPLES = (
    r"tens|dozens?|scores?|hundreds?|thousands?|millions?|billions?|trillions?|hal(?:f|ves)|thirds?|quarters?|four?ths?|fifths?|"
    r"sixths?|sevenths?|eighths?|ninths?|tenths?|(?:hundred|thousand|million|billion)ths?|gross|couples?|pairs?|times|plus|minus|over|divided|mod|modulo|or|to|squared|cubed|"
    r"factorial|choose|pi|root|less|more|fewer|out"
)
_NUMBER_WORDS = (
    r"zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    r"eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|once|twice"
)
MULTIPLE = re.compile(rf"(?:{_MULTIPLES}|(?-i:[kKMB]))\b", re.IGNORECASE)
"""Right behind a number it makes it another one: 12 dozen, 3 or 5, 7 squared."""
AMOUNT = re.compile(
    rf"\b(?:[ap]m|ish|{_MULTIPLES}|{_NUMBER_WORDS}|and|most|least|than|not|if|when|remainder|none|unknown|undefined|nothing|"
    r"infinite|infinity|(?-i:[kKMBTxyznipeabcqrtw]))\b(?!/)",
    re.IGNORECASE,
)
"""In the words behind a number, or in its place: these say an amount, so that they are no unit."""

DOUBTED = re.compile(
    r"\b(?:not|no|none|cannot|wrong|incorrect|could|(?-i:may)|might|maybe|if|unlike|neither|nor|except|without|note|let|try|tried|when|want|need|"
    r"assum\w+|suppos\w+|impossible|contradiction|fail(?:s|ed)|"
    r"about|around|roughly|approximately|almost|nearly|than|least|most|half|twice|double|triple|squares?|cubes?|power|"
    r"root|multiple|divisible|congruent|log|ln|sin|cos|tan)\b|"
    r"\b(?:question|problem|step|case|option|part|base|equation)\s\(?(?=[0-9]++(?!:)|\Z)|n['’]t\b|\bfor\s\w\s?=|[<>≤≥≠≈~?]|\\(?:le|ge|lt|gt|ne)(?:q|qslant)?\b",
    re.IGNORECASE,
)
"""Before a number in prose: it is not the answer itself. In a sentence that announces nothing: it concludes nothing."""


def unwrap_text(text: str) -> str:
    r"""\text{...} and its kin replaced by what they hold."""
    return _TEXT_COMMAND.sub(r" \1", text)


def whole_number(text: str) -> str | None:
    """The whole number that `text` is, "-1234", whatever its unit; None if it is anything else."""
    text = _bare(text)
    number = _NUMBER.match(text)
    if number is None or (number["decimals"] or ".").strip(".0"):
        return None
    unit = _UNIT.match(text, number.end())
    if unit is None or AMOUNT.search(unit["words"] or ""):
        return None
    magnitude = re.sub(r"[^0-9]", "", number["digits"]).lstrip("0") or "0"  # int() refuses more than 4,300 digits
    return f"-{magnitude}" if text.startswith("-") and magnitude != "0" else magnitude


def _bare(text: str) -> str:
    """Without the delimiters of a formula, emphasis, and brackets around the whole."""
    text = re.sub(
        r"\\[()\[\]]|\\(?:left|right|displaystyle)(?![A-Za-z])|[*_`~]|(?<!\\)\$", " ", text.translate(CHARACTERS)
    )
    text = unwrap_text(text).strip(' \t\r\n.,;:"')
    text = re.sub(r"\A\s*[-+](?:\s|\\[,;:! ])++(?=[0-9])", lambda sign: sign.group().strip()[0], text)
    wrapped = re.fullmatch(r"[({]\s*([^(){}]*)\s*[)}]", text)
    return wrapped[1].strip() if wrapped else text
