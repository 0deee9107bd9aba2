r"""Where a text announces its answer: in a box, or behind words such as "the answer is"; and what stands there.

By position and by kind: the last announcement counts, whichever it is; boxes that are joined by "or" and "and" count as
one; words that only talk about an answer ("if the answer is", "this answer is correct") announce none. Nothing here
knows what an answer looks like: that is each grader's business. Every pattern is linear in the text.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

MAX_ANSWER_CHARACTERS = 1000
"""Longer is not an answer: it is a model that went astray. Keeps keys and grading cheap."""


MOST_LOOKED_AT = 64
"""Of boxes, and of markers: the last so many. What comes before them is no answer."""


MOST_NESTED = 3
"""Boxes around one answer."""


class How(StrEnum):
    BOXED = "boxed"  # the content of a box, whole
    SAID = "said"  # what follows "the answer is": a sentence that begins with the answer or soon comes to it
    HEADED = "headed"  # what follows "Answer:": the answer, or a whole solution that ends with it
    RETRACTED = "retracted"  # taken back, or boxed as a part of a larger formula: there is no answer


@dataclass(frozen=True, slots=True)
class Announced:
    """`text` is what was announced; of several boxes that belong together, each is one of `parts`.

    `behind` is what the text goes on with: behind a box, or behind the words that announce, the answer among it.
    """

    how: How
    text: str
    parts: tuple[str, ...] = ()
    behind: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    announced: Announced


_BOX = re.compile(r"\\(?:boxed|fbox|framebox)\s{0,8}(?:\{|(?<=\s)(?P<bare>[+-]?[0-9A-Za-z.]{1,40}))")
_DENIED = re.compile(r"[\s$\\)\]*}.]{0,8}(?:\?\s{0,4}no\b|(?:is|was)\s(?:not|wrong|incorrect)\b)", re.IGNORECASE)
_OPERATED = re.compile(
    r"\s{0,4}(?:[-+*/×·]\s{0,4}[0-9\\]|\^(?!\s{0,4}\{?\s{0,4}\\circ)|!|\\(?:cdot|times|div|pm|over)(?![A-Za-z]))"
)
_OPERATING = re.compile(
    r"(?:[0-9)}\]]\s{0,4}[-+*/×·]|\\(?:cdot|times|div|pm|mp)|[/^×·±√]|\\(?:sqrt|[dt]?frac)\s?\{|\}\{|[\^_]\s?\{|[0-9]|"
    r"(?:\A|[\s=($:{])[-−])\Z|(?:[0-9)}\]]\s{0,4}[-+*/×·]|\\(?:cdot|times|div|pm|mp)|[×·±√])\s{1,4}\Z"
)
"""Around a box that is a part of a larger formula."""
_DENYING = re.compile(r"\bnot\s{1,4}[$\\(\[*]{0,4}\Z", re.IGNORECASE)
_NESTED = re.compile(r"\A\s*\\(?:boxed|fbox)\s*\{(.*)\}\s*\Z", re.DOTALL)
_EMPTY_BOX = re.compile(r"\\(?:boxed|fbox)\s{0,8}\{[\s$.]{0,40}(?:\{[\s$.]{0,8}\})?[\s$.]{0,40}\}")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
SPECIAL_TOKEN = re.compile(r"<[|｜][^<>|｜\s]{1,40}[|｜]>|</?s>|</answer>|<(?:eos|bos|end_of_turn)>")
_EMPHASIS = r"[*_`]{0,3}"
_ADVERB = r"\s{1,4}(?:then|thus|therefore|here|now|simply|finally)\b|\s?,[^,.:\n$\\]{1,40},"
_COPULA = (
    r"is|are|was|equals|(?:would|must|should|will|can\s{1,4}only|has\s{1,4}to)\s{1,4}be|"
    r"comes?\s{1,4}out\s{1,4}(?:to|as)"
)
_LATER = rf"\s{{1,8}}(?:to|for|of|in|from|here)\b[^.:=\n$\\]{{0,80}}?{_EMPHASIS}\s{{0,4}}(?::|\b(?:is|are)\b)"
_HEADING = (
    r"^[ \t]{0,8}[#*_]{0,6}[ \t]{0,4}(?:(?:the|my|final|correct)[ \t]{1,4}){0,3}answers?"
    r"[ \t]{0,4}[#*_:]{0,6}[ \t]{0,4}$"
)
_GSM8K = r"(?:^|(?<=\s))####[ \t]{0,4}(?=[-+−$\\(]{0,3}[0-9.])"
_NAMED = r"(?<![A-Za-z])(?:answers?|(?:correct|right|best|final|my|answer)\s{1,4}(?:choice|option))\b"
MARKER = re.compile(
    rf"{_NAMED}{_EMPHASIS}(?:{_ADVERB})?(?:\s{{0,8}}[:=：]{{1,2}}|{_LATER}|\s{{1,8}}(?:{_COPULA})\b)\s{{0,4}}:?{_EMPHASIS}"
    rf"|{_HEADING}|{_GSM8K}|<answer>|(?:答案|答)\s{{0,4}}(?:是|为|：|:)",
    re.IGNORECASE | re.MULTILINE,
)
_NOT_MEANT = re.compile(
    r"(?:\b(?:(?:may|might|could|would)\s{1,4}(?:say|think|guess|claim|believe|expect)|if|whether|suppose|supposing|assume|assuming|unless|wrong|incorrect|previous|earlier|initial|first|original|"
    r"old|least\s{1,4}likely|worst|another|other|alternative|intermediate|each|every|possible|no(?!\s{0,4},)|not|an|any|student's|their|his|her|your|"
    r"expected|eliminate|format\s{1,4}your|give\s{1,4}your|write\s{1,4}your|the\s{1,4}form\s{1,4}of|format\s{1,4}of)"
    r"\b)[\s,]{0,4}(?:that\s{1,4})?(?:the\s{1,4})?(?:final\s{1,4}|correct\s{1,4}|right\s{1,4}|best\s{1,4})?\Z",
    re.IGNORECASE,
)
"""Stands right before "answer" where none is announced."""
_VERB = re.compile(r"\b(?:is|are|was|equals|be|to|as)\W*\Z", re.IGNORECASE)
_TALK = re.compile(
    r"[\s*_,]{0,8}(?:indeed\s|also\s|now\s|then\s|therefore\s|thus\s|still\s)?(?:correct|right|reasonable|consistent|valid|verified|confirmed|clear|obvious|found\s|obtained|given|as\sfollows\W{0,4}$|"
    r"above|below|unique|the\ssame|supposed|expected|required|simplified|in\s(?:its\s)?(?:the\s)?(?:simplest|lowest|form|terms|exact)|"
    r"already|boxed\b(?!\s?\{)|complete|ready|straightforward|a\s(?:whole|positive|negative|single|real|prime|natural)\b|an\sinteger\b|always|based\s|derived|"
    r"written|expressed|rounded|either\sof|\.{3}|…|[^\s?]{0,12}\?)",
    re.IGNORECASE,
)
"""Follows "the answer is" where that is only talked about."""
_RETRACTION = re.compile(
    r"[\s*_,]{0,8}(?:(?:clearly|definitely|probably|therefore|obviously|also)\s)?(?:wrong|incorrect|not\s(?:correct|right|valid|possible|consistent))\b",
    re.I,
)
JOINED = re.compile(
    r"(?:\s|[$,;]|\\[()\[\],; ]|\\(?:quad|qquad|text\s?\{\s?(?:and|or)\s?\})|\b(?:and|or)\b){0,24}"
    r"(?:(?P<name>[A-Za-z](?:_\{?\w\}?)?)\s{0,4}=\s{0,4})?\Z"
)
_ASIDE = re.compile(r"[0-9][^\n(]{0,40}(?<!\\)\([^()\n]{0,200}\Z")
SEPARATOR = re.compile(r"[,;]|\b(?:and|or)\b")
_NAME_BEFORE = re.compile(r"(?<![A-Za-z\\])(?P<name>[A-Za-z](?:_\{?\w\}?)?)\s{0,4}=\s{0,4}\Z")
_TURN = r"(?P<speaker>user|human|student)|instruction|assistant|question|problem|exercise|q|input"
_NEXT_QUESTION = re.compile(
    rf"\n[ \t]{{0,8}}(?:[#*]{{1,6}}[ \t]{{0,4}})?(?:{_TURN})[ \t]{{0,4}}#?[0-9]{{0,4}}"
    r"[ \t]{0,4}[*#]{0,4}[ \t]{0,4}[:：][^\n]"
    r"|\n[ \t]{0,8}#{2,6}[ \t]{0,4}(?:instruction|question|problem|user|human)\b",
    re.IGNORECASE,
)


def announcements(text: str) -> Iterator[Announced]:
    """What the text announces, from the last to the first; `text` as `own_words` gives it."""
    found = sorted([*_boxes(text), *_markers(text)], key=lambda each: each.start)
    while found:
        last = found.pop()
        behind = text[last.end : last.end + 2 * MAX_ANSWER_CHARACTERS]
        if last.announced.how is not How.BOXED:
            yield replace(last.announced, behind=behind)
        elif not (found and _is_aside(text[found[-1].end : last.start], found[-1])):
            yield replace(_joined(text, found, last), behind=behind)


def own_words(text: str) -> str:
    """Without special tokens, and without the next question that a model makes up behind its answer."""
    text = _EMPTY_BOX.sub("", SPECIAL_TOKEN.sub("", text))
    begin = len(text) - len(text.lstrip())
    firsts = [found.start() for found in (_BOX.search(text), MARKER.search(text)) if found]
    answered = min(firsts, default=len(text))
    for question in _NEXT_QUESTION.finditer(text, begin):
        if question["speaker"] or question.start() > answered:
            return text[: question.start()]
    return text


def last_paragraph(text: str) -> str:
    """The last line with something on it, and what it belongs to."""
    paragraphs = [each for each in re.split(r"\n\s{0,80}\n", own_words(text)) if each.strip(" \t\r\n*_`#$-")]
    return paragraphs[-1].strip() if paragraphs else ""


def _boxes(text: str) -> list[_Found]:
    """Non-empty boxes; one left open is read to the end of its line, for a forced opener may leave it so."""
    found: list[_Found] = []
    end = 0
    for opening in deque(_BOX.finditer(text), MOST_LOOKED_AT):
        if opening.start() < end:
            continue  # inside another box
        if opening["bare"]:
            found.append(_Found(opening.start(), opening.end(), _box(opening["bare"].strip("."))))
            continue
        limit = min(len(text), opening.end() + 2 * MAX_ANSWER_CHARACTERS)
        closing = _closing(text, opening.end(), limit)
        if closing is None:
            content = text[opening.end() : limit].split("\n", 1)[0]
            end = opening.end()
        else:
            content, end = text[opening.end() : closing], closing + 1
        is_denied_after_another = found and _is_denied(text, opening.start(), end)
        if content.strip(" $.{}\t\r\n") and not is_denied_after_another:
            stands = _stands_alone(text, opening.start(), end)
            announced = _box(_unnested(content.strip())) if stands else Announced(How.RETRACTED, "")
            found.append(_Found(opening.start(), end, announced))
    return found


def _box(content: str) -> Announced:
    return Announced(How.BOXED, content, (content,))


def _stands_alone(text: str, start: int, end: int) -> bool:
    """The box is neither denied nor a part of a larger formula."""
    is_part = _OPERATED.match(text, end) or _OPERATING.search(text[max(0, start - 12) : start])
    return not (is_part or _is_denied(text, start, end))


def _is_denied(text: str, start: int, end: int) -> bool:
    return bool(_DENIED.match(text, end) or _DENYING.search(text[max(0, start - 12) : start]))


def _unnested(content: str) -> str:
    for _ in range(MOST_NESTED):
        content = _NESTED.sub(r"\1", content)
    return content


def _closing(text: str, start: int, limit: int) -> int | None:
    depth = 1
    for brace in _BRACE.finditer(text, start, limit):
        depth += {"{": 1, "}": -1}.get(brace.group(), 0)
        if depth == 0:
            return brace.start()
    return None


def _markers(text: str) -> list[_Found]:
    found = []
    for marker in deque(MARKER.finditer(text), MOST_LOOKED_AT):
        before, after = (
            text[max(0, marker.start() - 60) : marker.start()],
            text[marker.end() : marker.end() + 2 * MAX_ANSWER_CHARACTERS],
        )
        if _NOT_MEANT.search(before):
            continue
        if _RETRACTION.match(after):
            found.append(_Found(marker.start(), marker.end(), Announced(How.RETRACTED, "")))
        elif not _TALK.match(after):
            how = How.SAID if _VERB.search(marker.group()) else How.HEADED
            found.append(
                _Found(marker.start(), marker.end(), Announced(how, after.lstrip(" \t\r\n:*_#").rstrip(" \t\r\n*_")))
            )
    return found


def _is_aside(between: str, before: _Found) -> bool:
    """A box in brackets behind what a marker announced: "final answer: 36 (we boxed \\boxed{2} above)"."""
    return before.announced.how is not How.BOXED and _ASIDE.search(between) is not None


def _joined(text: str, found: list[_Found], last: _Found) -> Announced:
    """The box with those before it that it is joined to, which are taken off `found`."""
    parts, names = [last.announced.text], []
    while found and found[-1].announced.how is How.BOXED:
        between = text[found[-1].end : last.start]
        joined = JOINED.match(between)
        if joined is None or not SEPARATOR.search(between):
            break
        names.append(joined["name"])
        last = found.pop()
        parts.append(last.announced.text)
    name = _NAME_BEFORE.search(text[max(0, last.start - 12) : last.start])
    names.append(name["name"] if name else None)
    distinct = tuple(dict.fromkeys(reversed(parts)))
    if len(distinct) == 1:
        return Announced(How.BOXED, distinct[0], distinct)
    listed = ", ".join(reversed(parts) if None not in names and len(set(names)) == len(parts) else distinct)
    return Announced(
        How.BOXED, f"({listed})" if None not in names and len(set(names)) == len(parts) else listed, distinct
    )
