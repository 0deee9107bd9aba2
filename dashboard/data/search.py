"""What is found by what was typed, in everything that is stored."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.data.connection import FRESH_S, asked
from db.search.found import (
    Found,
    FoundExperiment,
    FoundProblem,
    FoundTrace,
    find_experiments,
    find_problems,
    find_traces,
    has_unread_words,
)
from db.search.terms import terms_of

MOST_FOUND = 20
MOST_COPIED = 1_000
"""That a file has."""


@dataclass(frozen=True, slots=True)
class Everything:
    """`are_all_read`: every trace that has ended can be found."""

    experiments: Sequence[FoundExperiment]
    problems: Sequence[FoundProblem]
    traces: Found
    are_all_read: bool


def found_traces(typed: str, experiment_id: int | None) -> tuple[FoundTrace, ...]:
    """The newest MOST_COPIED. Raises SearchError."""
    with asked() as engine:
        return find_traces(engine, terms_of(typed), experiment_id, limit=MOST_COPIED).traces


@st.cache_data(ttl=FRESH_S, show_spinner=False, max_entries=50)
def found(typed: str, experiment_id: int | None, older: int | None) -> Everything:
    """In one experiment there are its problems and traces. Raises SearchError."""
    terms = terms_of(typed)
    with asked() as engine:
        return Everything(
            find_experiments(engine, terms, MOST_FOUND) if experiment_id is None else (),
            find_problems(engine, terms, experiment_id, MOST_FOUND) if older is None else (),
            find_traces(engine, terms, experiment_id, older, MOST_FOUND),
            not has_unread_words(engine),
        )
