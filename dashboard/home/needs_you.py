"""What does not go on, or did not end as it should have, without somebody: each with why, and what to do about it."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import streamlit as st
from sqlalchemy import Engine

from dashboard import data, seen
from dashboard.address import Page, here, href
from dashboard.escaping import message
from dashboard.home.jobs_bar import jobs_bar
from dashboard.ways import link
from db.errors import WrongStatusError
from db.queries import EndedBadly, Listed, Waiting, Why
from db.status import ExperimentStatus
from results.progress.needs import what_happened
from results.waiting import sentence
from worker import submit

MOST = 5
"""Of those that have ended, unless all are asked for."""
MOST_AT_ALL = 100
LAST_DAYS = 7
"""What ended before that needs nobody any more."""
STARTED_BY_HAND = {Why.NO_WORKER, Why.UNSERVED, Why.ALTERED}


@dataclass(frozen=True, slots=True)
class Act:
    """A button, and what it does to the experiment."""

    label: str
    icon: str
    verb: Callable[[Engine, int], object]


def needs_you(still_open: tuple[Listed, ...], waiting: dict[int, Waiting]) -> None:
    """Those that are open come first."""
    stuck = [(each, waiting[each.summary.id]) for each in still_open if needs_somebody(waiting.get(each.summary.id))]
    ended = _ended()
    if not stuck and not ended:
        return
    st.subheader("Needs you", anchor=False)
    for each, reason in stuck:
        _stuck(each, reason)
    is_all = st.query_params.get("needs") == "all"
    for badly in ended if is_all else ended[:MOST]:
        _badly(badly)
    if len(ended) > MOST:
        label = "Show fewer" if is_all else f"Show {len(ended) - MOST} more"
        link(label, here(Page.EXPERIMENTS, needs=None if is_all else "all"), replaces=True)


def needs_somebody(reason: Waiting | None) -> bool:
    return reason is not None and (reason.is_trouble or reason.why is Why.PAUSED)


def _ended() -> list[EndedBadly]:
    known, today = seen.seen(), dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    found = data.ended_badly(today - dt.timedelta(days=LAST_DAYS), MOST_AT_ALL)
    return [each for each in found if not known.is_aside(each.summary)]


def _stuck(each: Listed, reason: Waiting) -> None:
    summary = each.summary
    with _row(summary.id, summary.name, summary.owner, sentence(reason), jobs_bar(summary.jobs)):
        if reason.why is Why.PAUSED:
            _acting(summary.id, Act("Resume", ":material/play_arrow:", submit.resume))
        elif reason.why in STARTED_BY_HAND:
            _how_to_start(summary.id, reason)
        else:
            link("Look at the workers", href(Page.QUEUE))


def _badly(ended: EndedBadly) -> None:
    summary = ended.summary
    with _row(summary.id, summary.name, summary.owner, what_happened(ended)):
        if act := _mended_by(ended):
            _acting(summary.id, act)
        st.button(
            "Put aside", key=f"aside.{summary.id}", type="tertiary", on_click=seen.put_aside, args=(summary,),
            help="Not shown here again by this browser, unless it ends anew.",
        )  # fmt: skip


def _mended_by(ended: EndedBadly) -> Act | None:
    jobs, icon = ended.summary.jobs, ":material/replay:"
    if ended.summary.status is ExperimentStatus.FAILED:
        return Act("Try again", icon, submit.retry)
    if ended.summary.status is ExperimentStatus.FINISHED_WITH_FAILURES:
        return Act(f"Retry these {jobs.failed + jobs.cancelled:,}", icon, submit.retry)
    return None


def _row(experiment_id: int, name: str, owner: str, said: str, bar: str = "") -> "st.delta_generator.DeltaGenerator":
    """One trouble: what it is of, its sentence, and beside them a place for what can be done."""
    with st.container(key=f"ot-need-{experiment_id}", horizontal=True, vertical_alignment="center"):
        with st.container(gap=None, key=f"ot-said-{experiment_id}"):
            link(f"{name} #{experiment_id} · {owner}", href(Page.EXPERIMENT, id=experiment_id))
            st.markdown(message(said))
            if bar:
                st.html(bar)
        return st.container(horizontal=True, width="content", vertical_alignment="center", key=f"ot-do-{experiment_id}")


def _acting(experiment_id: int, act: Act) -> None:
    if not st.button(act.label, icon=act.icon, key=f"act.{experiment_id}"):
        return
    try:
        data.steer(act.verb, experiment_id)
    except WrongStatusError as error:
        st.error(message(str(error)))
        return
    st.rerun()


def _how_to_start(experiment_id: int, reason: Waiting) -> None:
    with st.popover("How to start a worker", icon=":material/engineering:", key=f"start.{experiment_id}"):
        st.markdown(message(" ".join(_steps(reason))))
        st.code("overthink worker", language="shell")
        st.caption("or, with PostgreSQL, Redis and servers of its own on this machine:")
        st.code("overthink up", language="shell")
        link("Queue & workers", href(Page.QUEUE))


def _steps(reason: Waiting) -> Iterator[str]:
    yield "On the machine that reaches the model servers, with the same `OVERTHINK_DATABASE_URL` and"
    yield "`OVERTHINK_REDIS_URL` as here."
    if names := [name for missing in reason.missing for name in missing.names]:
        yield f"Its registry, `OVERTHINK_MODELS`, must list {' and '.join(dict.fromkeys(names))}."
