"""Two arms problem by problem: how often they agree, which problems flipped, and the traces behind every cell."""

import math
from dataclasses import replace

import streamlit as st

from dashboard.address import Page, href
from dashboard.charts.flips import WORDS, strip_figure, tiles_figure
from dashboard.copying import Asked
from dashboard.linked_table import Door
from dashboard.trace.choice import ROWS_PER_PAGE
from dashboard.views import answers
from dashboard.views.plots import Plot, show
from db.queries import ExperimentDetail
from results import Comparison, Flip, comparisons
from results.columns import Table
from results.problems import PROBLEMS, Order, SideBySide, flips_table
from scaling.statistics.comparisons import Cell


def part(detail: ExperimentDetail, comparison: Comparison) -> None:
    if not comparison.agreement.total:
        return
    pair = {"first": comparison.first.label, "second": comparison.second.label}
    asked = Asked(PROBLEMS, detail, pair)
    found: SideBySide = asked.answer()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        chosen = _chosen_cell()
        order = Order(st.selectbox("Problems", found.orders, key="problems", bind="query-params", width=290))
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _tiles(detail, comparison, chosen)
    with right:
        _strip(found, order, asked)
    st.caption(_about(comparison, order))
    _pairs(detail, comparison, chosen, flips_table(found, chosen, order))


def _chosen_cell() -> Cell:
    """A click on a tile chooses it too."""
    said = st.segmented_control(
        "Answers", [cell.value for cell in Cell], default=Cell.GAINED.value, required=True,
        key="cell", bind="query-params",
    )  # fmt: skip
    return Cell(str(said))


def _tiles(detail: ExperimentDetail, comparison: Comparison, chosen: Cell) -> None:
    figure = tiles_figure(comparison.agreement, chosen)
    csv = comparisons.agreement_table(comparison).csv
    click = "A click lists the problems below."
    show(detail, Plot("agreement", figure, csv, click, sets_options=True))


def _strip(found: SideBySide, order: Order, asked: Asked) -> None:
    figure = strip_figure(found.problems(order), order.value)
    click = "A click opens the problem’s traces, under every arm."
    show(asked.detail, Plot("flips", figure, lambda: PROBLEMS.table(found).csv, click, asked=[asked]))


def _about(comparison: Comparison, order: Order) -> str:
    agreement = comparison.agreement
    said = [f"Of {agreement.total:,} answers to the same question, those that are truncated or unparsed are not right."]
    if agreement.total > comparison.result.common_problems:
        said.append(
            f"They are repeats of {comparison.result.common_problems:,} problems: each repeat under one arm is paired "
            "with the same repeat under the other. Repeats of a problem are not independent, so the tiles describe; "
            "the test and the interval above count problems."
        )
    if order is Order.EASE:
        said.append("Problems stand by how many of the experiment’s other arms answer them rightly, the easiest first.")
    return " ".join(said)


def _pairs(detail: ExperimentDetail, comparison: Comparison, cell: Cell, flips: Table[Flip]) -> None:
    """A row opens the problem's traces under every arm; its two jobs, their traces."""
    st.markdown(f"**{WORDS[cell].capitalize()}: {comparison.agreement.count(cell):,}**")
    if not flips.rows:
        return
    pages = math.ceil(len(flips.rows) / ROWS_PER_PAGE)
    page = min(pages, st.pagination(pages, key="pairs", bind="query-params")) if pages > 1 else 1
    shown = replace(flips, rows=flips.rows[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE])
    doors = [href(Page.TRACES, experiment=detail.id, problem=str(each["problem"])) for each in shown.records]
    jobs = {"first_job": lambda flip: _trace(flip.first_job), "second_job": lambda flip: _trace(flip.second_job)}
    answers.show("pairs", shown, doors, jobs)


def _trace(job: int) -> Door:
    return Door(f"job {job}", href(Page.TRACE, job=job))
