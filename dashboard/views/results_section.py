"""What an experiment found: one view of it at a time, chosen in the address, and the table of its arms."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from dashboard import data
from dashboard import page as frame
from dashboard.views import control, difficulty, over_k, scaling, tokens, verdict
from dashboard.views.arms_table import table
from db.queries import ExperimentDetail
from results import cut, ending_note
from results.arms import ARMS
from results.wording import INSTRUMENT_CHECK

NONE = "No job succeeded: there is nothing to plot."
NONE_YET = "No job has succeeded yet: the plot appears with the first result."


@dataclass(frozen=True, slots=True)
class View:
    """By what it is called, on the page and in its address."""

    title: str
    draw: Callable[[ExperimentDetail], None]


ACCURACY = View("accuracy against compute", scaling.view)
CANDIDATES = View("of k candidates", over_k.view)
DIFFICULTY = View("by difficulty", difficulty.view)
THINKING = View("thinking against budget", control.view)
TOKENS = View("tokens per job", tokens.view)
JUDGED = View("verdict", verdict.view)

VIEWS: Mapping[str, View] = {
    "points": ACCURACY,
    "over-k": CANDIDATES,
    "difficulty": DIFFICULTY,
    "choosing": DIFFICULTY,
    "ratios": DIFFICULTY,
    "exchange": DIFFICULTY,
    "sweeps": THINKING,
    "budgets": THINKING,
    "tokens": TOKENS,
    "verdict": JUDGED,
}
"""Where each question is answered. `arms` has no view: their table stands below all of them."""
BY_TITLE = {view.title: view for view in VIEWS.values()}


def results_section(experiment_id: int) -> None:
    with frame.outages_explained():
        detail = data.experiment(experiment_id)
        results = data.answer(ARMS, detail)
        st.subheader("Results", anchor=False)
        if any(arm.estimate for arm in results):
            chosen = st.segmented_control(
                "View", list(BY_TITLE), default=next(iter(BY_TITLE)), required=True, key="view", bind="query-params",
                label_visibility="collapsed",
            )  # fmt: skip
            with frame.outages_explained():
                BY_TITLE[str(chosen)].draw(detail)
            if any(arm.model == "ladder-tiny" for arm in detail.arms):
                st.caption(f"**Instrument check.** {INSTRUMENT_CHECK}")
        else:
            st.info(NONE if detail.summary.status.is_closed else NONE_YET, icon=":material/hourglass_empty:")
        if note := ending_note(cut(results)):
            st.caption(note)
        table(detail, results)
