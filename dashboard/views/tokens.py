"""Tokens per job: how what jobs spent is distributed in each arm, right and wrong answers apart."""

from collections.abc import Iterator
from typing import Any

import streamlit as st

from dashboard import arm_fields
from dashboard.charts.histogram import histogram_figure
from dashboard.charts.palette import Looks
from dashboard.copying import Asked
from dashboard.views import answers
from dashboard.views.plots import Plot, show
from db.queries import ExperimentDetail
from results import arm_names
from results.histograms import TOKENS, Histograms, counted_words
from scaling.compute.axes import Axis
from scaling.types import Verdict


def view(detail: ExperimentDetail) -> None:
    asked = Asked(TOKENS, detail, _options(detail))
    found = asked.answer()
    table = TOKENS.table(found)
    if any(each.all.n for each in found.arms):
        show(detail, Plot("tokens", histogram_figure(found, Looks.of(detail.arms)), lambda: table.csv, asked=[asked]))
    else:
        st.info("No job of these arms has a result whose cost is known.", icon=":material/hourglass_empty:")
    answers.notes(table, *_words(found))


def _options(detail: ExperimentDetail) -> dict[str, Any]:
    """Without labels, all arms."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        axis = st.selectbox(
            "Jobs by their", list(Axis), key="of", bind="query-params", format_func=lambda each: each.label, width=260
        )
        labels = arm_fields.several("Arms", arm_names(detail.arms), "shown", "all")
        is_log = st.toggle("log scale", value=True, key="tokenslog", bind="query-params", width=130)
    return {"axis": axis or Axis.THINKING, "is_log": is_log, "arms": tuple(labels)}


def _words(found: Histograms) -> Iterator[str]:
    """What a reader of the plot has to know."""
    yield (
        "Each row has the jobs of one arm: bars’ areas are jobs, and each row is as high as its highest bar. Full "
        "colour is correct; pale is wrong; hatched, no answer could be used. Hard problems take longer and go wrong "
        "more often: that long ones are wrong does not say that less thinking would have been better."
    )
    hatched = (Verdict.TRUNCATED, Verdict.UNPARSED)
    counts = {each.value: sum(arm.by_verdict[each].total for arm in found.arms) for each in hatched}
    if named := counted_words(counts):
        yield f"Hatched: {named}."
