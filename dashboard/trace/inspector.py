"""What stands beside the text: why the answer has its verdict, and in tabs the votes, the tree, counts and attempts.

The tab stands in the address; without one it is what a reader of this trace asks first.
"""

from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from dashboard import data, download, notes
from dashboard.address import Page, here
from dashboard.escaping import in_html
from dashboard.trace import votes
from dashboard.trace.counts import attempts_html, counts_html, job_html
from dashboard.trace.opened import Opened, led_to
from dashboard.trace.tree import is_branching
from dashboard.trace.tree_element import tree_section
from dashboard.trace.why import reasons, reasons_html
from db.queries import ExperimentSummary, TraceDetail
from db.status import AttemptOutcome
from scaling.types import StepKind

REPAIRED = (
    "Some characters of this trace (NUL, half a surrogate pair) cannot be stored and are shown as "
    "\N{REPLACEMENT CHARACTER}. The token ids are the truth."
)


def inspector(opened: Opened, experiment: ExperimentSummary) -> None:
    if opened.trace.is_text_repaired:
        st.info(REPAIRED, icon=":material/healing:")
    _why(opened)
    tabs = _tabs(opened, experiment)
    wanted = st.query_params.get("tab", "")
    name = wanted if wanted in tabs else _first(opened)
    said = len(data.annotations(opened.job.experiment_id, opened.job.job_id))
    st.html(_tabs_html({each: f" {said}" if each == "notes" and said else "" for each in tabs}, name))
    tabs[name]()


def _tabs(opened: Opened, experiment: ExperimentSummary) -> Mapping[str, Callable[[], None]]:
    """By their names in the address; a chain has no tree."""
    job, trace = opened.job, opened.trace
    tree = {"tree": partial(tree_section, opened)} if is_branching(opened.nodes) else {}
    return {
        "votes": partial(votes.show, trace, job.problem.answer, opened.leaf),
        **tree,
        "counts": partial(_counts, opened, experiment),
        "attempts": lambda: _show(attempts_html(job.attempts)),
        "notes": partial(notes.of_trace, job.experiment_id, job.job_id),
    }


def _first(opened: Opened) -> str:
    """The tree of a search, the votes of a vote; of one chain what was tried in vain, or else the counts."""
    if any(node.kind in (StepKind.STEP, StepKind.ROLLOUT) for node in opened.nodes) and is_branching(opened.nodes):
        return "tree"
    if len(opened.trace.candidates) > 1:
        return "votes"
    was_lost = any(each.outcome is not AttemptOutcome.SUCCEEDED for each in opened.job.attempts)
    return "attempts" if was_lost else "counts"


def _tabs_html(counts: Mapping[str, str], now: str) -> str:
    """`counts` stand behind the tabs' names."""
    links = "".join(
        f'<a class="ot-tab" href="{in_html(here(Page.TRACE, tab=name))}" data-replaces'
        f"{' aria-current=page' if name == now else ''}>{name.capitalize()}{count}</a>"
        for name, count in counts.items()
    )
    return f'<nav class="ot-tabs" aria-label="Inspector">{links}</nav>'


def _why(opened: Opened) -> None:
    """Of the candidate that is read, or of the one that speaks for the job."""
    candidate = opened.candidate or opened.trace.chosen_candidate
    st.html(reasons_html(reasons(opened.job.problem, candidate, led_to(opened.shown, candidate))))


def _counts(opened: Opened, experiment: ExperimentSummary) -> None:
    job = opened.job
    st.html(counts_html(opened.trace) + job_html(job, experiment))
    paths = tuple(node.path for node in opened.shown.nodes)
    download.button(
        "This text as a file", partial(data.trace_text, job.job_id, paths), f"trace-{job.job_id}.txt", "trace-text",
        "text/plain",
    )  # fmt: skip


def without_trace(job: TraceDetail, experiment: ExperimentSummary) -> None:
    """Of a job that has none: what was tried."""
    if job.attempts:
        st.html(attempts_html(job.attempts))
    st.html(job_html(job, experiment))
    notes.of_trace(job.experiment_id, job.job_id)


def _show(html: str) -> None:
    st.html(html)
