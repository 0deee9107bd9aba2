"""The queue, and who works it off. `place` in the address asks for one job's place in it."""

import datetime as dt
from collections.abc import Mapping

import streamlit as st

from dashboard import data
from dashboard import page as frame
from dashboard.address import Page, href
from dashboard.escaping import message
from dashboard.queue.line import line
from dashboard.queue.models import served
from dashboard.queue.workers import workers
from dashboard.ways import link
from db.queries import Pace, Standing
from results.progress.places import place_words
from results.waiting import sentence


def main() -> None:
    frame.page_title("Queue & workers")
    job_id = frame.number_in_url("place")
    st.fragment(_now, run_every=frame.REFRESH_S)(job_id)


def _now(job_id: int | None) -> None:
    with frame.panel():
        standing = data.standing()
        paces = data.model_paces(tuple(standing.experiments))
        with st.container():
            if job_id is not None:
                _place(job_id, standing, paces)
        st.subheader("Models", anchor=False)
        served(standing, dt.datetime.now(dt.UTC))
        st.subheader("Queue", anchor=False)
        line(standing, data.waiting(), paces)
        st.subheader("Workers", anchor=False)
        workers(standing.fleet, data.running_jobs())


def _place(job_id: int, standing: Standing, paces: Mapping[str, Pace]) -> None:
    """Of one job, and why it waits."""
    job = data.queued_job(job_id)
    if job is None:
        st.info(f"Job {job_id} does not wait.", icon=":material/check:")
    else:
        reason = data.waiting_of_job(job_id)
        st.info(
            message(" ".join([place_words(standing, job, paces), *([sentence(reason)] if reason else [])])),
            icon=":material/format_list_numbered:",
        )
    link("Open its trace", href(Page.TRACE, job=job_id))


main()
