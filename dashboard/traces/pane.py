"""The trace that is chosen in the list, read beside it."""

from collections.abc import Mapping

import streamlit as st

from dashboard import data
from dashboard import page as frame
from dashboard.escaping import in_html, message
from dashboard.trace.opened import opened
from dashboard.trace.reading import trace_reader
from dashboard.trace.text import visible
from dashboard.traces.rows import opens, place_of, sign_html
from dashboard.ways import link_html
from db.queries import TraceDetail, TraceSummary


def pane(chosen: TraceSummary, arm: str, parameters: Mapping[str, str]) -> None:
    """Begins where what was looked for stands, unless the address says otherwise."""
    st.html(_head_html(chosen, arm, parameters))
    job = data.trace(chosen.job_id)
    if job.trace is None:
        _without_trace(job)
        return
    place = place_of(chosen.place)
    trace_reader(opened(job, job.trace, {**place, **st.query_params.to_dict()}), place.get("seek", ""))


def _head_html(chosen: TraceSummary, arm: str, parameters: Mapping[str, str]) -> str:
    way = link_html("Open ⏎", opens(chosen, parameters), key="Enter", says="open this trace")
    name = in_html(visible(chosen.problem_key))
    return (
        f'<div class="ot-pane-head">{sign_html(chosen)} <bdi class="ot-pane-name">{name}</bdi> '
        f'<bdi title="{in_html(chosen.arm_label)}">{in_html(arm)}</bdi>{way}</div>'
    )


def _without_trace(job: TraceDetail) -> None:
    if job.error:
        st.error(message(job.error))
    elif reason := data.waiting_of_job(job.job_id):
        frame.why(reason)
    frame.literal(job.problem.question, "ot-plain ot-question")
