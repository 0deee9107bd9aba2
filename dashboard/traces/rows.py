"""The rows of the list of traces: each a link that shows its trace beside the list; the chosen one's opens it, as does
any where there is no room beside.

Pure. Everything is shown literally. What a row tells of a trace is a line in `FACTS`.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from dashboard.address import Page, here, href, in_list
from dashboard.charts.palette import VERDICT_SIGNS
from dashboard.escaping import in_html
from dashboard.keys import attributes
from dashboard.trace.choice import kept
from dashboard.trace.text import path_shown, visible
from dashboard.traces.counts import STATUS_WORDS
from db.queries import TraceSummary
from db.queries.scanning.hits import ScanHit
from db.search.hits import Hit
from db.search.terms import terms_of
from results.wording import amount, duration

LONGEST_FACT = 40
MOST_SOUGHT = 80
"""Characters of a hit that are looked for in its trace."""
WORD_START, NOWHERE = r"(?<![^\W_])", r"(?!)"


def _answer(trace: TraceSummary) -> str | None:
    if trace.verdict is None:
        return None
    answer = "no answer" if trace.answer is None else cut(trace.answer)
    return answer if trace.answer == trace.reference else f"{answer}, expected {cut(trace.reference)}"


def _took(trace: TraceSummary) -> str | None:
    if trace.wall_seconds is None:
        return None
    return f"{trace.wall_seconds:.1f} s" if trace.wall_seconds < 60 else duration(trace.wall_seconds)


FACTS: Mapping[str, Callable[[TraceSummary], str | None]] = {
    "answer": _answer,
    "unread": lambda trace: trace.unread and trace.unread.label,
    "tie": lambda trace: "a tie" if trace.is_tie else None,
    "score": lambda trace: None if trace.score is None else f"score {trace.score:.2f}",
    "thinking": lambda trace: None if trace.thinking_tokens is None else f"{trace.thinking_tokens:,} thinking",
    "waits": lambda trace: f"{trace.waits} Wait{'s' if trace.waits > 1 else ''}" if trace.waits else None,
    "cut": lambda trace: "thinking cut" if trace.cuts else None,
    "level": lambda trace: trace.level and f"level {cut(trace.level)}",
    "repeat": lambda trace: f"repeat {trace.repeat}" if trace.repeat else None,
    "took": _took,
}
"""What stands in the second line, in this order; None: nothing worth a place."""


def cut(text: str) -> str:
    return text if len(text) <= LONGEST_FACT else f"{text[:LONGEST_FACT]}…"


def rows_html(
    traces: Sequence[TraceSummary],
    names: Mapping[str, str],
    parameters: Mapping[str, str],
    chosen: int | None,
    beside: tuple[str | None, str | None],
) -> str:
    """`names` are arms' by their labels; `beside` where the keys lead before the first row and behind the last."""
    ways = [beside[0], *map(_beside_way, traces), beside[1]]
    at = next((number for number, trace in enumerate(traces) if trace.job_id == chosen), None)
    key_of = {} if at is None else {at - 1: ("k", "previous trace"), at + 1: ("j", "next trace")}
    rows = "".join(
        _row_html(trace, names.get(trace.arm_label, trace.arm_label), parameters, number == at, key_of.get(number))
        for number, trace in enumerate(traces)
    )
    ends = "".join(
        f'<a class="ot-turn" href="{in_html(way)}" data-replaces{attributes(*key_of[number])}>{key_of[number][1]}</a>'
        for number, way in ((-1, ways[0]), (len(traces), ways[-1]))
        if way is not None and number in key_of
    )
    return f'<div class="ot-rows" role="list">{rows}{ends}</div>'


def opens(trace: TraceSummary, parameters: Mapping[str, str]) -> str:
    """The trace's own page, with this list around it, at the place of what was looked for."""
    return href(Page.TRACE, job=trace.job_id, **in_list(kept(parameters)), **place_of(trace.place))


def place_of(hit: Hit | None) -> dict[str, str]:
    """The step where it stands, and what is looked for there, as the reader's address says it."""
    return {"step": path_shown(hit.path), "seek": hit.said[:MOST_SOUGHT]} if hit and hit.said else {}


