r"""What people and models write for mathematics, made LaTeX that the library reads as it was meant.

Only rewrites that cannot change what is said: other characters for the same sign, delimiters and emphasis around the
whole, words for commands. Units and names are set apart, not dropped: 5 cm is not 5 m.
"""

import re
from dataclasses import dataclass

from scaling.numerals import AMOUNT, CHARACTERS, unwrap_text

SPACE = "\u2009"
"""What \\, and its kin become: a space that was meant, as between groups of digits."""
_SIGNS = str.maketrans(
    {"×": r"\times ", "·": r"\cdot ", "⋅": r"\cdot ", "∙": r"\cdot ", "÷": "/", "∗": "*", "⁄": "/", "∕": "/"}
    | {"π": r"\pi ", "∞": r"\infty ", "≤": r"\le ", "≥": r"\ge ", "⩽": r"\le ", "⩾": r"\ge ", "≠": r"\ne ", "∈": r"\in "}
    | {"∪": r"\cup ", "∩": r"\cap ", "±": r"\pm ", "∓": r"\mp ", "∅": r"\emptyset ", "√": r"\sqrt ", "∛": r"\sqrt[3] "}
    | {"°": r"^\circ ", "ℝ": r"\mathbb{R}", "ℤ": r"\mathbb{Z}", "ℕ": r"\mathbb{N}", "∖": r"\setminus ", "‑": "-", "‒": "-"}
    | {"′": "'", "’": "'", "“": '"', "”": '"', "\u2009": r"\,", "\u202f": r"\,", "\u00a0": r"\,", "\u200b": "", "\ufeff": ""}
    | {name: rf"\{word} " for name, word in zip("αβγδεθλμρσφω", "alpha beta gamma delta epsilon theta lambda mu rho sigma phi omega".split(), strict=True)}
)
_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+-n", strict=True))
_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉ₙ", "0123456789n", strict=True))
_VULGAR = {"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5), "⅗": (3, 5), "⅘": (4, 5)} | {
    "⅙": (1, 6), "⅚": (5, 6), "⅐": (1, 7), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8), "⅞": (7, 8), "⅑": (1, 9), "⅒": (1, 10)
}  # fmt: skip
_COMMANDS = (
    (r"\\(?:left|right|[bB]igg?[lrm]?|displaystyle|textstyle|limits|nolimits)(?![A-Za-z])\s?\.?(?<!\.)", ""),
    (r"\\(?:[!,;:> ]|quad(?![A-Za-z])|qquad(?![A-Za-z]))|~|\\hspace\{[^{}]*\}", SPACE),
    (r"\\[dtc]frac(?![A-Za-z])", r"\\frac"),
    (r"\\(?:leq|leqslant)(?![A-Za-z])", r"\\le "),
    (r"\\(?:geq|geqslant)(?![A-Za-z])", r"\\ge "),
    (r"\\log\s?_\s?\{?\s?([0-9A-Za-z]+)\s?\}?\s+([0-9]+)(?![0-9.])", r"\\log_{\1}{\2}"),
    (r"(?<![\w.}])([0-9]+(?:\.[0-9]+)?)\s?\(", r"\1\\cdot ("),
    (r"\)\s?\(", r")\\cdot ("),
    (r"\\neq(?![A-Za-z])", r"\\ne "),
    (r"\\lt(?![A-Za-z])", "<"),
    (r"\\gt(?![A-Za-z])", ">"),
    (r"\\(?:varnothing)(?![A-Za-z])", r"\\emptyset "),
    (r"\\(?:lbrace)(?![A-Za-z])", r"\\{"),
    (r"\\(?:rbrace)(?![A-Za-z])", r"\\}"),
    (r"\\(?:dot|overset\{\.\})\{([0-9])\}", r"\\overline{\1}"),
    (r"<=|=<", r"\\le "),
    (r">=|=>", r"\\ge "),
    (r"!=", r"\\ne "),
    (r"\*\*", "^"),
    (r"(?<![A-Za-z\\])\*|\*(?=[A-Za-z0-9(\\])", r"\\cdot "),
    (r"\{,\}", ","),
    (r"\s+", lambda found: SPACE if SPACE in found.group() else " "),
)
_REWRITES = tuple((re.compile(pattern), replacement) for pattern, replacement in _COMMANDS)
_WORD_COMMANDS = re.compile(
    r"(?<![\\A-Za-z])(pi|infinity|infty|theta|alpha|beta|gamma|lambda|sin|cos|tan|cot|sec|csc|arcsin|arccos|arctan|ln|log|exp)(?![A-Za-z])"
)
_DELIMITERS = (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"), ("**", "**"), ("`", "`"), ('"', '"'), ("{", "}"))
_CONNECTED = re.compile(r",?\s*\s*(?:\\(?:text|mbox|mathrm)\s?\{\s*(or|and)\s*\}|(?<![A-Za-z\\{])(or|and)(?![A-Za-z]))\s*\s*")
_UNIT = re.compile(
    r"""(?P<body>.*?[0-9)}\]a-z.])\s*
        (?P<unit> \\?%
                | \^\s?\{?\s?\\circ\s?\}?\s?[CF]?
                | \\text\{[^{}]*\} (?:\s*/\s*\\text\{[^{}]*\})? (?:\s?\^\s?\{?-?[0-9]\}?)?
                | (?<=[0-9)}\]\s,]) [A-Za-z]{2,}[A-Za-z\s./-]* (?:\s?\^\s?\{?-?[0-9]\}?)?
                | (?<=[0-9]\s) [mgshLJNVWKA] )\Z""",
    re.VERBOSE | re.DOTALL,
)
_SYNONYMS = {
    "%": ("percent", "percentage", "pct", "percentagepoints", "percentagepoint"),
    "°": ("degree", "degrees", "deg"),
    "$": ("dollars", "dollar", "usd", "bucks"),
    "": ("units", "unit", "squareunits", "squareunit", "cubicunits", "cubicunit", "unitssquared", "units^2", "units^3", "squnits", "unit^2"),
    "cm": ("centimeters", "centimeter", "centimetres", "centimetre"),
    "mm": ("millimeters", "millimeter", "millimetres"),
    "m": ("meters", "meter", "metres", "metre"),
    "km": ("kilometers", "kilometer", "kilometres"),
    "in": ("inches", "inch"),
    "ft": ("feet", "foot"),
    "s": ("seconds", "second", "sec", "secs"),
    "min": ("minutes", "minute", "mins"),
    "h": ("hours", "hour", "hr", "hrs"),
    "cm^2": ("squarecentimeters", "squarecm", "sqcm", "cm2"),
    "m^2": ("squaremeters", "squarem", "sqm", "m2"),
    "in^2": ("squareinches", "sqin"),
    "ft^2": ("squarefeet", "sqft"),
}
_UNITS = {synonym: unit for unit, synonyms in _SYNONYMS.items() for synonym in synonyms}


@dataclass(frozen=True, slots=True)
class Notation:
    """`latex` is mathematics, `unit` what it is counted in ("" if nothing is said)."""

    latex: str
    unit: str = ""


def notation(answer: str) -> Notation:
    """The answer with its unit set apart. Raises ValueError if a word behind the number makes it another one."""
    return _set_apart(_connected(plain(answer)))


def plain(answer: str) -> str:
    r"""One spelling for each sign and command; \text{} stays."""
    for character, (top, bottom) in _VULGAR.items():
        answer = answer.replace(character, rf" \frac{{{top}}}{{{bottom}}}")
    answer = _raised(_raised(answer, _SUPERSCRIPTS, "^"), _SUBSCRIPTS, "_").translate(CHARACTERS).translate(_SIGNS)
    answer = re.sub(r"\\(?:textbf|textit|textrm|textnormal|mbox|mathrm|mathbf|mathit|mathsf|operatorname)\s?(?=\{)", r"\\text", answer)
    answer = _without_delimiters(answer)
    for pattern, replacement in _REWRITES:
        answer = pattern.sub(replacement, answer)
    answer = re.sub(r"\\sqrt\s+(?=[0-9])([0-9]+)", r"\\sqrt{\1}", _rooted(answer))
    return _without_delimiters(_WORD_COMMANDS.sub(lambda word: "\\" + word[1].replace("infinity", "infty") + " ", answer))


def words(latex: str) -> str | None:
    """The words that the answer is, in one spelling; None if it is anything but words."""
    text = unwrap_text(latex).strip(" .\"'")
    text = text[1:-1] if re.fullmatch(r"\(\s?[A-Za-z]\s?\)", text) else text
    if not re.fullmatch(r"[^\W\d_](?:[^\W\d_]|[\s,'.&-])*", text):
        return None
    is_text = "\\text" in latex or len(re.findall(r"[^\W\d_]", text)) > 3 or re.search(r"[aeiouAEIOU]", text) is not None
    spelled = " ".join(re.sub(r"[\s,.&'-]+", " ", text).split())
    if len(spelled) == 1:
        return spelled if "\\text" in latex or latex.strip().startswith("(") else None
    return spelled.casefold() if is_text else None


def _without_delimiters(answer: str) -> str:
    before = None
    while before != answer:
        before, answer = answer, answer.strip(" \t\r\n").rstrip(".,;:").removesuffix("\\").strip()
        for opening, closing in _DELIMITERS:
            inner = answer[len(opening) : -len(closing)]
            if len(answer) > len(opening + closing) and answer.startswith(opening) and answer.endswith(closing) and _is_whole(inner, opening):
                answer = inner
    return answer


def _is_whole(inner: str, opening: str) -> bool:
    """The delimiters around `inner` belong together."""
    if opening != "{":
        return opening not in inner
    depth = 0
    for brace in re.findall(r"\\.|[{}]", inner):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if depth < 0:
            return False
    return depth == 0


def _raised(answer: str, signs: dict[str, str], command: str) -> str:
    run = re.compile(f"[{''.join(signs)}]+")
    return run.sub(lambda found: f"{command}{{{''.join(signs[each] for each in found.group())}}}", answer)


def _rooted(answer: str) -> str:
    """sqrt(...) with its own bracket, whatever stands in it."""
    while (root := re.search(r"\\?(?<![A-Za-z])sqrt\s?\(", answer)) is not None:
        depth, end = 1, root.end()
        while end < len(answer) and depth:
            depth += {"(": 1, ")": -1}.get(answer[end], 0)
            end += 1
        if depth:
            return answer
        answer = f"{answer[: root.start()]}\\sqrt{{{answer[root.end() : end - 1]}}}{answer[end:]}"
    return answer


def _connected(latex: str) -> str:
    r"""5 \text{ or } 6 is the list 5, 6; so is 5 and 6, of values."""
    return latex if _is_relation(latex) else _CONNECTED.sub(", ", latex)


def _is_relation(latex: str) -> bool:
    return re.search(r"<|>|\\(?:le|ge|ne)(?![A-Za-z])", latex) is not None


def _set_apart(latex: str) -> Notation:
    money = re.fullmatch(r"(?P<sign>[-+]?)\s?(?:\\?\$|\\text\{\s*\\?\$\s*\}|[€£¥])\s?(?P<body>[0-9.,\\ ]+)\s*(?P<rest>.*)", latex)
    if money and not money["rest"].strip():
        return Notation((money["sign"] + money["body"]).strip(), "$")
    match = _UNIT.fullmatch(latex)
    if match is None or words(latex) is not None:
        return Notation(latex)
    unit = _unit(match["unit"])
    body = match["body"].strip()
    if unit is None or (re.search(r"[A-Za-z]\Z", body) and not re.search(r"\\[A-Za-z]+\Z", body)):
        return Notation(latex)
    return Notation(re.sub(r"\s+\Z", "", body).strip(), unit)


def _unit(said: str) -> str | None:
    """One spelling of a unit; None if the words are none."""
    said = unwrap_text(said).strip()
    if "circ" in said:
        return "°" + said[-1] if said[-1] in "CF" else "°"
    if said.lstrip("\\") == "%":
        return "%"
    if AMOUNT.search(re.sub(r"\^\s?\{?-?[0-9]\}?", "", said)) and said not in tuple("mgshLJNVWKA"):
        return None
    spelled = re.sub(r"[\s.{}]+", "", said).replace("\\", "")
    lowered = spelled.casefold()
    return _UNITS.get(lowered, lowered if len(lowered) > 2 else spelled)
