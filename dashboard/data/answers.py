"""Answers to the questions of `results`, kept under the version of what they are computed from."""

from collections.abc import Mapping
from typing import Any, TypeVar

import streamlit as st

import results
from dashboard.data.catalogue import Revision
from dashboard.data.connection import LONG_S, asked
from db import queries
from db.queries import ExperimentDetail
from results import QUESTIONS, Measurements
from results.measured.hardness import Hardness
from results.measured.hardness import hardness as hardness_in
from results.questions import Question
from scaling.compute.axes import Axis

MOST_ANSWERS = 60
MOST_MEASUREMENTS = 8
"""Those of a million candidates take 7 MB; a running experiment has new ones with each job that ends."""
Answer = TypeVar("Answer")


@st.cache_resource(ttl=LONG_S, show_spinner=False, max_entries=MOST_MEASUREMENTS)
def measurements(revision: Revision) -> Measurements:
    """All that results are computed from, shared by whoever looks at the experiment."""
    with asked() as engine:
        return Measurements(engine, queries.experiment(engine, revision.experiment_id))


@st.cache_resource(ttl=LONG_S, show_spinner=False, max_entries=MOST_MEASUREMENTS)
def joined(revision: Revision, others: tuple[Revision, ...]) -> Measurements:
    """With the arms of other experiments among its own. Raises NoResultsError."""
    with asked():
        return results.together([measurements(each) for each in (revision, *others)])


def num_scored_candidates(revision: Revision) -> int:
    """Those of the arms that ask a verifier."""
    samples = measurements(revision).samples
    return sum(int(each.num_candidates_J.sum()) for each in samples if each.arm.verifier is not None)


def answer(
    question: Question[Answer],
    detail: ExperimentDetail,
    /,
    others: tuple[Revision, ...] = (),
    asked_too: tuple[Revision, ...] = (),
    **options: object,
) -> Answer:
    """Of the experiment, with the arms of others among its own. `asked_too` are those that options name: what they
    have changes the answer. Raises what the question raises."""
    if question.is_live:
        return _now(question, joined(Revision.of(detail.summary), others), options)
    told = tuple(sorted(options.items()))
    found: Answer = answered(question.name, Revision.of(detail.summary), others, asked_too, told)
    return found


def _now(question: Question[Answer], measured: Measurements, options: Mapping[str, object]) -> Answer:
    """Not kept: it changes without a new version of the results."""
    with asked():
        return question.answer(measured, **options)


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


def hardness(detail: ExperimentDetail, problem: int) -> Hardness:
    """Of the problem at that position, as of the results that there are."""
    return hardness_of(Revision.of(detail.summary), problem)


@st.cache_data(ttl=LONG_S, show_spinner=False, max_entries=500)
def hardness_of(revision: Revision, problem: int) -> Hardness:
    with asked():
        return hardness_in(measurements(revision), problem)
