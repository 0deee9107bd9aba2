"""Every other arm against the first of a comparison, adjusted for how many there are."""

import streamlit as st

from dashboard import data, linked_table
from dashboard.address import Page, here
from dashboard.charts.differences import forest_figure
from dashboard.linked_table import Column, number
from dashboard.views.comparing import against_rows, comparisons_csv, differences
from dashboard.views.curves import colours_of
from dashboard.views.plots import Plot, show
from db.queries import ExperimentDetail
from results import Comparison

COLUMNS = {
    "arm": Column("arm"),
    "points": Column("points", "difference in accuracy", is_number=True),
    "interval": Column("95 % interval", "of the difference, in points", is_number=True),
    "n": number("n", "problems in common"),
    "lost": number("lost", "problems on which the first is right more often"),
    "gained": number("gained", "problems on which this arm is right more often"),
    "p": Column("p", "exact, two-sided, of this pair alone", is_number=True),
    "adjusted": Column("adjusted", "Holm’s p for all rows together", is_number=True),
    "clear": Column("", "interval and adjusted p agree that there is a difference"),
}


def part(detail: ExperimentDetail, comparison: Comparison) -> None:
    revision = data.Revision.of(detail.summary)
    compared = data.against(revision, comparison.first.label)
    arms = {arm.arm.id: arm for arm in data.arm_results(revision)}
    figure = forest_figure(differences(compared, colours_of(detail.arms)), comparison.first.label)
    csv = comparisons_csv(compared, arms)
    show(detail, Plot("against", figure, csv, "A click on a mark opens that pair above.", sets_options=True))
    st.caption(
        f"Each arm minus the first, paired by problem, with its own 95 % interval. Clear: the interval excludes 0 and "
        f"Holm’s p for {len(compared)} comparisons together is below .05, so all that are may be claimed at once."
    )
    doors = [here(Page.EXPERIMENT, **{"from": each.first.label, "to": each.second.label}) for each in compared]
    linked_table.show("against", COLUMNS, against_rows(compared), doors)
