"""What does not go on, or did not end as it should have, without somebody: each with why, and what to do about it.

Experiments that wait for the same are one line: a worker that is gone keeps all of them.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st
from sqlalchemy import Engine
from streamlit.delta_generator import DeltaGenerator

from dashboard import data, seen
from dashboard.address import Page, here, href
from dashboard.copying import code
from dashboard.escaping import in_html, message
from dashboard.home.jobs_bar import jobs_bar
from dashboard.ways import link, link_html
from db.errors import WrongStatusError
from db.queries import EndedBadly, ExperimentSummary, Listed, Waiting, Why
from db.status import ExperimentStatus
from results.progress.needs import what_happened
from results.waiting import sentence
from scaling.spec import Edit
from worker import submit

MOST = 5
"""Lines, unless all are asked for."""
MOST_NAMES = 3
MOST_ENDED = 100
LAST_DAYS = 7
"""What ended before that needs nobody any more."""
STARTED_BY_HAND = {Why.NO_WORKER, Why.UNSERVED}
SHARED = {*STARTED_BY_HAND, Why.ALTERED, Why.REDIS_AWAY}
"""What keeps all experiments alike."""


@dataclass(frozen=True, slots=True)
class Act:
    """A button, and what it does to the experiment."""

    label: str
    icon: str
    verb: Callable[[Engine, int], object]


def needs_you(still_open: Sequence[Listed], waiting: Mapping[int, Waiting]) -> None:
    """What is stuck comes first, then what ended badly, then what somebody paused."""
    troubles = [(each.summary, waiting[each.summary.id]) for each in still_open if each.summary.id in waiting]
    stuck = [pair for pair in troubles if pair[1].is_trouble]
    paused = [pair for pair in troubles if pair[1].why is Why.PAUSED]
    lines = [
        *(partial(_stuck, *each) for each in together(stuck)),
        *(partial(_badly, each) for each in _ended()),
        *(partial(_paused, *each) for each in paused),
    ]
    if lines:
        st.subheader("Needs you", anchor=False)
    is_all = st.query_params.get("needs") == "all"
    for line in lines if is_all else lines[:MOST]:
        line()
    if len(lines) > MOST:
        label = "Show fewer" if is_all else f"Show {len(lines) - MOST} more"
        link(label, here(Page.EXPERIMENTS, needs=None if is_all else "all"), replaces=True)


def needs_somebody(reason: Waiting | None) -> bool:
    return reason is not None and (reason.is_trouble or reason.why is Why.PAUSED)


def together(
    stuck: Sequence[tuple[ExperimentSummary, Waiting]],
) -> list[tuple[tuple[ExperimentSummary, ...], Waiting]]:
    """Those that the same keeps, with all of their jobs counted."""
    found: dict[object, tuple[tuple[ExperimentSummary, ...], Waiting]] = {}
    for summary, reason in stuck:
        key = (reason.why, reason.missing) if reason.why in SHARED else summary.id
        before, all_ = found.get(key, ((), replace(reason, jobs=0, running=0)))
        counted = replace(all_, jobs=all_.jobs + reason.jobs, running=all_.running + reason.running)
        found[key] = ((*before, summary), counted)
    return list(found.values())


def _ended() -> list[EndedBadly]:
    known, today = seen.seen(), dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    found = data.ended_badly(today - dt.timedelta(days=LAST_DAYS), MOST_ENDED)
    return [each for each in found if not known.is_aside(each.summary)]


def _stuck(summaries: tuple[ExperimentSummary, ...], reason: Waiting) -> None:
    with _line(summaries, sentence(reason)):
        if reason.why in STARTED_BY_HAND:
            _how_to_start(summaries[0].id, reason)
        else:
            link("Look at the workers", href(Page.QUEUE))


def _paused(summary: ExperimentSummary, reason: Waiting) -> None:
    with _line((summary,), sentence(reason)):
        _acting(summary.id, Act("Resume", ":material/play_arrow:", submit.resume))


def _badly(ended: EndedBadly) -> None:
    summary = ended.summary
    with _line((summary,), what_happened(ended)):
        if summary.status is ExperimentStatus.CAPPED:
            _higher_cap(summary)
        if act := _mended_by(summary):
            _acting(summary.id, act)
        st.button(
            "Put aside",
            key=f"aside.{summary.id}",
            type="tertiary",
            on_click=seen.put_aside,
            args=(summary,),
            help="Not shown here again by this browser, unless it ends anew.",
        )


def _mended_by(summary: ExperimentSummary) -> Act | None:
    jobs, icon = summary.jobs, ":material/replay:"
    if summary.status is ExperimentStatus.FAILED:
        return Act("Try again", icon, submit.retry)
    if summary.status is ExperimentStatus.FINISHED_WITH_FAILURES:
        count = jobs.failed + jobs.cancelled
        return Act("Retry it" if count == 1 else f"Retry these {count:,}", icon, submit.retry)
    return None


def _line(summaries: tuple[ExperimentSummary, ...], said: str) -> DeltaGenerator:
    """What it is of, its sentence and how far it is; and beside them a place for what can be done."""
    first = summaries[0].id
    with st.container(key=f"ot-need-{first}", horizontal=True, vertical_alignment="center"):
        with st.container(gap=None, key=f"ot-said-{first}"):
            st.html(_names(summaries))
            st.markdown(message(said))
            if len(summaries) == 1 and not summaries[0].status.is_closed:
                st.html(jobs_bar(summaries[0].jobs))
        return st.container(horizontal=True, width="content", vertical_alignment="center", key=f"ot-do-{first}")


def _names(summaries: tuple[ExperimentSummary, ...]) -> str:
    doors = [link_html(f"{each.name} #{each.id}", href(Page.EXPERIMENT, id=each.id)) for each in summaries[:MOST_NAMES]]
    more = f" and {len(summaries) - MOST_NAMES:,} more" if len(summaries) > MOST_NAMES else ""
    owners = in_html(", ".join(dict.fromkeys(each.owner for each in summaries)))
    return f'<div class="ot-named">{", ".join(doors)}{more} · <bdi>{owners}</bdi></div>'


def _acting(experiment_id: int, act: Act) -> None:
    if not st.button(act.label, icon=act.icon, key=f"act.{experiment_id}"):
        return
    try:
        data.steer(act.verb, experiment_id)
    except WrongStatusError as error:
        st.error(message(str(error)))
        return
    st.rerun()


def _higher_cap(summary: ExperimentSummary) -> None:
    """It goes on where it stopped, up to more tokens than it has spent."""
    spent = max(summary.token_cap or 0, summary.spent_tokens or 0)
    with st.popover("Raise the cap", icon=":material/data_usage:", key=f"cap.{summary.id}"):
        cap = st.number_input("Tokens, at most", min_value=spent + 1, value=2 * spent + 1, key=f"new-cap.{summary.id}")
        _acting(summary.id, Act("Go on", ":material/play_arrow:", partial(_go_on, cap=int(cap))))


def _go_on(database: Engine, experiment_id: int, cap: int) -> None:
    submit.edit(database, experiment_id, Edit(token_cap=cap))
    submit.retry(database, experiment_id)


def _how_to_start(experiment_id: int, reason: Waiting) -> None:
    with st.popover("How to start a worker", icon=":material/engineering:", key=f"start.{experiment_id}"):
        st.markdown(message(" ".join(_steps(reason))))
        code("overthink worker")
        st.caption("or, with PostgreSQL, Redis and model servers of its own on this machine:")
        code("overthink up")
        link("Queue & workers", href(Page.QUEUE))


def _steps(reason: Waiting) -> Iterator[str]:
    yield "On a machine that reaches the model servers, with the `OVERTHINK_DATABASE_URL` and the"
    yield "`OVERTHINK_REDIS_URL` of this dashboard."
    if names := [name for missing in reason.missing for name in missing.names]:
        yield f"Its registry, `OVERTHINK_MODELS`, must list {' and '.join(dict.fromkeys(names))}."
