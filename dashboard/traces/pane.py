"""The trace that is chosen in the list, beside it."""

from collections.abc import Mapping

import streamlit as st

from dashboard import data
from dashboard import page as frame
from dashboard.escaping import in_html, message
from dashboard.trace.candidates import followed_leaf
from dashboard.trace.text import STEPS_PER_PAGE, branch, steps_html, text_html, visible
from dashboard.traces.rows import opens, sign_html
from dashboard.ways import link_html
from db.queries import StoredTrace, TraceDetail, TraceSummary


def pane(chosen: TraceSummary, arm: str, parameters: Mapping[str, str]) -> None:
    st.html(_head_html(chosen, arm, parameters))
    job = data.trace(chosen.job_id)
    if job.error:
        st.error(message(job.error))
    elif job.trace is None and (reason := data.waiting_of_job(job.job_id)):
        frame.why(reason)
    st.html(text_html(job.problem.question, is_whole=False, css_class="ot-plain ot-question"))
    if job.trace is not None:
        _reading(job, job.trace)


def _head_html(chosen: TraceSummary, arm: str, parameters: Mapping[str, str]) -> str:
    way = link_html("Open ⏎", opens(chosen, parameters), key="Enter", says="open this trace")
    return (
        f'<div class="ot-pane-head">{sign_html(chosen)} <b><bdi>{in_html(visible(chosen.problem_key))}</bdi></b> '
        f'<bdi title="{in_html(chosen.arm_label)}">{in_html(arm)}</bdi>{way}</div>'
    )


def _reading(job: TraceDetail, trace: StoredTrace) -> None:
    leaf = followed_leaf(trace)
    paths = tuple(node.path for node in trace.nodes) if leaf is None else branch(leaf)
    st.html(steps_html(data.steps(job, paths[:STEPS_PER_PAGE]), has_paths=leaf is None))
