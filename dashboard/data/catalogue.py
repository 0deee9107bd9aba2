"""Experiments, and how far they are."""

import datetime as dt
from dataclasses import dataclass

import streamlit as st

from dashboard.data.connection import FRESH_S, LONG_S, asked
from db import queries
from db.queries import ArmTotals, ExperimentDetail, ExperimentFilter, ExperimentSummary, Failures, MadeBy, Progress

MOST_EXPERIMENTS = 200


@dataclass(frozen=True, slots=True)
class Revision:
    """Changes whenever results may have changed."""

    experiment_id: int
    results_version: int

    @classmethod
    def of(cls, summary: ExperimentSummary) -> "Revision":
        return cls(summary.id, summary.results_version)


@st.cache_data(ttl=FRESH_S, show_spinner=False)
def experiments(matching: ExperimentFilter) -> tuple[ExperimentSummary, ...]:
    with asked() as engine:
        return queries.list_experiments(engine, matching, limit=MOST_EXPERIMENTS)


def twin(digest: str) -> ExperimentSummary | None:
    """The latest run of that spec. Not cached: it is one look-up."""
    with asked() as engine:
        return queries.twin(engine, digest)


@st.cache_data(ttl=FRESH_S, show_spinner=False)
def experiment(experiment_id: int) -> ExperimentDetail:
    with asked() as engine:
        return queries.experiment(engine, experiment_id)


@st.cache_data(ttl=LONG_S, show_spinner=False, max_entries=200)
def made_by(revision: Revision) -> tuple[MadeBy, ...]:
    with asked() as engine:
        return queries.made_by(engine, revision.experiment_id)


@st.cache_data(ttl=FRESH_S, show_spinner=False)
def progress(experiment_id: int) -> Progress:
    with asked() as engine:
        return queries.progress(engine, experiment_id)


@st.cache_data(ttl=FRESH_S, show_spinner=False, max_entries=50)
def failures(experiment_id: int) -> tuple[Failures, ...]:
    with asked() as engine:
        return queries.failures(engine, experiment_id)


@st.cache_data(ttl=LONG_S, show_spinner=False, max_entries=500)
def arm_totals(revision: Revision) -> tuple[ArmTotals, ...]:
    with asked() as engine:
        return queries.arm_totals(engine, revision.experiment_id)


@st.cache_data(ttl=LONG_S, show_spinner=False, max_entries=200)
def worked_s(experiment_id: int, finished_at: dt.datetime | None) -> float | None:
    """Seconds during which some job of it was being run. `finished_at` tells one run of it from the next."""
    with asked() as engine:
        return queries.worked_s(engine, experiment_id)


def others_to_draw(detail: ExperimentDetail) -> dict[int, str]:
    """The other experiments that were expanded, by name; those on its data set first."""
    found = [each for each in experiments(ExperimentFilter()) if each.data_set_digest is not None]
    found.sort(key=lambda each: each.data_set_digest != detail.summary.data_set_digest)
    return {each.id: each.name for each in found if each.id != detail.id}


def on_the_same_data(detail: ExperimentDetail) -> dict[int, str]:
    """The experiments on its data set by name, itself first."""
    found = experiments(ExperimentFilter(data_set_digest=detail.summary.data_set_digest))
    return {detail.id: detail.summary.name} | {each.id: each.name for each in found}
