"""Every other arm against the first of a comparison, adjusted for how many there are."""

import pandas as pd
import streamlit as st

from dashboard import data
from dashboard.charts.differences import forest_figure
from dashboard.comparing import against_rows, comparisons_csv, differences
from dashboard.curves import colours_of
from dashboard.plots import Plot, show
from db.queries import ExperimentDetail
from db.results import Comparison

COLUMNS = {
    "arm": st.column_config.TextColumn("arm", width=310),
    "points": st.column_config.TextColumn("points", help="difference in accuracy"),
    "interval": st.column_config.TextColumn("95 % interval", help="of the difference, in points"),
    "n": st.column_config.NumberColumn("n", help="problems in common"),
    "lost": st.column_config.NumberColumn("lost", help="problems on which the first is right more often"),
    "gained": st.column_config.NumberColumn("gained", help="problems on which this arm is right more often"),
    "p": st.column_config.TextColumn("p", help="exact, two-sided, of this pair alone"),
    "adjusted": st.column_config.TextColumn("adjusted", help="Holm’s p for all rows together"),
    "clear": st.column_config.TextColumn("", help="interval and adjusted p agree that there is a difference"),
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
    st.dataframe(
        pd.DataFrame(against_rows(compared)), column_config=COLUMNS, hide_index=True, height="content",
        key="against_table",
    )  # fmt: skip
