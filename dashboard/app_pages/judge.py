"""Blind pairs: which of two traces of one problem is better. Then how often each arm was preferred."""

import streamlit as st

from dashboard import data, person
from dashboard import page as frame
from dashboard.address import Page, here, href
from dashboard.escaping import in_markdown
from dashboard.experiment import begin
from dashboard.judge import asking, results
from dashboard.ways import link
from db.opinions import Shown
from db.queries import Arm, ExperimentDetail
from results.words.arm_names import arm_names

HOW = (
    "You see two traces of one problem, side by side, and choose the better one. Which arm wrote which is not told, "
    "not even afterwards from pair to pair: who learns to know them is not blind any more. Sides are drawn for each "
    "pair, and no pair comes twice. Every fifth is one that somebody else has judged, if there is any, so that it can "
    "be told how far you agree."
)
WORDS = {Shown.REASONING: "the reasoning and the answer", Shown.ANSWER: "the answer only"}


def main() -> None:
    frame.page_title("Judge")
    number = frame.number_in_url("judging")
    if number is None:
        _experiments()
        return
    detail = data.experiment(number)
    stage = st.query_params.get("stage")
    if stage == "pairs":
        asking.asked(detail, [each.id for each in _among(detail)], _shown())
    elif stage == "results":
        _to_begin(detail)
        results.shown(detail)
    else:
        st.markdown(HOW)
        _begin(detail)
        results.shown(detail)


def _experiments() -> None:
    st.markdown(HOW)
    st.subheader("Which experiment’s traces?", anchor=False)
    begin.offered(lambda each: href(Page.JUDGE, judging=each))


def _among(detail: ExperimentDetail) -> list[Arm]:
    """Those that the address names; none: all of them."""
    named = st.query_params.get_all("between")
    return [each for each in detail.arms if each.label in named]


def _shown() -> Shown:
    said = st.query_params.get("show")
    return next((each for each in Shown if each.value == said), Shown.REASONING)


def _begin(detail: ExperimentDetail) -> None:
    """What is chosen here stands in the address of what follows, and nowhere on its page."""
    if len(detail.arms) < 2:
        st.info("One arm alone makes no pair.", icon=":material/balance:")
        return
    names = arm_names(detail.arms)
    st.caption(f"Experiment {in_markdown(detail.summary.name)}")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        arms = st.multiselect(
            "Arms", list(names), [each.label for each in _among(detail)], key="judge.arms", placeholder="all of them",
            format_func=names.__getitem__, width=520,
        )  # fmt: skip
        show = st.segmented_control(
            "What you see",
            list(Shown),
            default=_shown(),
            required=True,
            key="judge.show",
            format_func=WORDS.__getitem__,
        )
        person.chooser()
    seen = (show or Shown.REASONING).value
    with st.container(key="ot-begin"):
        begin = href(Page.JUDGE, judging=detail.id, between=arms or None, show=seen, stage="pairs")
        link("Begin", begin, key="b", says="begin to judge")
    if len(arms) == 1:
        st.caption("One arm alone makes no pair: name another, or none for all.")


def _to_begin(detail: ExperimentDetail) -> None:
    with st.container(horizontal=True, gap="small"):
        link("Judge more", here(Page.JUDGE, stage="pairs"), key="b", says="judge more pairs")
        link("Choose arms", here(Page.JUDGE, stage=None))


main()
