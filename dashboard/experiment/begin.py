"""Where a page begins that holds arms of an experiment against each other, and whose address names none: with the
newest experiments that have what it takes, each a link to the page on it."""

from collections.abc import Callable, Iterator, Sequence

import streamlit as st

from dashboard import data, linked_table
from dashboard.address import Page, href
from dashboard.home.listing import COLUMNS, rows
from dashboard.ways import link
from db.queries import ExperimentFilter, Listed, ListOrder

MOST = 30
SHOWN = ("name", "id", "models", "data", "arms", "best", "accuracy", "created")


def offered(door: Callable[[int], str]) -> tuple[Listed, ...]:
    """Those that are shown. `door` is the address of the page on an experiment."""
    found = data.list_page(ExperimentFilter(), ListOrder.NEWEST, MOST, 0)
    fit = tuple(each for each in found.listed if (each.num_arms or 0) > 1 and each.summary.jobs.succeeded)
    if not fit:
        st.info("No experiment has results of two arms yet.", icon=":material/hourglass_empty:")
        link("New experiment", href(Page.SUBMIT))
        return ()
    columns = {name: linked_table.unordered(COLUMNS[name]) for name in SHOWN}
    linked_table.show("begin", columns, rows(fit), [door(each.summary.id) for each in fit])
    if found.total > MOST:
        st.caption(f"Of the newest {MOST} of {found.total:,} experiments, those with results of two arms or more.")
        link("All experiments", href(Page.EXPERIMENTS))
    return fit


def on_the_same_problems(listed: Sequence[Listed], most: int) -> Iterator[tuple[Listed, Listed]]:
    """The newest of each data set with those before it; the newest pairs first."""
    newest: dict[str, Listed] = {}
    pairs = []
    for each in listed:
        if (digest := each.summary.data_set_digest) is None:
            continue
        if digest in newest:
            pairs.append((each, newest[digest]))
        newest.setdefault(digest, each)
    yield from pairs[:most]
