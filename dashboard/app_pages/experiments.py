"""All experiments: what needs you, what goes on, and what there is; kept fresh while anything runs."""

import streamlit as st

from dashboard import data, seen
from dashboard import page as frame
from dashboard.address import Page, href
from dashboard.home.listing import chosen, listing
from dashboard.home.needs_you import needs_somebody, needs_you
from dashboard.home.running import running
from dashboard.ways import link
from db.queries import ExperimentFilter, Listed, ListOrder

MOST_OPEN = 300
OPEN = ExperimentFilter(is_open=True)


def main() -> None:
    frame.page_title("Experiments")
    seen.keep()
    is_alive = bool(_open())
    st.fragment(_now, run_every=frame.REFRESH_S if is_alive else 5 * frame.REFRESH_S)(is_alive)
    if not data.list_page(ExperimentFilter(), ListOrder.NEWEST, 1, 0).total:
        _nothing_yet()
        return
    st.subheader("All", anchor=False)
    matching = chosen()
    st.fragment(_listing, run_every=frame.REFRESH_S if is_alive else None)(matching)


def _open() -> tuple[Listed, ...]:
    return data.list_page(OPEN, ListOrder.OLDEST, MOST_OPEN, 0).listed


def _now(was_alive: bool) -> None:
    """Looks on even while nothing runs: when something begins, or the last one ends, the page runs again."""
    with frame.panel():
        frame.health()
        still_open, waiting = _open(), dict(data.waiting())
        with st.container(key="ot-needs"):
            needs_you(still_open, waiting)
        line = {each: place for place, each in enumerate(data.standing().line())}
        going_on = [each for each in still_open if not needs_somebody(waiting.get(each.summary.id))]
        going_on.sort(key=lambda each: (not each.summary.jobs.running, line.get(each.summary.id, len(line))))
        with st.container(key="ot-goes-on"):
            running(tuple(going_on), waiting)
        if bool(still_open) is not was_alive:
            st.rerun()


def _nothing_yet() -> None:
    with st.container(border=True):
        st.subheader("No experiments yet", anchor=False)
        st.markdown("Fill in a form, start from a preset, or type `overthink run specs/demo.yaml` in a terminal.")
        link("Submit the demo", href(Page.SUBMIT, preset="demo"))


def _listing(matching: ExperimentFilter) -> None:
    with frame.panel():
        listing(matching)


main()
