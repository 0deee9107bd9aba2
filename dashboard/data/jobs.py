"""Jobs and their traces."""

from collections.abc import Sequence

import streamlit as st

from dashboard.data.catalogue import Revision
from dashboard.data.connection import FRESH_S, LONG_S, asked
from db import queries
from db.queries import (
    GrowingStep,
    Neighbours,
    ProblemDetail,
    Span,
    StepIds,
    StoredStep,
    TokenLogProbs,
    TraceCounts,
    TraceDetail,
    TraceFilter,
    TraceOrder,
    TraceSummary,
    TreeNode,
)
from scaling.types import Path

MOST_TREES = 8
"""One of 32,000 nodes takes 20 MB."""


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


@st.cache_data(ttl=FRESH_S, show_spinner=False, max_entries=50)
def problem(problem_id: int) -> ProblemDetail:
    with asked() as engine:
        return queries.problem(engine, problem_id)


@st.cache_data(ttl=FRESH_S, show_spinner=False, max_entries=20)
def growing_steps(job_id: int) -> tuple[GrowingStep, ...]:
    with asked() as engine:
        return queries.growing_steps(engine, job_id)


def tree(job: TraceDetail) -> tuple[TreeNode, ...]:
    """Every node of its trace. Shared by whoever looks: of tens of thousands nobody needs a copy."""
    return stored_nodes(job.job_id, job.stored_by)


@st.cache_resource(ttl=LONG_S, show_spinner=False, max_entries=MOST_TREES)
def stored_nodes(job_id: int, attempt: int | None) -> tuple[TreeNode, ...]:
    """`attempt` is the one that wrote the trace: it keeps a retried job's tree apart from the old one."""
    with asked() as engine:
        return queries.nodes(engine, job_id)


def steps(job_id: int, paths: Sequence[Path]) -> tuple[StoredStep, ...]:
    """The steps at these paths with all of their texts. Not cached: they are looked at once."""
    with asked() as engine:
        return queries.steps(engine, job_id, paths)


def step_heads(job_id: int, paths: Sequence[Path]) -> tuple[StoredStep, ...]:
    """The steps at these paths without their texts. Not cached, as what follows: the browser keeps what it has."""
    with asked() as engine:
        return queries.steps(engine, job_id, paths, most_characters=0)


def pieces(job_id: int, spans: Sequence[Span]) -> tuple[str, ...]:
    with asked() as engine:
        return queries.pieces(engine, job_id, spans)


def trace_ids(job_id: int, paths: Sequence[Path]) -> tuple[StepIds, ...]:
    with asked() as engine:
        return queries.trace_ids(engine, job_id, paths)


@st.cache_data(ttl=FRESH_S, show_spinner=False, max_entries=50)
def log_probs_scan(job_id: int) -> int | None:
    """The newest scan that has log-probs of its trace."""
    with asked() as engine:
        return queries.log_probs_scan(engine, job_id)


def log_probs(scan_id: int, job_id: int, paths: Sequence[Path]) -> tuple[TokenLogProbs, ...]:
    with asked() as engine:
        return queries.log_probs(engine, scan_id, job_id, paths)


def whole_texts(job: TraceDetail, paths: Sequence[Path]) -> tuple[str, ...]:
    """Of all these steps: to look for something in them."""
    return stored_texts(job.job_id, job.stored_by, tuple(paths))


@st.cache_resource(ttl=60.0, show_spinner=False, max_entries=4)
def stored_texts(job_id: int, attempt: int | None, paths: tuple[Path, ...]) -> tuple[str, ...]:
    """While somebody types what to look for. `attempt` as above."""
    with asked() as engine:
        return tuple(step.text for step in queries.steps(engine, job_id, paths))


def trace_text(job_id: int, paths: Sequence[Path]) -> str:
    """All text of these steps. Not cached: it is for a download."""
    with asked() as engine:
        return "".join(step.text for step in queries.steps(engine, job_id, paths))
