"""What people preferred: win rates beside accuracies, and every judgement with its two traces."""

import math
from typing import Any

import streamlit as st

from dashboard import copying, data, download
from dashboard.address import Page, href
from dashboard.copying import Asked
from dashboard.linked_table import Door
from dashboard.views import answers
from db.queries import ExperimentDetail
from results.columns import Table
from results.judgements.question import JUDGEMENTS, Told
from results.preferences.question import PREFERENCES, Preferred
from results.questions import Question
from results.words.arm_names import arm_names, pair_name

PER_PAGE = 50


def shown(detail: ExperimentDetail) -> None:
    """Read anew each time: a judgement counts as soon as it is made."""
    _preferences(detail, PREFERENCES.table(data.answer(PREFERENCES, detail)))
    _judgements(detail, JUDGEMENTS.table(data.answer(JUDGEMENTS, detail)))


def _preferences(detail: ExperimentDetail, table: Table[Preferred]) -> None:
    if not table.rows:
        st.info("Nobody has judged a pair yet.", icon=":material/balance:")
        return
    doors = [_comparison(detail.id, each) for each in table.rows]
    names = arm_names(detail.arms)
    answers.show("preferences", table, doors, {"first": lambda each: pair_name(each.first, each.second, names)})
    answers.notes(table)
    _files(detail, PREFERENCES, table)


def _comparison(experiment_id: int, each: Preferred) -> str:
    """The same two arms, compared by what is right."""
    pair = {"from": f"{experiment_id}:{each.first.label}", "to": f"{experiment_id}:{each.second.label}"}
    return href(Page.COMPARE, **pair)


def _judgements(detail: ExperimentDetail, table: Table[Told]) -> None:
    if not table.rows:
        return
    st.subheader("Judgements", anchor=False)
    latest = Table(table.columns, table.rows[::-1])
    pages = math.ceil(len(latest.rows) / PER_PAGE)
    page = min(pages, st.pagination(pages, key="judgements", bind="query-params")) if pages > 1 else 1
    rows = latest.rows[(page - 1) * PER_PAGE : page * PER_PAGE]
    cells = {
        "left": lambda it: Door(it.left, href(Page.TRACE, job=it.made.left_job)),
        "right": lambda it: Door(it.right, href(Page.TRACE, job=it.made.right_job)),
    }
    answers.show("judgements", Table(table.columns, rows), [None] * len(rows), cells)
    _files(detail, JUDGEMENTS, table)


def _files(detail: ExperimentDetail, question: Question[Any], table: Table[Any]) -> None:
    stem = f"experiment-{detail.id}-{question.name}"
    with st.container(horizontal=True, gap="small"):
        download.button("CSV", lambda: table.csv, f"{stem}.csv", key=f"{question.name}.csv")
        copying.menu(question.name, stem, [Asked(question, detail)])
