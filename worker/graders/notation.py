r"""What people and models write for mathematics, made LaTeX that the library reads as it was meant.

Only rewrites that cannot change what is said: other characters for the same sign, delimiters and emphasis around the
whole, words for commands.
"""

import re

from scaling.answers.numerals import CHARACTERS, unwrap_text

SPACE = "\u2009"
"""What \\, and its kin become: a space that was meant, as between groups of digits."""
_LETTERS = ("alpha", "beta", "gamma", "delta", "epsilon", "theta", "lambda", "mu", "rho", "sigma", "phi", "omega")
_GREEK = dict(zip("αβγδεθλμρσφω", _LETTERS, strict=True))
_SIGNS = str.maketrans(
    {"×": r"\times ", "·": r"\cdot ", "⋅": r"\cdot ", "∙": r"\cdot ", "÷": "/", "∗": "*", "⁄": "/", "∕": "/"}
    | {
        "≤": r"\le ",
        "≥": r"\ge ",
        "⩽": r"\le ",
        "⩾": r"\ge ",
        "≠": r"\ne ",
        "≈": r"\approx ",
        "±": r"\pm ",
        "∓": r"\mp ",
    }
    | {"∈": r"\in ", "∪": r"\cup ", "∩": r"\cap ", "∖": r"\setminus ", "∅": r"\emptyset ", "√": "sqrt "}
    | {"π": r"\pi ", "∞": r"\infty ", "°": r"^\circ ", "ℝ": r"\mathbb{R}", "ℤ": r"\mathbb{Z}", "ℕ": r"\mathbb{N}"}
    | {"′": "'", "’": "'", "“": '"', "”": '"', "‑": "-", "‒": "-", "\u200b": "", "\ufeff": ""}
    | dict.fromkeys("\u2009\u202f\u00a0", r"\,")
    | {letter: rf"\{word} " for letter, word in _GREEK.items()}
)
_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+-n", strict=True))
_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉ₙ", "0123456789n", strict=True))
_VULGAR = {
    character: (int(top), int(bottom))
    for character, top, bottom in (fraction.replace("/", " ").split() for fraction in (
        "½ 1/2", "⅓ 1/3", "⅔ 2/3", "¼ 1/4", "¾ 3/4", "⅕ 1/5", "⅖ 2/5", "⅗ 3/5", "⅘ 4/5", "⅙ 1/6", "⅚ 5/6", "⅐ 1/7",
        "⅛ 1/8", "⅜ 3/8", "⅝ 5/8", "⅞ 7/8", "⅑ 1/9", "⅒ 1/10",
    ))
}  # fmt: skip
_COMMANDS = (
    (r"\\(?:left|right|[bB]igg?[lrm]?|displaystyle|textstyle|limits|nolimits)(?![A-Za-z])\s?\.?(?<!\.)", ""),
    (r"(?<!\\)\\!", ""),
    (r"(?<!\\)\\(?:[,;:> ]|quad(?![A-Za-z])|qquad(?![A-Za-z]))|~|\\hspace\{[^{}]*\}", SPACE),
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
    (r"\A\s*=(?!=)", ""),
    (r"\\(?:begin|end)\{(?:align|aligned|equation|gather|split)\*?\}", " "),
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
_DELIMITERS = (
    ("$$", "$$"),
    ("$", "$"),
    ("\\(", "\\)"),
    ("\\[", "\\]"),
    ("**", "**"),
    ("`", "`"),
    ('"', '"'),
    ("{", "}"),
)
_CONNECTED = re.compile(
    r"\s*,?\s*(?:\\(?:text|mbox|mathrm)\s?\{\s*,?\s*(?:or|and)\s*\}|(?<![A-Za-z\\{])(?:or|and)(?![A-Za-z]))\s*"
)
_PHRASE = re.compile(r"\\text\{(?=[^{}]*[A-Za-z]{3})(?=[^{}]*[0-9])[^{}]*\}")
_GEOMETRY = re.compile(r"\\(angle|triangle|overline|overrightarrow|widehat|square)\s*\{?\s*([A-Z]{1,6})\s*\}?")
_DATE = re.compile(r"[A-Z][a-z]{2,8}\.?\s[0-9]{1,2}(?:,\s?[0-9]{4})?")


def plain(answer: str) -> str:
    r"""One spelling for each sign and command; \text{} stays."""
    for character, (top, bottom) in _VULGAR.items():
        answer = answer.replace(character, rf" \frac{{{top}}}{{{bottom}}}")
    answer = _raised(_raised(answer, _SUPERSCRIPTS, "^"), _SUBSCRIPTS, "_").translate(CHARACTERS).translate(_SIGNS)
    answer = re.sub(
        r"\\(?:textbf|textit|textrm|textnormal|mbox|mathrm|mathbf|mathit|mathsf|operatorname)\s?(?=\{)",
        r"\\text",
        answer,
    )
    answer = _without_delimiters(re.sub(r"\\text\s?\{([^{}A-Za-z]*)\}", r"\1", answer))
    answer = answer if re.search(r"\\begin\{(?:[a-zA-Z]?matrix|array|cases)", answer) else answer.replace("&", "")
    for pattern, replacement in _REWRITES:
        answer = pattern.sub(replacement, answer)
    answer = re.sub(r"(?<![A-Za-z\\])sqrt\s*([0-9]+)|\\sqrt\s*([0-9])(?![0-9])", r"\\sqrt{\1\2}", _rooted(answer))
    return _without_delimiters(
        _WORD_COMMANDS.sub(lambda word: "\\" + word[1].replace("infinity", "infty") + " ", answer)
    )


def words(latex: str) -> str | None:
    """The words that the answer is, in one spelling; a letter alone keeps its case. None if it is anything else."""
    text = unwrap_text(latex).strip(" .\"'")
    if letter := re.fullmatch(r"\(?\s?([A-Za-z])\s?\)?", text):
        return None if letter[1] in "ei" else letter[1]
    if _PHRASE.fullmatch(latex.strip()) or _DATE.fullmatch(text) or (named := _GEOMETRY.fullmatch(latex.strip())):
        text = named.expand(r"\1 \2") if "\\text" not in latex and not _DATE.fullmatch(text) else text  # type: ignore[union-attr]
        return " ".join(re.sub(r"[\s,]+", " ", text).split()).casefold()
    if not re.fullmatch(r"[^\W\d_](?:[^\W\d_]|[\s,'.&-])*", text):
        return None
    is_text = (
        "\\text" in latex or text.casefold() == "no" or re.search(r"(?i)(?=[a-z]{3})[a-z]*[aeiouy]", text) is not None
    )
    return " ".join(re.sub(r"[\s,.&'-]+", " ", text).split()).casefold() if is_text else None


def _without_delimiters(answer: str) -> str:
    before = None
    while before != answer:
        before, answer = answer, answer.strip(" \t\r\n").rstrip(".,;:").removesuffix("\\").strip()
        for opening, closing in _DELIMITERS:
            inner = answer[len(opening) : -len(closing)]
            if (
                len(answer) > len(opening + closing)
                and answer.startswith(opening)
                and answer.endswith(closing)
                and _is_whole(inner, opening)
            ):
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


def connected(latex: str) -> str:
    r"""5 \text{ or } 6 is the list 5, 6; so is 5 and 6, of values."""
    return latex if _is_relation(latex) else _CONNECTED.sub(", ", latex)


def _is_relation(latex: str) -> bool:
    return re.search(r"<|>|\\(?:le|ge|ne)(?![A-Za-z])", latex) is not None