def _beside_way(trace: TraceSummary) -> str:
    return here(Page.TRACES, row=trace.job_id, follow=None, step=None)


def _row_html(
    trace: TraceSummary, arm: str, parameters: Mapping[str, str], is_chosen: bool, key: tuple[str, str] | None
) -> str:
    current = ' aria-current="true"' if is_chosen else ""
    keyed = attributes(*key) if key else ""
    way = in_html(opens(trace, parameters) if is_chosen else _beside_way(trace))
    how = "" if is_chosen else " data-replaces"
    name = in_html(visible(trace.problem_key))
    facts = " · ".join(in_html(visible(told)) for tell in FACTS.values() if (told := tell(trace)))
    return (
        f'<div class="ot-trace-row" role="listitem"{current}><div class="ot-trace-head">{sign_html(trace)}'
        f'<a class="ot-beside" href="{way}"{how}{current}{keyed}>'
        f'<bdi>{name}</bdi></a><a class="ot-alone" href="{in_html(opens(trace, parameters))}"><bdi>{name}</bdi></a>'
        f'<bdi class="ot-trace-arm" title="{in_html(trace.arm_label)}">{in_html(arm)}</bdi></div>'
        f'<div class="ot-trace-facts">{facts or in_html(visible(trace.question))}</div>'
        f"{_error_html(trace)}{'' if trace.hit is None else hit_html(trace.hit, parameters.get('says', ''))}"
        f"{'' if trace.found is None else found_html(trace.found)}</div>"
    )


def sign_html(trace: TraceSummary) -> str:
    """The verdict; for a job without a trace, what it is instead."""
    if trace.verdict is None:
        word = STATUS_WORDS.get(trace.status, trace.status.value)
        return f'<span class="ot-sign {trace.status.value}">{word}</span>'
    sign, word = VERDICT_SIGNS[trace.verdict], trace.verdict.value
    return f'<span class="ot-sign {word}" role="img" aria-label="{word}" title="{word}">{sign}</span>'


def _error_html(trace: TraceSummary) -> str:
    if not trace.error:
        return ""
    return f'<div class="ot-trace-error" dir="auto">{in_html(visible(trace.error))}</div>'


def hit_html(hit: Hit, says: str = "") -> str:
    """The place, marked, with what is written around it in the step; in that too what else of `says` stands there."""
    before, after = ("…" if hit.is_begun else ""), ("…" if hit.goes_on else "")
    texts = [" ".join(f"|{visible(text)}|".split())[1:-1] for text in (hit.before, hit.said, hit.after)]
    words = _words(says)
    shown = [marked_html(texts[0], words), in_html(texts[1]), marked_html(texts[2], words)]
    where = "forced" if hit.kind.value == "forced" else hit.phase.value
    return (
        f'<div class="ot-place" dir="auto"><span class="ot-place-where">{where}</span> '
        f"{before}{shown[0]}<mark>{shown[1]}</mark>{shown[2]}{after}</div>"
    )


def _words(says: str) -> str:
    """A pattern for what traces were searched for: from the start of a word on."""
    literals = [term.literal for term in terms_of(says)] if says else []
    return "|".join(f"{WORD_START if each[0].isalnum() else ''}{re.escape(each)}" for each in literals) or NOWHERE


def marked_html(text: str, pattern: str) -> str:
    """The text, with every place of the pattern, which has no groups, marked."""
    parts = re.split(f"({pattern})", text, flags=re.IGNORECASE)
    return "".join(f"<mark>{in_html(part)}</mark>" if at % 2 else in_html(part) for at, part in enumerate(parts))


def found_html(found: ScanHit) -> str:
    """What a scan found: in how many chains, its number or what its judge says; and the place of the first hit."""
    chains = f"{found.hits:,} of {found.chains:,} chains" if found.chains > 1 else ""
    number = "" if found.value is None or found.label else f"number {amount(found.value)}"
    said = " · ".join(each for each in (chains, number, found.label or "", found.why or "") if each)
    place = "" if found.place is None else hit_html(found.place)
    return f'<div class="ot-trace-found" dir="auto">scan: {in_html(visible(" ".join(said.split())))}</div>{place}'
