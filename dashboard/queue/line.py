"""The line: open experiments in the order in which they are given slots, with why they wait and about how long."""

from collections.abc import Mapping

import streamlit as st

from dashboard import linked_table
from dashboard.address import Page, href
from dashboard.linked_table import Column, Told, number
from db.queries import Pace, Standing, Waiting
from results.progress.places import Place, places, turn, turn_words
from results.waiting import cause, sentence

MOST = 100
COLUMNS: Mapping[str, Column] = {
    "experiment": Column("experiment", widest="22rem"),
    "place": number("place"),
    "owner": Column("owner", widest="8rem"),
    "priority": number(
        "priority", "higher goes first; then the owner with the fewest running jobs; then age", "{:d}".format
    ),
    "running": number("running"),
    "waiting": number("waiting"),
    "ahead": number("ahead", "jobs of others that go first on its model"),
    "turn": Column("its turn", "about, at the pace of the last ten minutes"),
    "why": Column("why it waits", widest="40rem"),
}


def line(standing: Standing, waiting: Mapping[int, Waiting], paces: Mapping[str, Pace]) -> None:
    found = places(standing)
    if not found:
        st.caption("Nothing is queued.")
        return
    rows = [
        _row(number, each, standing, waiting.get(each.experiment.id), paces)
        for number, each in enumerate(found[:MOST], 1)
    ]
    doors = [href(Page.EXPERIMENT, id=each.experiment.id) for each in found[:MOST]]
    linked_table.show("line", COLUMNS, rows, doors)
    waits = sum(each.queued for each in found)
    paused = f", {standing.paused_jobs:,} of them paused" if standing.paused_jobs else ""
    more = f" The first {MOST} experiments are shown." if len(found) > MOST else ""
    st.caption(f"{len(found):,} open experiment{'' if len(found) == 1 else 's'}, {waits:,} jobs waiting{paused}.{more}")


def _row(
    number: int, place: Place, standing: Standing, reason: Waiting | None, paces: Mapping[str, Pace]
) -> Mapping[str, object]:
    each = place.experiment
    return {
        "experiment": f"{each.name} #{each.id}",
        "place": number,
        "owner": each.owner,
        "priority": each.priority,
        "running": place.running,
        "waiting": place.queued,
        "ahead": place.ahead or None,
        "turn": turn_words(place, turn(standing, place.model, place.ahead, paces)),
        "why": None if reason is None else Told(cause(reason), sentence(reason)),
    }
