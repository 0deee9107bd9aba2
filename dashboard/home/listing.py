"""All experiments, a page at a time: filtered, ordered and cut in SQL, every choice of it in the address."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import TypeVar

import streamlit as st

from dashboard import data, linked_table
from dashboard import page as frame
from dashboard.address import Page, here, href
from dashboard.escaping import in_html
from dashboard.linked_table import Column, Told, number
from dashboard.seen import Seen, mark_all_seen, seen
from db.queries import ExperimentFilter, ExperimentSummary, Listed, ListOrder, ListPage
from db.status import ExperimentStatus
from results.progress.leading import Leading
from results.wording import accuracy, ago, moment

ROWS_PER_PAGE = 50
ORDER_WORDS = {
    ListOrder.NEWEST: "the newest first",
    ListOrder.OLDEST: "the oldest first",
    ListOrder.NAME: "by name",
    ListOrder.STATUS: "by status",
    ListOrder.OWNER: "by owner",
    ListOrder.TOKENS: "the most tokens first",
    ListOrder.FINISHED: "the last to end first",
}
Member = TypeVar("Member", ExperimentStatus, ListOrder)


def _ordered(order: ListOrder) -> str:
    return here(Page.EXPERIMENTS, sort=None if order is ListOrder.NEWEST else order.value, sheet=None)


COLUMNS = {
    "name": Column("experiment", order=_ordered(ListOrder.NAME), widest="20rem"),
    "id": number("#", shown=str),
    "status": Column("status", order=_ordered(ListOrder.STATUS)),
    "models": Column("model", widest="14rem"),
    "data": Column("data × problems", widest="13rem"),
    "arms": number("arms"),
    "best": Column("best arm", "the most accurate so far; the best of many is not as good as it looks", widest="14rem"),
    "accuracy": Column("its accuracy", "with its 95 % interval over problems", is_number=True),
    "tokens": Column("tokens", "generated, lost attempts too", "{:,}".format, True, order=_ordered(ListOrder.TOKENS)),
    "owner": Column("owner", widest="8rem", order=_ordered(ListOrder.OWNER)),
    "created": Column("submitted", order=_ordered(ListOrder.NEWEST)),
    "tags": Column("tags", widest="14rem"),
}


def chosen() -> ExperimentFilter:
    """The fields of the filter, each in the address; the statuses stand above the list, with their numbers."""
    offered = data.facets()
    with st.container(horizontal=True, vertical_alignment="bottom", key="ot-filters"):
        text = st.text_input(
            "Find in name and notes", key="find", bind="query-params", live=True, icon=":material/search:", width=320,
            placeholder="name or notes",
        )  # fmt: skip
        model = _one_of("Model", "model", offered.models)
        owner = _one_of("Owner", "owner", offered.owners)
        tag = _one_of("Tag", "tag", offered.tags)
    since = frame.number_in_url("since")
    return ExperimentFilter(
        text=text or None,
        status=_member(ExperimentStatus, "status"),
        owner=owner,
        tag=tag,
        model=model,
        finished_since=None if since is None else dt.datetime.fromtimestamp(min(since, 2**40), dt.UTC),
    )


def _one_of(label: str, key: str, options: tuple[str, ...]) -> str | None:
    any_of_them = f"any {label.lower()}"
    return st.selectbox(label, options, index=None, placeholder=any_of_them, key=key, bind="query-params", width=200)


def _member(members: type[Member], parameter: str) -> Member | None:
    """As its value, or as it is shown."""
    asked = st.query_params.get(parameter, "").replace(" ", "_")
    return next((each for each in members if each.value == asked), None)


def listing(matching: ExperimentFilter) -> None:
    order = _member(ListOrder, "sort") or ListOrder.NEWEST
    found = data.list_page(matching, order, ROWS_PER_PAGE, 0)
    pages = math.ceil(found.total / ROWS_PER_PAGE)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.html(_chips(found, matching), width="content")
        _news()
        sheet = st.pagination(pages, key="sheet", bind="query-params") if pages > 1 else 1
    if not found.total:
        st.info("No experiment matches. Clear a filter to see more.", icon=":material/filter_alt_off:")
        return
    if sheet > 1:
        found = data.list_page(matching, order, ROWS_PER_PAGE, (min(sheet, pages) - 1) * ROWS_PER_PAGE)
    _table(found)
    counted = "1 experiment" if found.total == 1 else f"{found.total:,} experiments"
    st.caption(f"{counted}, {ORDER_WORDS[order]}.")


def _chips(found: ListPage, matching: ExperimentFilter) -> str:
    """The statuses with how many there are; the one that is chosen leads back to all."""
    total = sum(found.counts.values())
    chips = [_chip(f"all {total:,}", None, is_on=matching.status is None)]
    for status in ExperimentStatus:
        count, is_on = found.counts.get(status.value, 0), matching.status is status
        if count or is_on:
            chips.append(_chip(f"{status.shown} {count:,}", None if is_on else status.shown, is_on=is_on))
    return f'<nav class="ot-chips" aria-label="Status">{"".join(chips)}</nav>'


def _chip(label: str, status: str | None, *, is_on: bool) -> str:
    door = in_html(here(Page.EXPERIMENTS, status=status, sheet=None))
    current = ' aria-current="true"' if is_on else ""
    return f'<a class="ot-chip" href="{door}" data-replaces{current}>{in_html(label)}</a>'


def _news() -> None:
    """How many have ended since one last looked, if any."""
    known = seen()
    if known.until is None:
        return
    since = st.query_params.get("since")
    new = data.list_page(ExperimentFilter(finished_since=known.moment), ListOrder.FINISHED, 1, 0).total
    with st.container(horizontal=True, width="content", vertical_alignment="center", key="ot-news"):
        if since:
            st.html(_news_chip("ended since you last looked ✕", None), width="content")
        elif new:
            st.html(_news_chip(f"{new:,} ended since you last looked", str(known.until)), width="content")
        if new:
            st.button("Mark as seen", key="mark-seen", type="tertiary", on_click=mark_all_seen)


def _news_chip(label: str, since: str | None) -> str:
    order = None if since is None else ListOrder.FINISHED.value
    door = in_html(here(Page.EXPERIMENTS, since=since, sort=order, sheet=None))
    return f'<a class="ot-chip" href="{door}" data-replaces><span class="ot-new"></span>{in_html(label)}</a>'


def _table(found: ListPage) -> None:
    shown = rows(found.listed)
    always = {"name", "id", "status", "models", "data"}
    columns = {name: each for name, each in COLUMNS.items() if name in always or any(row[name] for row in shown)}
    doors = [href(Page.EXPERIMENT, id=each.summary.id) for each in found.listed]
    linked_table.show("experiments", columns, shown, doors, folds=True)


def rows(listed: Sequence[Listed]) -> list[Mapping[str, object]]:
    """By the names of COLUMNS."""
    leaders = data.leaders([each.summary for each in listed])
    known, now = seen(), dt.datetime.now(dt.UTC)
    return [_row(each, leaders[each.summary.id], known, now) for each in listed]


def _row(each: Listed, leader: Leading | None, known: Seen, now: dt.datetime) -> Mapping[str, object]:
    summary = each.summary
    name = summary.name + (f" (run {summary.run + 1})" if summary.run else "")
    return {
        "name": Told(name, name, is_new=known.is_new(summary)),
        "id": summary.id,
        "status": _status(each),
        "models": ", ".join(each.named_models) or None,
        "data": _data(each),
        "arms": each.num_arms,
        "best": None if leader is None else Told(leader.name, leader.arm.label),
        "accuracy": None if leader is None else accuracy(leader.accuracy),
        "tokens": summary.spent_tokens or None,
        "owner": summary.owner,
        "created": Told(ago((now - summary.created_at).total_seconds()), _when(summary)),
        "tags": list(summary.tags),
    }


def _status(each: Listed) -> Told:
    """With how far it is, or how many jobs did not make it."""
    status, jobs = each.summary.status, each.summary.jobs
    more = ""
    if not status.is_closed and jobs.total:
        more = f" {jobs.done / jobs.total:.0%}"
    elif jobs.failed:
        more = f" {jobs.failed:,} of {jobs.total:,}"
    short = "failures" if status is ExperimentStatus.FINISHED_WITH_FAILURES else status.shown
    return Told(short + more, status.shown, f"ot-state {status.value}")


def _data(each: Listed) -> Told | None:
    if each.data_set is None:
        return None
    name = each.data_set.rpartition("/")[2]
    count = "" if each.num_problems is None else f" × {each.num_problems:,}"
    return Told(f"{name}{count}", each.data_set)


def _when(summary: ExperimentSummary) -> str:
    ended = "" if summary.finished_at is None else f", ended {moment(summary.finished_at)}"
    return f"submitted {moment(summary.created_at)}{ended}"
