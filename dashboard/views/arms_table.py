"""The arms of an experiment in numbers, one row each."""

import streamlit as st

from dashboard import download
from dashboard.address import Page, href
from dashboard.views import answers
from db.queries import ExperimentDetail
from results import ArmResult, arm_names
from results.arms import ARMS

WIDEST = {"model": "12rem", "unread": "14rem"}


def table(detail: ExperimentDetail, arms: tuple[ArmResult, ...]) -> None:
    """A row opens its arm's traces."""
    found = ARMS.table(arms)
    doors = [href(Page.TRACES, experiment=detail.id, arm=arm.label) for arm in arms]
    answers.show("arms", found, doors, widest=WIDEST, names=arm_names([arm.arm for arm in arms]))
    with st.container(horizontal=True, vertical_alignment="center"):
        download.button("Points as CSV", lambda: found.csv, f"experiment-{detail.id}.csv", key="points.csv")
        st.caption("A row opens its arm’s traces.")
    if found.notes:
        answers.notes(found)
