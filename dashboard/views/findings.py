"""What an experiment found: one view of it at a time, chosen in the address, and the table of its arms."""

from collections.abc import Callable

import streamlit as st

from dashboard import data
from dashboard import page as frame
from dashboard.views import arms, control, difficulty, over_k, scaling, tokens
from dashboard.views.arms_table import table
from db.queries import ExperimentDetail
from results import cut, ending_note
from results.arms import ARMS

INSTRUMENT_CHECK = (
    "**Instrument check.** The tiny model was trained so that Waits can help. These curves show that Overthink "
    "measures what it says; they are no evidence about large models."
)

NONE = "No job succeeded: there is nothing to plot."
NONE_YET = "No job has succeeded yet: the plot appears with the first result."

VIEWS: dict[str, Callable[[ExperimentDetail], None]] = {
    "accuracy against compute": scaling.view,
    "of k candidates": over_k.view,
    "by difficulty": difficulty.view,
    "thinking against budget": control.view,
    "tokens per job": tokens.view,
    "arm against arm": arms.view,
}


def findings(experiment_id: int) -> None:
    with frame.outages_explained():
        detail = data.experiment(experiment_id)
        results = data.answer(ARMS, detail)
        st.subheader("Results", anchor=False)
        if any(arm.estimate for arm in results):
            chosen = st.segmented_control(
                "View", list(VIEWS), default=next(iter(VIEWS)), required=True, key="view", bind="query-params",
                label_visibility="collapsed",
            )  # fmt: skip
            VIEWS[str(chosen)](detail)
            if any(arm.model == "ladder-tiny" for arm in detail.arms):
                st.caption(INSTRUMENT_CHECK)
        else:
            st.info(NONE if detail.summary.status.is_closed else NONE_YET, icon=":material/hourglass_empty:")
        if note := ending_note(cut(results)):
            st.caption(note)
        table(detail, results)
