"""What the pages read and do. The only cache, and the only place that knows where the database is.

What is costly is cached under a revision, which is the version of an experiment's results. Everything else is at most
FRESH_S old. A running experiment has a new version with each job that ends, so whatever grows with its jobs is kept for
a few revisions only.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

import results
from db import queries
from db.engine import check as check_database
from db.engine import connect
from db.queries import (
    ArmTotals,
    ExperimentDetail,
    ExperimentFilter,
    ExperimentSummary,
    MadeBy,
    Neighbours,
    Progress,
    Standing,
    StepIds,
    StoredStep,
    TraceDetail,
    TraceFilter,
    TraceOrder,
    TracePage,
    Waiting,
)
from db.settings import settings
from results import (
    QUESTIONS,
    Measurements,
)
from results.questions import Question
from scaling.compute.axes import Axis
from scaling.errors import UnreachableError
from scaling.spec import Submission
from scaling.types import Path
from worker import submit
from worker.submit import Checked, Submitted

FRESH_S = 2.0
LONG_S = 3600.0
MOST_EXPERIMENTS = 200
MOST_ANSWERS = 200
MOST_MEASUREMENTS = 8
"""Those of a million candidates take 7 MB; a running experiment has new ones with each job that ends."""
Answer = TypeVar("Answer")
NO_REDIS = "No Redis is configured. Set OVERTHINK_REDIS_URL before starting the dashboard."


class NotConfiguredError(UnreachableError):
    """The dashboard was started without being told where PostgreSQL or Redis is. The message has the remedy."""


@dataclass(frozen=True, slots=True)
class Revision:
    """Changes whenever results may have changed."""

    experiment_id: int
    results_version: int

    @classmethod
    def of(cls, summary: ExperimentSummary) -> "Revision":
        return cls(summary.id, summary.results_version)


@st.cache_resource(on_release=Engine.dispose)
def engine_for(url: str) -> Engine:
    return connect(url)


def database() -> Engine:
    """Raises NotConfiguredError."""
    url = settings().database_url
    if url is None:
        raise NotConfiguredError(
            "No database is configured. Start the embedded stack with `overthink up`, which brings a dashboard, or "
            "set OVERTHINK_DATABASE_URL (and OVERTHINK_REDIS_URL) before starting the dashboard."
        )
    return engine_for(url)


@contextmanager
def asked() -> Iterator[Engine]:
    """The database; an outage while it is asked becomes an error that has the remedy."""
    engine = database()
    try:
        yield engine
    except OperationalError:
        check_database(engine)
        raise


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


@st.cache_data(ttl=LONG_S, show_spinner=False, max_entries=500)
def arm_totals(revision: Revision) -> tuple[ArmTotals, ...]:
    with asked() as engine:
        return queries.arm_totals(engine, revision.experiment_id)


@st.cache_data(ttl=FRESH_S, show_spinner=False, max_entries=200)
def traces(experiment_id: int, matching: TraceFilter, order: TraceOrder, limit: int, offset: int) -> TracePage:
    with asked() as engine:
        return queries.list_traces(engine, experiment_id, matching, order, limit, offset)


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


@st.cache_data(ttl=LONG_S, show_spinner=False, max_entries=200)
def worked_s(experiment_id: int, finished_at: dt.datetime | None) -> float | None:
    """Seconds during which some job of it was being run. `finished_at` tells one run of it from the next."""
    with asked() as engine:
        return queries.worked_s(engine, experiment_id)


@st.cache_data(ttl=FRESH_S, show_spinner=False)
def redis_problem() -> str | None:
    """Why Redis does not answer; None if it does."""
    url = settings().redis_url
    if url is None:
        return NO_REDIS
    return submit.redis_problem(url)


@st.cache_resource(ttl=LONG_S, show_spinner=False, max_entries=MOST_MEASUREMENTS)
def measurements(revision: Revision) -> Measurements:
    """All that results are computed from, shared by whoever looks at the experiment."""
    with asked() as engine:
        return Measurements(engine, queries.experiment(engine, revision.experiment_id))


@st.cache_resource(ttl=LONG_S, show_spinner=False, max_entries=MOST_MEASUREMENTS)
def joined(revision: Revision, others: tuple[Revision, ...]) -> Measurements:
    """With the arms of other experiments among its own. Raises NoResultsError."""
    with asked():
        if not others:
            return measurements(revision)
        return results.Joined(measurements(revision), [measurements(each) for each in others])


def num_scored_candidates(revision: Revision) -> int:
    """Those of the arms that ask a verifier."""
    samples = measurements(revision).samples
    return sum(int(each.num_candidates_J.sum()) for each in samples if each.arm.verifier is not None)


def answer(
    question: Question[Answer],
    detail: ExperimentDetail,
    others: tuple[Revision, ...] = (),
    asked_too: tuple[Revision, ...] = (),
    **options: object,
) -> Answer:
    """Of the experiment, with the arms of others among its own. `asked_too` are those that options name: what they
    have changes the answer. Raises what the question raises."""
    told = tuple(sorted(options.items()))
    found: Answer = answered(question.name, Revision.of(detail.summary), others, asked_too, told)
    return found


@st.cache_resource(ttl=LONG_S, show_spinner=False, max_entries=MOST_ANSWERS)
def answered(
    name: str,
    revision: Revision,
    others: tuple[Revision, ...],
    asked_too: tuple[Revision, ...],
    options: tuple[tuple[str, Any], ...],
) -> Any:
    """Answers are values: whoever looks shares them."""
    with asked():
        return QUESTIONS[name].answer(joined(revision, others), **dict(options))


@st.cache_data(ttl=LONG_S, show_spinner=False, max_entries=500)
def axis_notes(
    revision: Revision,
    axis: Axis,
    of_fewer: bool = False,
    arms: tuple[int, ...] = (),
    others: tuple[Revision, ...] = (),
) -> tuple[str, ...]:
    """What stands beside costs on the axis, in words; of these arms, or of all, those of other experiments too."""
    with asked():
        return results.axis_notes(joined(revision, others), axis, of_fewer=of_fewer, arms=arms)


def others_to_draw(detail: ExperimentDetail) -> dict[int, str]:
    """The other experiments that were expanded, by name; those on its data set first."""
    found = [each for each in experiments(ExperimentFilter()) if each.data_set_digest is not None]
    found.sort(key=lambda each: each.data_set_digest != detail.summary.data_set_digest)
    return {each.id: each.name for each in found if each.id != detail.id}


def on_the_same_data(detail: ExperimentDetail) -> dict[int, str]:
    """The experiments on its data set by name, itself first."""
    found = experiments(ExperimentFilter(data_set_digest=detail.summary.data_set_digest))
    return {detail.id: detail.summary.name} | {each.id: each.name for each in found}


def check(submission: Submission) -> Checked:
    """What keeps it from running on the models that are served. Not cached: it is one small query."""
    with asked() as engine:
        return submit.check(engine, submission, settings().lease_ttl_s)


def hand_in(submission: Submission, text: str, *, again: bool) -> Submitted:
    """Raises SpecError, and NotConfiguredError before anything is stored."""
    where = settings()
    if where.redis_url is None:
        raise NotConfiguredError(NO_REDIS)
    with asked() as engine:
        made = submit.submit(engine, where, submission, owner=where.owner, again=again, spec_yaml=text)
    st.cache_data.clear()
    return made


def steer(verb: Callable[[Engine, int], object], experiment_id: int) -> None:
    """`verb` is one of `worker.submit`'s."""
    with asked() as engine:
        verb(engine, experiment_id)
    st.cache_data.clear()
