"""Two arms problem by problem: how often they agree, which problems flipped, and the traces behind every cell."""

from functools import partial

import pandas as pd
import streamlit as st

from dashboard import data, frame
from dashboard.charts.flips import WORDS, strip_figure, tiles_figure
from dashboard.comparing import Order, Row, comparisons_csv, flipped, orders, pair_rows, places, problems_csv
from dashboard.literal import in_markdown
from dashboard.plots import Plot, show
from db.queries import ExperimentDetail
from db.results import Comparison
from scaling.comparisons import Cell


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
    """A click on a job opens its trace; anywhere else, the problem's traces under every arm.

    Other rows are another table, by its key: one that changes its length does not feel the next click.
    """
    st.markdown(f"**{WORDS[cell].capitalize()}: {comparison.agreement.count(cell):,}**")
    if not rows:
        return
    hidden = {"place"}
    hidden |= {name for name in ("repeat", "others") if not any(row[name] for row in rows)}
    event = st.dataframe(
        pd.DataFrame(rows),
        column_config={
            "problem": st.column_config.TextColumn("problem", help="click: its traces under every arm", width=220),
            "repeat": st.column_config.NumberColumn("repeat", width=70),
            "others": st.column_config.NumberColumn(
                "other arms right", help="mean over the experiment’s other arms", format="%.0f %%", width=130
            ),
            "first": st.column_config.NumberColumn(
                "first’s trace",
                help=f"click: the job under {in_markdown(comparison.first.label)}",
                format="job %d",
                width=130,
            ),
            "second": st.column_config.NumberColumn(
                "second’s trace",
                help=f"click: the job under {in_markdown(comparison.second.label)}",
                format="job %d",
                width=130,
            ),
        },
        column_order=[name for name in rows[0] if name not in hidden],
        hide_index=True,
        on_select="rerun",
        selection_mode="single-cell",
        key=f"pairs_{comparison.first.id}_{comparison.second.id}_{cell.name}_{len(rows)}",
        placeholder="–",
    )
    if event.selection.cells:
        at, name = event.selection.cells[0]
        open_clicked(detail, rows[at], name)


def open_clicked(detail: ExperimentDetail, row: Row, column: str) -> None:
    if column in ("first", "second"):
        frame.go_to(frame.TRACE, {"job": str(row[column])})
    frame.go_to(frame.TRACES, {"experiment": str(detail.id), "question": str(row["problem"])})
