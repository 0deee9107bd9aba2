"""What was found, as rows that link to it. Pure; everything is shown literally, and what was looked for is marked."""

import re
from collections.abc import Iterable, Sequence

from dashboard.address import Page, href
from dashboard.charts.palette import VERDICT_SIGNS
from dashboard.escaping import in_html
from dashboard.trace.text import visible
from dashboard.traces.rows import cut, hit_html, marked_html, place_of
from db.search.found import FoundExperiment, FoundProblem, FoundTrace
from db.search.terms import Terms

LONGEST = 240
BEFORE = 60


def experiments_html(found: Sequence[FoundExperiment], terms: Terms) -> str:
    return _rows(
        _row(
            href(Page.EXPERIMENT, id=each.id),
            f"<bdi>{marked(each.name, terms)}</bdi>",
            f"#{each.id} · {in_html(each.status.shown)} · {in_html(visible(each.owner))}",
            marked(each.notes, terms) if each.notes else "",
        )
        for each in found
    )


def problems_html(found: Sequence[FoundProblem], terms: Terms) -> str:
    """Each opens the traces of its newest experiment."""
    return _rows(
        _row(
            href(Page.TRACES, experiment=each.experiment_id, problem=each.key),
            f"<bdi>{marked(each.key, terms)}</bdi>",
            in_html(visible(f"{cut(each.experiment)} #{each.experiment_id}"))
            + (f" and {each.experiments - 1:,} more" if each.experiments > 1 else ""),
            marked(each.question, terms),
        )
        for each in found
    )


def traces_html(found: Sequence[tuple[FoundTrace, str]], typed: str) -> str:
    """With the name of the arm of each."""
    return _rows(_trace_row(each, arm, typed) for each, arm in found)


def _trace_row(trace: FoundTrace, arm: str, typed: str) -> str:
    sign, word = VERDICT_SIGNS[trace.verdict], trace.verdict.value
    name = (
        f'<span class="ot-sign {word}" role="img" aria-label="{word}" title="{word}">{sign}</span> '
        f'<bdi>{in_html(visible(trace.problem))}</bdi> · <bdi title="{in_html(trace.arm)}">{in_html(arm)}</bdi>'
    )
    where = in_html(visible(f"{cut(trace.experiment)} #{trace.experiment_id}"))
    hit = "" if trace.hit is None else hit_html(trace.hit, typed)
    return _row(href(Page.TRACE, job=trace.job_id, in_says=typed, **place_of(trace.hit)), name, where, hit)


def _rows(rows: Iterable[str]) -> str:
    return f'<div class="ot-rows ot-found" role="list">{"".join(rows)}</div>'


def _row(address: str, name: str, where: str, below: str) -> str:
    """All but the address is HTML already."""
    return (
        f'<div class="ot-trace-row" role="listitem"><div class="ot-trace-head">'
        f'<a href="{in_html(address)}">{name}</a><span class="ot-trace-arm">{where}</span></div>'
        f"{f'<div class=ot-found-text dir=auto>{below}</div>' if below else ''}</div>"
    )


def marked(text: str, terms: Terms) -> str:
    """The text around the first place of a term, with every place of every term marked."""
    pattern = "|".join(re.escape(term.literal) for term in terms)
    first = re.search(pattern, text, re.IGNORECASE)
    start = max(0, first.start() - BEFORE) if first else 0
    ends = "…" if start else "", "…" if start + LONGEST < len(text) else ""
    return ends[0] + marked_html(visible(text[start : start + LONGEST]), pattern) + ends[1]
