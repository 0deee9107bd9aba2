"""Thinking against budget: what every arm took of the thinking tokens it was given, and each sweep in s1's numbers."""

from collections.abc import Iterator
from functools import partial

import pandas as pd
import streamlit as st

from dashboard import data, download
from dashboard.charts.control import ControlLine, control_figure, distinct, left_out
from dashboard.escaping import in_markdown
from dashboard.views.control_lines import control_lines, control_rows, sweep_file_rows, sweep_rows, without_budget
from dashboard.views.curves import colours_of
from dashboard.views.plots import Plot, show
from db.queries import ExperimentDetail
from results.columns import csv_text

COLUMNS = {
    "sweep": st.column_config.TextColumn("sweep", pinned=True),
    "settings": st.column_config.NumberColumn("settings", width="small"),
    "n": st.column_config.NumberColumn("n", help="problems that every setting has a result for", width="small"),
    "control": st.column_config.TextColumn("control", help="settings whose mean is within their budget", width="small"),
    "per doubling": st.column_config.TextColumn("points per doubling", help="of thinking tokens, over pairs"),
    "per 1k tokens": st.column_config.TextColumn("points per 1k tokens", help="of thinking, over pairs of settings"),
    "performance": st.column_config.TextColumn(
        "performance", help="accuracy of the best setting: the best of several flatters"
    ),
}


def view(detail: ExperimentDetail) -> None:
    scatter(detail)
    sweeps(detail)


def scatter(detail: ExperimentDetail) -> None:
    revision = data.Revision.of(detail.summary)
    results, uses = data.arm_results(revision), data.budget_uses(revision)
    lines = control_lines(results, uses, colours_of(detail.arms))
    unlimited = without_budget(results, uses)
    if not lines:
        st.info(
            f"No arm with a result was given a number of thinking tokens: not {in_markdown(', '.join(unlimited))}.",
            icon=":material/rule:",
        )
        return
    is_log = st.toggle("log scale", value=True, key="controllog", bind="query-params")
    show(detail, Plot("control", control_figure(lines, is_log=is_log), csv_text(list(control_rows(lines)))))
    st.caption(" ".join(words(lines, left_out(lines, is_log=is_log), unlimited)))


def words(lines: tuple[ControlLine, ...], hidden: tuple[str, ...], unlimited: tuple[str, ...]) -> Iterator[str]:
    """What a reader of the plot has to know."""
    points = distinct(lines)
    over, jobs = sum(point.over for point in points), sum(point.jobs for point in points)
    yield (
        f"{sum(point.is_over for point in points)} of {len(points)} arms took more on average than they were given; "
        f"{over:,} of their {jobs:,} jobs did. Strips go from the 10th to the 90th percentile of problems. A job’s "
        "budget is that of all its chains; of an arm that is told how long to think, what it is told. Lines connect "
        "arms that differ in one number, which stands beside the point."
    )
    if unlimited:
        yield f"Given no number of thinking tokens, and so not here: {in_markdown(', '.join(unlimited))}."
    if hidden:
        yield f"Not on logarithmic axes: {in_markdown(', '.join(hidden))} (0 tokens)."


def sweeps(detail: ExperimentDetail) -> None:
    measured = data.measured_sweeps(data.Revision.of(detail.summary))
    st.subheader("Control, Scaling, Performance", anchor=False)
    if not measured:
        st.info("No two arms that differ in one number have a problem in common that both have a result for.")
        return
    st.dataframe(pd.DataFrame(sweep_rows(measured)), column_config=COLUMNS, hide_index=True, placeholder="–")
    with st.container(horizontal=True, vertical_alignment="center"):
        rows = list(sweep_file_rows(measured))
        download.button("Sweeps as CSV", partial(csv_text, rows), f"experiment-{detail.id}-sweeps.csv", "sweeps.csv")
        st.caption(
            "s1’s three numbers [s1 §3.2] of each sweep, with 95 % intervals that resample problems. Scaling is the "
            "mean slope over all pairs of settings: s1’s published values are points per doubling. Control is – for a "
            "sweep whose arms were given no number of thinking tokens."
        )
