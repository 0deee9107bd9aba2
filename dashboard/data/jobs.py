"""Jobs and their traces."""

from collections.abc import Sequence

import streamlit as st

from dashboard.data.catalogue import Revision
from dashboard.data.connection import FRESH_S, LONG_S, asked
from db import queries
from db.queries import (
    GrowingStep,
    Neighbours,
    StepIds,
    StoredStep,
    TraceCounts,
    TraceDetail,
    TraceFilter,
    TraceOrder,
    TraceSummary,
)
from scaling.types import Path


@st.cache_data(ttl=LONG_S, show_spinner=False, max_entries=200)
def trace_counts(revision: Revision, matching: TraceFilter) -> TraceCounts:
    """Whatever status and verdict the filter asks for. Raises SearchError."""
    with asked() as engine:
        return queries.count_traces(engine, revision.experiment_id, matching)


@st.cache_data(ttl=FRESH_S, show_spinner=False, max_entries=200)
def trace_rows(
    experiment_id: int, matching: TraceFilter, order: TraceOrder, limit: int, offset: int
) -> tuple[TraceSummary, ...]:
    """Raises SearchError."""
    with asked() as engine:
        return queries.list_rows(engine, experiment_id, matching, order, limit, offset)


@st.cache_data(ttl=LONG_S, show_spinner=False, max_entries=200)
def levels(experiment_id: int) -> tuple[str, ...]:
    with asked() as engine:
        return queries.levels(engine, experiment_id)


@st.cache_data(ttl=FRESH_S, show_spinner=False, max_entries=200)
def neighbours(experiment_id: int, job_id: int, matching: TraceFilter, order: TraceOrder) -> Neighbours:
    with asked() as engine:
        return queries.neighbours(engine, experiment_id, job_id, matching, order)


@st.cache_data(ttl=FRESH_S, show_spinner=False, max_entries=20)
def trace(job_id: int) -> TraceDetail:
    with asked() as engine:
        return queries.trace(engine, job_id)


@st.cache_data(ttl=FRESH_S, show_spinner=False, max_entries=20)
def growing_steps(job_id: int) -> tuple[GrowingStep, ...]:
    with asked() as engine:
        return queries.growing_steps(engine, job_id)


def steps(job: TraceDetail, paths: Sequence[Path]) -> tuple[StoredStep, ...]:
    """The steps at these paths with their texts, prompt first."""
    return stored_steps(job.job_id, job.stored_by, tuple(paths))


@st.cache_data(ttl=LONG_S, show_spinner=False, max_entries=50)
def stored_steps(job_id: int, attempt: int | None, paths: tuple[Path, ...]) -> tuple[StoredStep, ...]:
    """`attempt` is the one that wrote the trace: it keeps a retried job's texts apart from the old ones."""
    with asked() as engine:
        return queries.steps(engine, job_id, paths)


def trace_text(job_id: int, paths: Sequence[Path]) -> str:
    """All text of these steps. Not cached: it is for a download."""
    with asked() as engine:
        return "".join(step.text for step in queries.steps(engine, job_id, paths))


@st.cache_data(ttl=LONG_S, show_spinner=False, max_entries=20)
def trace_ids(job_id: int, attempt: int | None) -> tuple[StepIds, ...]:
    """As with the steps, `attempt` is the one that wrote the trace."""
    with asked() as engine:
        return queries.trace_ids(engine, job_id)
