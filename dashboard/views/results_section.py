"""What an experiment found: the finding in words, then one question at a time, and the table of its arms."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from dashboard import data
from dashboard import page as frame
from dashboard.address import Page, here
from dashboard.experiment import tabs
from dashboard.experiment.tabs import Tab
from dashboard.views import best, control, difficulty, over_k, scaling, tokens, verdict
from dashboard.views.arms_table import table
from db.queries import ExperimentDetail
from results import cut, ending_note
from results.arms import ARMS

NONE = "No job succeeded: there is nothing to plot."
NONE_YET = "No job has succeeded yet: the plot appears with the first result."


@dataclass(frozen=True, slots=True)
class View:
    """`name` stands in the address, `title` on the page; `was`, what it was once called, stands in old addresses."""

    name: str
    title: str
    draw: Callable[[ExperimentDetail], None]
    was: str


ACCURACY = View("cost", "Accuracy for its cost", scaling.view, "accuracy against compute")
CANDIDATES = View("fewer-samples", "With fewer samples?", over_k.view, "of k candidates")
DIFFICULTY = View("difficulty", "Easy and hard problems", difficulty.view, "by difficulty")
THINKING = View("budgets", "Did it keep its budget?", control.view, "thinking against budget")
TOKENS = View("tokens", "Token distribution", tokens.view, "tokens per job")
JUDGED = View("verdict", "Verdict", verdict.view, "verdict")

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
"""Where each question is answered. `best` and `arms` have no view: they stand above and below all of them."""
BY_NAME = {view.name: view for view in VIEWS.values()}


def results_section(experiment_id: int) -> None:
    with frame.panel():
        detail = data.experiment(experiment_id)
        results = data.answer(ARMS, detail)
        if any(arm.estimate for arm in results):
            best.shown(detail)
            chosen = chosen_view(st.query_params.get("view", ""))
            tabs.shown("Questions", _questions(chosen), is_small=True)
            with frame.panel():
                chosen.draw(detail)
        elif detail.arms:
            st.info(NONE if detail.summary.status.is_closed else NONE_YET, icon=":material/hourglass_empty:")
        if note := ending_note(cut(results)):
            st.caption(note)
        if detail.arms:
            table(detail, results)


def chosen_view(said: str) -> View:
    """By its name, or by what it was once called."""
    old = {view.was: view for view in BY_NAME.values()}
    return BY_NAME.get(said) or old.get(said) or ACCURACY


def _questions(chosen: View) -> list[Tab]:
    return [Tab(view.title, here(Page.EXPERIMENT, view=view.name), view is chosen) for view in BY_NAME.values()]
