"""Why a candidate has its verdict: what was read and where, what it comes to, who judged by which rules, what cut it.

Pure. What is found of the answer in the text is where it stands last: graders do not tell places.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dashboard.charts.palette import VERDICT_SIGNS
from dashboard.escaping import in_html
from dashboard.trace.text import visible
from db.queries import StoredCandidate, TreeNode
from results.wording import moment
from scaling.answers.reading import read_reference
from scaling.types import FinishReason, Phase, Problem, Verdict

AROUND = 36
"""Characters shown at each side of what was read."""
LONGEST = 160
SAID = {
    Verdict.CORRECT: "equal to what was expected",
    Verdict.WRONG: "an answer was read, and it is another",
    Verdict.UNPARSED: "no answer that could be judged",
    Verdict.TRUNCATED: "the answer was cut: its tokens ran out",
}


@dataclass(frozen=True, slots=True)
class Quote:
    """What was read, with the text around it."""

    before: str
    text: str
    behind: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One line: what it is about, and what is to be said, or quoted."""

    name: str
    said: str
    quote: Quote | None = None


Led = Sequence[tuple[TreeNode, str]]
"""The steps that led to a candidate, with their titles in the outline."""


def reasons(problem: Problem, candidate: StoredCandidate, led: Led) -> list[Reason]:
    grade, reference = candidate.grades[-1], read_reference(problem)
    expected = _normal(problem.answer, reference.key)
    return [
        Reason("verdict", f"{VERDICT_SIGNS[candidate.verdict]} {candidate.verdict_text}: {SAID[candidate.verdict]}"),
        _what_was_read(candidate),
        *([Reason("normalised", candidate.key)] if candidate.key not in (None, candidate.answer) else []),
        Reason("expected", expected),
        Reason("judged by", f"{grade.grader}, rules {grade.version}, {moment(grade.graded_at)}"),
        *_cuts(candidate, led),
        *([Reason("of its method", candidate.note)] if candidate.note else []),
    ]


def _normal(said: str, key: str | None) -> str:
    if key is None:
        return f"{said} (the grader cannot read it)"
    return said if key == said.strip() else f"{said}, which is {key}"


def _what_was_read(candidate: StoredCandidate) -> Reason:
    if candidate.answer is None:
        why = candidate.unread.label if candidate.unread else "no reason was noted"
        return Reason("read", f"nothing: {why}")
    place = place_of(candidate.answer, candidate.text)
    if place is None:
        return Reason("read", candidate.answer)
    start, end = place
    text = candidate.text
    quote = Quote(text[max(0, start - AROUND) : start], text[start:end], text[end : end + AROUND])
    return Reason("read", candidate.answer, quote)


def _cuts(candidate: StoredCandidate, led: Led) -> Iterator[Reason]:
    """Which steps of its branch ended by a limit, and what stands there if the answer itself was cut."""
    for node, title in led:
        if node.finish_reason is FinishReason.LENGTH:
            what = "the answer's" if node.phase is Phase.ANSWER else "the thinking's"
            yield Reason("cut", f"{title} ended because {what} tokens ran out")
    grade = candidate.grades[-1]
    if candidate.truncated and grade.right_if_read is not None:
        yield Reason("if it were read", "correct" if grade.right_if_read else "wrong")


def place_of(answer: str, text: str) -> tuple[int, int] | None:
    """Where the answer stands last, as a word of its own; a number also with its thousands parted. None: nowhere."""
    digits = r"[,\s]?".join(map(re.escape, answer)) if re.fullmatch(r"[+-]?\d+", answer) else re.escape(answer)
    places = [found.span() for found in re.finditer(rf"(?<![^\W_])(?<!\d\.){digits}(?![^\W_])(?!\.\d)", text)]
    return places[-1] if places else None


def reasons_html(found: Sequence[Reason]) -> str:
    rows = "".join(f"<dt>{in_html(each.name)}</dt><dd>{_said_html(each)}</dd>" for each in found)
    return f'<dl class="ot-why" aria-label="Why this verdict">{rows}</dl>'


def _said_html(reason: Reason) -> str:
    said = reason.said if len(reason.said) <= LONGEST else reason.said[:LONGEST] + " …"
    if reason.quote is None:
        return f"<bdi>{in_html(visible(said))}</bdi>"
    before, text, behind = (
        in_html(visible(part)) for part in (reason.quote.before, reason.quote.text, reason.quote.behind)
    )
    return f'<bdi>{in_html(visible(said))}</bdi> in <q class="ot-quote" dir="auto">{before}<b>{text}</b>{behind}</q>'
