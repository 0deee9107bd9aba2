"""The header of an experiment: how it stands in a sentence, why it waits, and what may be done to it.

Two fragments, since they stand in two rows; both refresh themselves while the experiment is open.
"""

import datetime as dt

import streamlit as st

from dashboard import data
from dashboard import page as frame
from dashboard.escaping import in_html, in_markdown, tags_html
from dashboard.experiment.steering import actions
from db.queries import ExperimentSummary, Progress
from results.progress.left import left, left_words
from results.wording import moment
from results.words.status import status_words


def actions_line(experiment_id: int) -> None:
    """A fragment, beside the name: what it is, and what may be done to it."""
    with frame.panel():
        summary = data.experiment(experiment_id).summary
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="ot-head"):
            frame.status_badge(summary.status)
            if summary.tags:
                st.html(tags_html(summary.tags), width="content")
            actions(summary)


def standing(experiment_id: int) -> None:
    """A fragment: how it stands, and why it waits."""
    with frame.panel():
        summary = data.experiment(experiment_id).summary
        st.html(_status_html(summary, data.progress(experiment_id)))
        if summary.error:
            st.error(in_markdown(summary.error), icon=":material/error:")
        with st.container():
            if reason := data.waiting().get(experiment_id):
                frame.why(reason)
        _when_it_changed(summary)


def _status_html(summary: ExperimentSummary, progress: Progress) -> str:
    """The sentence, and beside it whose it is; above both, while it is open, how far it is."""
    worked_s = data.worked_s(summary.id, summary.finished_at)
    said = status_words(summary, progress, worked_s, left_words(left(progress)), dt.datetime.now(dt.UTC))
    run = f" · run {summary.run + 1}" if summary.run else ""
    whose = f"#{summary.id}{run} · {in_html(summary.owner)} · {in_html(moment(summary.created_at))}"
    bar = "" if summary.status.is_closed else _bar_html(progress)
    beside = f'<span class="ot-quiet" dir="auto">{whose}</span>{_note_html(summary.notes)}'
    return f'{bar}<p class="ot-standing">{in_html(said)} {beside}</p>'


def _note_html(notes: str) -> str:
    return f'<span class="ot-note" dir="auto" title="{in_html(notes)}">{in_html(notes)}</span>' if notes else ""


def _bar_html(progress: Progress) -> str:
    """Done, failed and running as parts of all; the sentence below says the same in numbers."""
    jobs = progress.jobs
    if not jobs.total:
        return ""
    parts = {"done": jobs.succeeded, "failed": jobs.failed, "running": jobs.running}
    inner = "".join(
        f'<span class="{name}" style="width:{100 * count / jobs.total:.3f}%"></span>' for name, count in parts.items()
    )
    return f'<div class="ot-bar-of-jobs" aria-hidden="true">{inner}</div>'


def _when_it_changed(summary: ExperimentSummary) -> None:
    """A fragment cannot change how often it refreshes, nor the buttons outside it: then the whole page runs again."""
    key = f"status of {summary.id}"
    before = st.session_state.get(key, summary.status)
    st.session_state[key] = summary.status
    if before is not summary.status:
        st.rerun()
