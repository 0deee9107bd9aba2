"""Who works, what waits and why, and whether Redis answers."""

from collections.abc import Mapping

import streamlit as st

from dashboard.data.connection import FRESH_S, NO_REDIS, asked
from db import queries
from db.queries import Standing, Waiting
from db.settings import settings
from worker import submit


@st.cache_data(ttl=FRESH_S, show_spinner=False)
def standing() -> Standing:
    """Who works, and what waits."""
    with asked() as engine:
        return queries.standing(engine, settings().lease_ttl_s)


@st.cache_data(ttl=FRESH_S, show_spinner=False)
def waiting() -> Mapping[int, Waiting]:
    """Why each open experiment waits; those that go on are not in it."""
    with asked() as engine:
        return dict(queries.waiting(engine, settings().lease_ttl_s, redis_problem))


@st.cache_data(ttl=FRESH_S, show_spinner=False, max_entries=20)
def waiting_of_job(job_id: int) -> Waiting | None:
    with asked() as engine:
        return queries.waiting_of_job(engine, job_id, settings().lease_ttl_s, redis_problem)


@st.cache_data(ttl=FRESH_S, show_spinner=False)
def redis_problem() -> str | None:
    """Why Redis does not answer; None if it does."""
    url = settings().redis_url
    if url is None:
        return NO_REDIS
    return submit.redis_problem(url)
