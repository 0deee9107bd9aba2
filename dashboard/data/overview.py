"""What is seen of all experiments at once: a page of the list, how the open ones go on, what ended badly, who leads."""

import datetime as dt
import time
from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.data.connection import FRESH_S, LONG_S, asked
from db import queries
from db.queries import (
    Bill,
    EndedBadly,
    ExperimentFilter,
    ExperimentSummary,
    Facets,
    ListOrder,
    ListPage,
    Pace,
    QueuedJob,
    RunningJob,
)
from results.progress.leading import Leading, leading

SLOW_S = 15.0
"""How old may be what is slow to read and moves slowly: bills, and the leading arm of what is open."""


@st.cache_data(ttl=FRESH_S, show_spinner=False, max_entries=200)
def list_page(matching: ExperimentFilter, order: ListOrder, limit: int, offset: int) -> ListPage:
    with asked() as engine:
        return queries.list_page(engine, matching, order, limit, offset)


@st.cache_data(ttl=SLOW_S, show_spinner=False)
def facets() -> Facets:
    with asked() as engine:
        return queries.facets(engine)


@st.cache_data(ttl=FRESH_S, show_spinner=False, max_entries=20)
def ended_badly(since: dt.datetime, most: int) -> tuple[EndedBadly, ...]:
    with asked() as engine:
        return queries.ended_badly(engine, since, most)


@st.cache_data(ttl=FRESH_S, show_spinner=False, max_entries=20)
def paces(experiments: tuple[int, ...]) -> Mapping[int, Pace]:
    with asked() as engine:
        return dict(queries.paces(engine, experiments))


@st.cache_data(ttl=FRESH_S, show_spinner=False, max_entries=20)
def model_paces(experiments: tuple[int, ...]) -> Mapping[str, Pace]:
    with asked() as engine:
        return dict(queries.model_paces(engine, experiments))


@st.cache_data(ttl=FRESH_S, show_spinner=False)
def running_jobs() -> Mapping[str, tuple[RunningJob, ...]]:
    with asked() as engine:
        return dict(queries.running_jobs(engine))


@st.cache_data(ttl=FRESH_S, show_spinner=False, max_entries=20)
def queued_job(job_id: int) -> QueuedJob | None:
    with asked() as engine:
        return queries.queued_job(engine, job_id)


@st.cache_data(ttl=SLOW_S, show_spinner=False, max_entries=20)
def bills(experiments: tuple[int, ...]) -> Mapping[int, Bill]:
    with asked() as engine:
        return dict(queries.bills(engine, experiments))


def leaders(summaries: Sequence[ExperimentSummary]) -> Mapping[int, Leading | None]:
    """The leading arm of each. Of those whose results have changed it is read anew, of all together."""
    known, now = _leaders(), time.monotonic()
    due = [each for each in summaries if _is_due(known.get(each.id), each, now)]
    if due:
        with asked() as engine:
            scores = queries.arm_scores(engine, [each.id for each in due])
        known.update({each.id: (each.results_version, now, leading(scores[each.id])) for each in due})
    return {each.id: known[each.id][2] for each in summaries}


def _is_due(known: tuple[int, float, Leading | None] | None, summary: ExperimentSummary, now: float) -> bool:
    if known is None or known[0] == summary.results_version:
        return known is None
    return summary.status.is_closed or now - known[1] > SLOW_S


@st.cache_resource(ttl=LONG_S, show_spinner=False)
def _leaders() -> dict[int, tuple[int, float, Leading | None]]:
    """By experiment: the version of its results, when they were read, and the arm that leads."""
    return {}
