"""What may be done to an experiment: buttons that ask before they act."""

from collections.abc import Callable

import streamlit as st
from sqlalchemy import Engine

from dashboard import data
from dashboard.address import Page, href
from dashboard.escaping import message
from dashboard.ways import link
from db.errors import WrongStatusError
from db.queries import ExperimentSummary
from db.status import ExperimentStatus
from worker import submit


def actions(summary: ExperimentSummary) -> None:
    """What its status allows. What stands there always comes first: it must not move while the page runs again."""
    link("Clone", href(Page.SUBMIT, like=summary.id))
    status = summary.status
    if status is ExperimentStatus.RUNNING:
        confirmed(summary.id, "Pause", ":material/pause:", "What runs goes on; nothing more is started.", submit.pause)
    if status is ExperimentStatus.PAUSED:
        confirmed(summary.id, "Resume", ":material/play_arrow:", "Its jobs are started again.", submit.resume)
    if not status.is_closed:
        said = "Running jobs are stopped. What is finished stays."
        confirmed(summary.id, "Cancel", ":material/block:", said, submit.cancel)
    if is_retryable(summary):
        said = "Everything that failed or was cancelled is queued again."
        confirmed(summary.id, "Retry", ":material/replay:", said, submit.retry)


def is_retryable(summary: ExperimentSummary) -> bool:
    if summary.status is ExperimentStatus.FAILED:
        return True
    return summary.status.is_closed and bool(summary.jobs.failed or summary.jobs.cancelled or not summary.jobs.total)


def confirmed(
    experiment_id: int, verb: str, icon: str, consequence: str, act: Callable[[Engine, int], object], which: str = ""
) -> None:
    """A button that opens a question; acts only when that is answered. `which` tells it from others of the verb."""
    with st.popover(verb, icon=icon, key=f"question.{verb}{which}"):
        st.write(f"{verb}? {consequence}" if which else f"{verb} experiment #{experiment_id}? {consequence}")
        if not st.button(f"Yes, {verb.lower()}", type="primary", key=f"confirmed.{verb}{which}"):
            return
        try:
            data.steer(act, experiment_id)
        except WrongStatusError as error:
            st.error(message(str(error)))
            return
    st.rerun()
