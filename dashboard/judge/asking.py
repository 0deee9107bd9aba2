"""One pair after the other: read both, press one key, and the next one comes. Nothing says which arm is which."""

from collections.abc import Sequence

import streamlit as st

from dashboard import data, person
from dashboard.address import Page, here
from dashboard.escaping import in_html
from dashboard.judge.blind import Blind, side_html, thinking
from dashboard.keys import pressed_by
from dashboard.trace.text import visible
from dashboard.ways import link
from db.opinions import Choice, OpinionError, Shown
from db.queries import ExperimentDetail, TraceDetail

BUTTONS = (
    (Choice.LEFT, "1", "Left is better"),
    (Choice.TIE, "3", "As good, or as bad"),
    (Choice.RIGHT, "2", "Right is better"),
)
"""In the order in which they stand, with their keys."""
LONGEST_QUESTION = 4_000


def asked(detail: ExperimentDetail, arms: Sequence[int], shown: Shown) -> None:
    who = person.name()
    _head(detail, who)
    pair = data.next_pair(detail.id, who, arms)
    if pair is None:
        st.success("You have judged every pair there is.", icon=":material/done_all:")
        return
    blind = Blind.of(pair, who)
    left, right = (data.trace(job) for job in (blind.left_job, blind.right_job))
    question = in_html(visible(left.problem.question)[:LONGEST_QUESTION])
    st.html(f'<div class="ot-plain ot-question" dir="auto">{question}</div>')
    sides = zip(("left", "right"), (left, right), strict=True)
    st.html(f'<div class="ot-judged-two">{"".join(_side(name, job, shown) for name, job in sides)}</div>')
    _buttons(who, blind, shown)


def _head(detail: ExperimentDetail, who: str) -> None:
    made = data.judged(detail.id, who)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        person.chooser()
        others = f" · {made.by_all:,} by all {made.people} people" if made.by_all > made.own else ""
        st.caption(f"{made.own:,} judged by you{others}", width="content")
        if made.own:
            with pressed_by("u", "judge"):
                st.button("Undo", icon=":material/undo:", type="tertiary", on_click=_take_back, args=(detail.id, who))
        link("Done: what was preferred", here(Page.JUDGE, stage="results"), key="d", says="done: the results")


def _side(name: str, job: TraceDetail, shown: Shown) -> str:
    assert job.trace is not None
    chosen = job.trace.chosen_candidate
    if shown is Shown.ANSWER:
        return side_html(name, None, chosen.text)
    path = chosen.path
    steps = data.steps(job.job_id, tuple(path[:depth] for depth in range(1, len(path) + 1)))
    return side_html(name, thinking(steps), chosen.text)


def _buttons(who: str, blind: Blind, shown: Shown) -> None:
    """A press that comes late is for a pair that is not there any more, and does nothing."""
    for column, (choice, key, words) in zip(st.columns(len(BUTTONS)), BUTTONS, strict=True):
        with column, pressed_by(key, f"judge-{choice.value}"):
            st.button(
                f"{words} ({key})", key=f"{blind.token}.{choice.value}", width="stretch", on_click=_judge,
                args=(who, blind, choice, shown),
            )  # fmt: skip


def _judge(who: str, blind: Blind, choice: Choice, shown: Shown) -> None:
    try:
        data.judge(who, blind.judged(choice, shown))
    except OpinionError as error:
        st.toast(in_html(str(error)))


def _take_back(experiment_id: int, who: str) -> None:
    data.take_back_judgement(experiment_id, who)
