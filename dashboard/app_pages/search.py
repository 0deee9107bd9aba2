"""Search: experiments, problems and traces by what they say. The words are in the address."""

import streamlit as st

from dashboard import copying, data
from dashboard import page as frame
from dashboard.address import Page, here, href
from dashboard.copying import Searched
from dashboard.data import Everything
from dashboard.traces.filters import SAYS_HELP
from dashboard.traces.found import experiments_html, problems_html, traces_html
from dashboard.traces.rows import cut
from dashboard.ways import link
from db.search.found import Found, FoundTrace
from db.search.terms import SearchError, Terms, terms_of
from results import arm_names

NOT_READ = "Some traces cannot be found yet: they are still being read. Each is within seconds of its end."


def main() -> None:
    frame.page_title("Search")
    typed = st.text_input(
        "Words", key="q", bind="query-params", icon=":material/search:", help=SAYS_HELP, placeholder="any words"
    )
    among, older = frame.number_in_url("among"), frame.number_in_url("older")
    if not typed:
        st.caption("Names and notes of experiments, questions, and all that models thought and answered.")
        return
    try:
        terms = terms_of(typed)
        found = data.found(typed, among, older)
    except SearchError as error:
        frame.in_place_error(str(error))
        return
    _among(among)
    _groups(found, terms, typed, among)


def _among(among: int | None) -> None:
    if among is not None:
        name = data.experiment(among).summary.name
        link(f"only in {cut(name)} #{among} ×", here(Page.SEARCH, among=None, older=None))


def _groups(found: Everything, terms: Terms, typed: str, among: int | None) -> None:
    if not (found.experiments or found.problems or found.traces.traces):
        st.info("Nothing was found.", icon=":material/search_off:")
    if not found.are_all_read:
        st.info(NOT_READ, icon=":material/hourglass_empty:")
    if found.experiments:
        _heading("Experiments", len(found.experiments))
        st.html(experiments_html(found.experiments, terms))
    if found.problems:
        _heading("Problems", len(found.problems))
        st.html(problems_html(found.problems, terms))
    if found.traces.traces:
        _traces(found.traces, typed, among)


def _heading(name: str, number: int) -> None:
    more = "the newest " if number == data.MOST_FOUND else ""
    st.subheader(f"{name} :small[{more}{number}]", anchor=False)


def _traces(found: Found, typed: str, among: int | None) -> None:
    total = "" if found.total is None else f" :small[{found.total:,}]"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(f"Traces{total} :small[the newest first]", anchor=False)
        copying.menu("search", "traces", [Searched(typed, among)])
    _narrowing(found.traces, typed, among)
    st.html(traces_html([(each, _arm(each)) for each in found.traces], typed))
    if found.older is not None:
        link("older ›", here(Page.SEARCH, older=found.older), key="j", says="older traces")


def _narrowing(traces: tuple[FoundTrace, ...], typed: str, among: int | None) -> None:
    """To one experiment, and to its list of traces, which can be filtered further."""
    experiments = dict.fromkeys((each.experiment_id, each.experiment) for each in traces)
    with st.container(horizontal=True, key="found-narrowing"):
        for number, name in experiments:
            if among is None:
                link(f"only in {cut(name)} #{number}", here(Page.SEARCH, among=number, older=None))
            else:
                link("as a list, to filter and read", href(Page.TRACES, experiment=number, says=typed))


def _arm(trace: FoundTrace) -> str:
    return arm_names(data.experiment(trace.experiment_id).arms).get(trace.arm, trace.arm)


main()
