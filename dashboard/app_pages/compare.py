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
from dashboard.experiment import begin
from dashboard.ways import link, link_html
from db.queries import Listed
from results import NoResultsError, UnknownArmError, comparisons
from results.comparisons import COMPARISONS

WHAT = (
    "Holds arms against each other on the same problems: how much better one is, with its interval, the problems that "
    "turn from wrong to right and from right to wrong, both at equal compute, and two traces beside each other."
)
AN_ARM = "An arm is one strategy with one setting. Choose one to hold others against."
MOST_PAIRS = 8


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
    st.markdown(WHAT)
    st.subheader("Arms of one experiment", anchor=False)
    listed = begin.offered(lambda each: href(Page.COMPARE, home=each))
    if pairs := list(begin.on_the_same_problems(listed, MOST_PAIRS)):
        st.subheader("Two experiments on the same problems, by their best arms", anchor=False)
        st.html(f'<ul class="ot-pairs">{"".join(_pair(*each) for each in pairs)}</ul>')


def _pair(first: Listed, second: Listed) -> str:
    leaders = data.leaders([first.summary, second.summary])
    one, other = leaders[first.summary.id], leaders[second.summary.id]
    if one is None or other is None:
        return ""
    sides = {"from": f"{first.summary.id}:{one.arm.label}", "to": f"{second.summary.id}:{other.arm.label}"}
    said = f"{one.name} of {first.summary.name} #{first.summary.id}"
    against = f"{other.name} of {second.summary.name} #{second.summary.id}"
    return f"<li>{link_html(f'{said} against {against}', href(Page.COMPARE, **sides))}</li>"


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
