"""Arms of any experiments on the same problems: the difference first, the four cells, the problems that flipped, and
both traces of one beside each other."""

import streamlit as st

from dashboard import data
from dashboard import page as frame
from dashboard.address import Page, href
from dashboard.compare import arms, difference, parts
from dashboard.compare.chosen import Chosen, chosen, said
from dashboard.copying import Asked
from dashboard.escaping import in_markdown, message
from dashboard.ways import link
from db.queries import ExperimentFilter
from results import NoResultsError, UnknownArmError, comparisons
from results.comparisons import COMPARISONS

AN_ARM = "An arm is one strategy with one setting. Choose one to hold others against."
MOST_LISTED = 30


def main() -> None:
    frame.page_title("Compare")
    first, against, home = said()
    try:
        if first is None:
            _to_choose_from(home)
        else:
            _compared(chosen(first, against))
    except (UnknownArmError, NoResultsError) as error:
        st.warning(message(str(error)), icon=":material/join_inner:")
        link("All experiments", href(Page.EXPERIMENTS))


def _to_choose_from(home: int | None) -> None:
    if home is None:
        _experiments()
        return
    detail = data.experiment(home)
    st.caption(in_markdown(f"Experiment {detail.summary.name}. {AN_ARM}"))
    arms.first_of(detail)
    asked = Asked(COMPARISONS, detail)
    if detail.arms and asked.answer():
        st.subheader("Which differences between its arms are real?", anchor=False)
        difference.worthwhile(detail, asked)
    else:
        st.info("No two arms that differ in one thing have a problem in common that both have a result for.")


def _experiments() -> None:
    st.caption(f"Which experiment? {AN_ARM}")
    for each in data.experiments(ExperimentFilter())[:MOST_LISTED]:
        if each.data_set_digest is not None:
            link(f"#{each.id} {each.name}", href(Page.COMPARE, home=each.id))


def _compared(chosen: Chosen) -> None:
    arms.chips(chosen)
    if not chosen.against:
        st.info("Add an arm to hold against it.", icon=":material/compare_arrows:")
        return
    ids = [each.id for each in chosen.against]
    made = comparisons.all_against(chosen.measured, chosen.first.label, ids)
    compared = sorted(made, key=lambda each: ids.index(each.second.id))
    if len(compared) > 1:
        difference.against_one(chosen, compared)
    looked_at = compared[min(frame.number_in_url("look") or 1, len(compared)) - 1]
    difference.line(chosen, looked_at)
    parts.shown(chosen, looked_at)


main()
