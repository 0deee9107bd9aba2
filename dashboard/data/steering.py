"""What the pages do: hand experiments in, and steer them."""

from collections.abc import Callable

import streamlit as st
from sqlalchemy import Engine

from dashboard.data.connection import NO_REDIS, NotConfiguredError, asked
from db.settings import settings
from scaling.spec import Submission
from worker import submit
from worker.submit import Checked, Submitted


def check(submission: Submission) -> Checked:
    """What keeps it from running on the models that are served. Not cached: it is one small query."""
    with asked() as engine:
        return submit.check(engine, submission, settings().lease_ttl_s)


def hand_in(submission: Submission, text: str, *, owner: str, again: bool) -> Submitted:
    """Raises SpecError, and NotConfiguredError before anything is stored."""
    where = settings()
    if where.redis_url is None:
        raise NotConfiguredError(NO_REDIS)
    with asked() as engine:
        made = submit.submit(engine, where, submission, owner=owner, again=again, spec_yaml=text)
    st.cache_data.clear()
    return made


def steer(verb: Callable[[Engine, int], object], experiment_id: int) -> None:
    """`verb` is one of `worker.submit`'s."""
    with asked() as engine:
        verb(engine, experiment_id)
    st.cache_data.clear()
