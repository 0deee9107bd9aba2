"""Two arms problem by problem: how often they agree, which problems flipped, and the traces behind every cell."""

import math
from collections.abc import Sequence
from functools import partial

import streamlit as st

from dashboard import data, linked_table
from dashboard.address import Page, href
from dashboard.charts.flips import WORDS, strip_figure, tiles_figure
from dashboard.linked_table import Column, Door, number
from dashboard.trace.choice import ROWS_PER_PAGE
from dashboard.views.comparing import Order, Row, comparisons_csv, flipped, orders, pair_rows, places, problems_csv
from dashboard.views.plots import Plot, show
from db.queries import ExperimentDetail
from results import Comparison
from scaling.statistics.comparisons import Cell


def part(detail: ExperimentDetail, comparison: Comparison) -> None:
    if not comparison.agreement.total:
        return
    revision = data.Revision.of(detail.summary)
    keys = data.problem_keys(revision)
    problems = data.side_by_side(revision, comparison.first.label, comparison.second.label)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        chosen = chosen_cell()
        order = Order(st.selectbox("Problems", orders(problems), key="problems", bind="query-params", width=290))
    place = places(problems, order)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        tiles(detail, comparison, chosen)
    with right:
        figure = strip_figure(flipped(comparison, problems, place, keys), problems.position_P.size, order.value)
        csv = partial(problems_csv, problems, keys)
        show(detail, Plot("flips", figure, csv, "A click opens the problem’s traces, under every arm."))
    st.caption(about(comparison, order))
    table(detail, comparison, chosen, pair_rows(comparison.pairs.inside(chosen), problems, place, keys))


def chosen_cell() -> Cell:
    """A click on a tile chooses it too."""
    said = st.segmented_control(
        "Answers", [cell.value for cell in Cell], default=Cell.GAINED.value, required=True,
        key="cell", bind="query-params",
    )  # fmt: skip
    return Cell(str(said))


def tiles(detail: ExperimentDetail, comparison: Comparison, chosen: Cell) -> None:
    arms = {arm.arm.id: arm for arm in data.arm_results(data.Revision.of(detail.summary))}
    csv = comparisons_csv([comparison], arms)
    figure = tiles_figure(comparison.agreement, chosen)
    show(detail, Plot("agreement", figure, csv, "A click lists the problems below.", sets_options=True))


def about(comparison: Comparison, order: Order) -> str:
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


def table(detail: ExperimentDetail, comparison: Comparison, cell: Cell, rows: list[Row]) -> None:
    """A row opens the problem's traces under every arm; its two jobs, their traces."""
    st.markdown(f"**{WORDS[cell].capitalize()}: {comparison.agreement.count(cell):,}**")
    if not rows:
        return
    pages = math.ceil(len(rows) / ROWS_PER_PAGE)
    page = min(pages, st.pagination(pages, key="pairs", bind="query-params")) if pages > 1 else 1
    shown = rows[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE]
    doors = [href(Page.TRACES, experiment=detail.id, problem=str(row["problem"])) for row in shown]
    linked_table.show("pairs", columns(comparison, rows), [with_jobs(row) for row in shown], doors)


def columns(comparison: Comparison, rows: Sequence[Row]) -> dict[str, Column]:
    made = {
        "problem": Column("problem", "opens its traces under every arm"),
        "repeat": number("repeat"),
        "others": number("other arms right", "mean over the experiment’s other arms", "{:.0f} %".format),
        "first": Column("first’s trace", f"the job under {comparison.first.label}"),
        "second": Column("second’s trace", f"the job under {comparison.second.label}"),
    }
    return {name: each for name, each in made.items() if name not in ("repeat", "others") or any(r[name] for r in rows)}


def with_jobs(row: Row) -> Row:
    jobs = {side: Door(f"job {row[side]}", href(Page.TRACE, job=str(row[side]))) for side in ("first", "second")}
    return {**row, **jobs}
