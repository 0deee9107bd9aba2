"""What goes on: a bar for each open experiment, with how long it will take and what it has spent."""

from collections.abc import Iterator, Mapping

import streamlit as st

from dashboard import data
from dashboard.address import Page, href
from dashboard.escaping import in_html
from dashboard.home.jobs_bar import jobs_bar, jobs_words
from dashboard.ways import link
from db.queries import Bill, Listed, Pace, Waiting
from db.status import ExperimentStatus
from results.progress.left import left_of, left_words
from results.progress.money import charged_words
from results.waiting import sentence
from results.wording import UNKNOWN

MOST = 6


def running(going_on: tuple[Listed, ...], waiting: Mapping[int, Waiting]) -> None:
    """`going_on` are in the order in which they are shown."""
    if not going_on:
        return
    st.subheader("Running", anchor=False)
    shown = going_on[:MOST]
    ids = tuple(each.summary.id for each in shown)
    paces, bills = data.paces(ids), data.bills(ids)
    rows = [
        _row(each, waiting.get(each.summary.id), paces.get(each.summary.id), bills.get(each.summary.id))
        for each in shown
    ]
    st.html(f'<div class="ot-running">{"".join(rows)}</div>')
    if len(going_on) > MOST:
        link(f"{len(going_on) - MOST:,} more stand in the queue", href(Page.QUEUE))


def _row(each: Listed, reason: Waiting | None, pace: Pace | None, bill: Bill | None) -> str:
    summary = each.summary
    name = in_html(f"{summary.name} #{summary.id}")
    facts = " · ".join(in_html(fact) for fact in _facts(each, reason, pace, bill))
    door = in_html(href(Page.EXPERIMENT, id=summary.id))
    bar = jobs_bar(summary.jobs) or "<div></div>"
    return (
        f'<section class="ot-going"><a class="ot-link" href="{door}" dir="auto" title="{name}">{name}</a>'
        f"{bar}<p>{facts}</p></section>"
    )


def _facts(each: Listed, reason: Waiting | None, pace: Pace | None, bill: Bill | None) -> Iterator[str]:
    summary = each.summary
    if summary.status is not ExperimentStatus.RUNNING:
        yield summary.status.shown
    if summary.jobs.total:
        yield jobs_words(summary.jobs)
    if (left := left_words(left_of(summary.status, summary.jobs, pace))) != UNKNOWN:
        yield f"{left} left"
    if summary.spent_tokens:
        cap = "" if summary.token_cap is None else f" of at most {summary.token_cap:,}"
        yield f"{summary.spent_tokens:,}{cap} tokens"
    if (dollars := charged_words(bill)) != UNKNOWN:
        yield dollars
    if pace is not None and pace.generated_tokens_per_s:
        yield f"{pace.generated_tokens_per_s:,.0f} tokens/s"
    yield summary.owner
    if reason is not None:
        yield sentence(reason)
