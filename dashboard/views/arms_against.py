"""Several comparisons at once: every other arm against the first of a comparison, or the pairs worth comparing."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from dashboard.address import Page, here
from dashboard.charts.differences import forest_figure
from dashboard.charts.palette import colours_of
from dashboard.copying import Asked
from dashboard.views import answers
from dashboard.views.plots import Plot, show
from db.queries import ExperimentDetail
from results import Comparison, comparisons
from results.comparisons import COMPARISONS

WHAT = "The second minus the first, paired by problem, each with its own 95 % interval."
CLICK = "A click on a mark opens that pair above."


def part(detail: ExperimentDetail, comparison: Comparison) -> None:
    asked = Asked(COMPARISONS, detail, {"against": comparison.first.label})
    compared = asked.answer()
    table = replace(comparisons.table(compared), order=("second", *comparisons.SHOWN[1:]))
    figure = forest_figure(compared, [each.second.label for each in compared], colours_of(detail.arms))
    show(detail, Plot("against", figure, lambda: table.csv, CLICK, sets_options=True, asked=[asked]))
    answers.notes(table, WHAT)
    answers.show("against", table, _doors(compared))


def worthwhile(detail: ExperimentDetail, comparison: Comparison) -> None:
    asked = Asked(COMPARISONS, detail)
    compared = asked.answer()
    if not compared:
        st.info("No two arms that differ in one thing have a problem in common that both have a result for.")
        return
    table = comparisons.table(compared)
    figure = forest_figure(compared, [each.label for each in compared], colours_of(detail.arms))
    show(detail, Plot("worthwhile", figure, lambda: table.csv, CLICK, sets_options=True, asked=[asked]))
    answers.notes(table, WHAT)
    answers.show("worthwhile", table, _doors(compared))


def _doors(compared: Sequence[Comparison]) -> list[str]:
    """To the same part, with this pair above."""
    return [here(Page.EXPERIMENT, **{"from": each.first.label, "to": each.second.label}) for each in compared]
