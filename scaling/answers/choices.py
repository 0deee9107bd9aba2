r"""The `choice` grader: one of the options A, B, C ... by its letter or by its text; never a guess between two.

A letter counts where it stands as one: "(B)", "B.", "option B", "**B**", not the article of "a good approach" nor the
genus of "C. auris". The text of an option counts where it is the whole of what was announced, or the only option in it.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence

from scaling.answers.announced import Announced, How
from scaling.answers.numerals import unwrap_text
from scaling.types import Unread

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOST_UNKNOWN = 10
"""Without options to look at, A to J are letters of options."""

_TITLE = r"(?:the\s)?(?:(?:option|choice|letter|answer|statement)s?\s{0,2}[:#]?\s{0,2})?"
_LETTER = re.compile(
    rf"\A[\W_]{{0,8}}?{_TITLE}(?P<open>[(\[]?)\s?(?P<letter>[A-Za-z])(?P<close>\s?[)\]]|[.:]|)(?![\w'’+^_=<>/*#-])(?P<rest>.*)\Z",
    re.IGNORECASE | re.DOTALL,
)
_ANOTHER = re.compile(
    rf"\A\s{{0,3}}(?:[,;/&+]|or\b|and\b|,\s?(?:or|and)\b|through\b|to\b|-)\s{{0,3}}(?:both\s)?{_TITLE}[(\[]?\s?(?P<letter>[A-Za-z])\s?[)\]]?(?![\w'’])",
    re.IGNORECASE,
)
_DISMISSED = re.compile(
    r"\A\s{0,3}(?:is|are|was|seems|looks|can|does|do)?\s?(?:\w{4,12}ly\s)?"
    r"(?:wrong\b|incorrect\b|not\b|false\b|eliminated\b|ruled\sout|unlikely\b|impossible\b|(?:is|does|ca)n['’]t\b|cannot\b)",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"\A\s{0,3}(?:\Z|[,;:.!—–)]|-\s|\(|because\b|since\b|as\b|is\b|which\b|with\b|due\b|\n|→)", re.IGNORECASE
)
_CHOSEN = re.compile(
    rf"\b(?:choose|chose|choosing|pick|select|go(?:ing)?\swith|opt\sfor|settle\son|correct\s(?:\w+\s)?(?:is|would\sbe|must\sbe)|matches|corresponds\sto)\s{{1,3}}"
    rf"{_TITLE}(?P<first>\(?[A-Z]\)?)(?![\w'’])"
    rf"|(?<![\w'’])(?P<second>\(?[A-Z]\)?)\s{{1,3}}(?:is|must\sbe|would\sbe)\s{{1,3}}(?:indeed\s|therefore\s|thus\s)?(?:the\s)?(?:only\s)?(?:correct|right|best|answer|true\b)"
    r"|\b(?i:it(?:['’]s|\s(?:is|must\sbe|should\sbe))|so|thus|therefore|hence|choose),?\s{1,3}(?P<third>\(?[A-Z]\)?)[.!]?\Z"
)
_ARTICLE = re.compile(r"\A\s*(?:the|an?)\s", re.IGNORECASE)
_DELIMITERS = re.compile(
    r"\\[()\[\]]|`|\$(?=[^$]*\$)|(?<=[^\s\\])\$(?!\w)|(?<![\w)])\*{1,3}(?=\S)|(?<=\S)\*{1,3}(?![\w(])"
)
_NEGATED = re.compile(r"\b(?:not|neither|none|except|no|isn't|incorrect|wrong)\b|[<>≠]", re.IGNORECASE)
_BEHIND_OPTION = re.compile(r"\s*(?:\Z|\W|(?:because|since|as|which|with|due|so|not|but|rather|instead)\b)")
"""Any other word behind an option's text makes it another thing."""


def boxed(box: Announced, options: Sequence[str]) -> str | Unread | None:
    """None: what is boxed is no option; the answer may be elsewhere."""
    return _only({_option(part, options) for part in box.parts} - {None})


def said(words: Announced, options: Sequence[str]) -> str | Unread | None:
    """None: neither a letter nor an option."""
    lines = _lines(words.text)
    if not lines:
        return Unread.UNREADABLE
    clause = lines[0].strip()
    found = _option(clause, options)
    if found is None:
        found = _mentioned(re.split(r"(?<=\w\w)\.\s", clause, maxsplit=1)[0], options)
    if found is None and words.how is How.HEADED:
        return alone(words.text, options) or Unread.UNREADABLE
    return Unread.UNREADABLE if found is None and _NEGATED.search(clause) else found


