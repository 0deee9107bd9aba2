"""Thinking against budget: what every arm took of the thinking tokens it was given, and each sweep in s1's numbers."""

from collections.abc import Iterator, Sequence

import streamlit as st

from dashboard import data, download
from dashboard.charts.control import control_figure, left_out
from dashboard.charts.palette import Looks
from dashboard.copying import Asked
from dashboard.escaping import in_markdown
from dashboard.views import answers
from dashboard.views.plots import Plot, show
from db.queries import ExperimentDetail
from results import arm_names
from results.budgets import BUDGETS
from results.sweeps import SWEEPS


def view(detail: ExperimentDetail) -> None:
    _scatter(detail)
    _sweeps(detail)


def _scatter(detail: ExperimentDetail) -> None:
    asked, looks = Asked(BUDGETS, detail), Looks.of(detail.arms)
    found = asked.answer()
    if not found.uses:
        unlimited = in_markdown(", ".join(map(looks.name, found.unlimited)))
        st.info(f"No arm with a result was given a number of thinking tokens: not {unlimited}.", icon=":material/rule:")
        return
    is_log = st.toggle("log scale", value=True, key="controllog", bind="query-params")
    table = BUDGETS.table(found)
    figure = control_figure(found.uses, looks, is_log=is_log)
    show(detail, Plot("control", figure, lambda: table.csv, asked=[asked]))
    hidden = [looks.name(each) for each in left_out(found.uses, is_log=is_log)]
    answers.notes(table, *_words(hidden), names=looks.names)


def _words(hidden: Sequence[str]) -> Iterator[str]:
    """What a reader of the plot has to know besides."""
    yield (
        "Strips go from the 10th to the 90th percentile of problems. Lines connect arms that differ in one number, "
        "which stands beside the point."
    )
    if hidden:
        yield f"Not on logarithmic axes: {in_markdown(', '.join(hidden))} (0 tokens)."


def _sweeps(detail: ExperimentDetail) -> None:
    table = SWEEPS.table(data.answer(SWEEPS, detail))
    st.subheader("Control, Scaling, Performance", anchor=False)
    if not table.rows:
        st.info("No two arms that differ in one number have a problem in common that both have a result for.")
        return
    answers.show("sweeps", table, names=arm_names(detail.arms))
    with st.container(horizontal=True, vertical_alignment="center"):
        download.button("Sweeps as CSV", lambda: table.csv, f"experiment-{detail.id}-sweeps.csv", "sweeps.csv")
        st.caption(
            "s1’s three numbers [s1 §3.2] of each sweep, with 95 % intervals that resample problems. Scaling is the "
            "mean slope over all pairs of settings: s1’s published values are points per doubling. Control is – for a "
            "sweep whose arms were given no number of thinking tokens."
        )