def alone(text: str, options: Sequence[str]) -> str | Unread | None:
    """Without an announcement: what is the whole text or its first line, or an option that is said to be chosen."""
    lines = _lines(text)
    if not lines:
        return None
    found = _of_text(text, options) or _option(lines[0], options)
    if found is not None and (len(lines) == 1 or _is_short(lines[0])):
        alone_too = {_of_letter(line, options) for line in lines[1:] if len(_bare(line).strip(" .()")) == 1} - {None}
        return _only({found, *alone_too})
    letters = [next(filter(None, match.groups())).strip("()") for match in _CHOSEN.finditer("\n".join(lines[-3:]))]
    return _only({letter for letter in letters if _is_option(letter, options)})


def _only(found: set[str | Unread | None]) -> str | Unread | None:
    if len(found) > 1:
        return Unread.AMBIGUOUS
    return next(iter(found), None)


def _option(text: str, options: Sequence[str]) -> str | Unread | None:
    """A letter alone is a letter, whatever the options say; else an option's text comes first."""
    if len(_bare(text).strip(" .()")) == 1:
        return _of_letter(text, options)
    return _of_text(text, options) or _of_letter(text, options)


def _of_text(text: str, options: Sequence[str]) -> str | None:
    """The option whose text this is, with or without its article; None if it is none, or two have it.

    Case decides where it is all that parts two options, such as "Aa" and "aa".
    """
    for fold in (str, str.casefold):
        spellings = {_spelling(text, fold), _spelling(_ARTICLE.sub("", text), fold)} - {""}
        matching = [
            LETTERS[place]
            for place, option in enumerate(options)
            if spellings & {_spelling(option, fold), _spelling(_ARTICLE.sub("", option), fold)}
        ]
        if matching:
            return matching[0] if len(matching) == 1 else None
    return None


def _of_letter(text: str, options: Sequence[str]) -> str | Unread | None:
    """The letter that `text` begins with, if it stands as one."""
    match = _LETTER.match(unicodedata.normalize("NFKC", _bare(text)))
    if match is None or not _is_option(match["letter"], options):
        return None
    letter, rest = match["letter"].upper(), match["rest"]
    if _DISMISSED.match(rest):
        return None
    other = _ANOTHER.match(rest)
    if other and _is_option(other["letter"], options) and not (other["letter"].islower() and match["letter"].isupper()):
        return Unread.AMBIGUOUS if other["letter"].upper() != letter else letter
    is_marked = bool(match["open"] and match["close"]) or match["close"].strip() in (")", "]", ":") or _has_title(text)
    if match["letter"].islower() and not is_marked and rest.strip(" .*)"):
        return None  # an article, or a variable
    if match["letter"] == "I" and not is_marked and rest.strip(" .*"):
        return None  # the writer
    if rest.strip() and match["close"] == "." and not is_marked:
        is_told = _named(rest, options) == letter or not rest.strip()[:1].islower()
        return letter if is_told and _agrees(rest, letter, options) else None
    if rest.strip() and not is_marked and not _GOES_ON.match(rest):
        return None
    return letter if _agrees(rest, letter, options) else Unread.AMBIGUOUS


def _agrees(rest: str, letter: str, options: Sequence[str]) -> bool:
    """What stands behind the letter is not the text of another option."""
    return _named(rest, options) in (None, letter)


def _named(rest: str, options: Sequence[str]) -> str | None:
    return _of_text(rest.strip(" .:;,-–—()*"), options)


def _mentioned(clause: str, options: Sequence[str]) -> str | Unread | None:
    """The only option whose text stands in the clause; of one within another, the longer."""
    spelled = f" {_spelling(clause)} "
    found = [
        place
        for place, option in enumerate(options)
        if len(_spelling(option)) > 2 and f" {_spelling(option)} " in spelled
    ]
    found = [
        at
        for at in found
        if not any(_spelling(options[at]) in _spelling(options[other]) for other in found if other != at)
    ]
    if not found:
        return None
    if len(found) > 1:
        return Unread.AMBIGUOUS
    if not _BEHIND_OPTION.match(spelled.rpartition(f" {_spelling(options[found[0]])} ")[2]):
        return Unread.UNREADABLE
    return (
        Unread.UNREADABLE if _NEGATED.search(clause) and not _NEGATED.search(options[found[0]]) else LETTERS[found[0]]
    )


def _is_option(letter: str, options: Sequence[str]) -> bool:
    return LETTERS.index(letter.upper()) < (len(options) or MOST_UNKNOWN)


def _has_title(text: str) -> bool:
    return re.match(r"[\W_]{0,8}(?:the\s)?(?:option|choice|letter|statement)\b", text, re.IGNORECASE) is not None


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def _is_short(line: str) -> bool:
    return len(line) <= 200


def _bare(text: str) -> str:
    return _DELIMITERS.sub("", unwrap_text(text)).strip(" \t\r\n\"'“”‘’")


def _spelling(text: str, fold: Callable[[str], str] = str.casefold) -> str:
    """Equal for one text however it is set: spaces, emphasis, the full stop."""
    text = fold(unicodedata.normalize("NFKC", _bare(text)))
    return " ".join(re.sub(r"[\s,;:.!]+(?=\s|\Z)", " ", text).split())
