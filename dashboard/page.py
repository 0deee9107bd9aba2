"""What every page has around it: its title, the way back, badges, the health strip, and words for what went wrong."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import streamlit as st

from dashboard import data
from dashboard.address import Page, href
from dashboard.escaping import in_html, in_markdown, message
from dashboard.ways import link, link_html
from db.engine import DatabaseUnavailableError
from db.errors import UnknownExperimentError
from db.queries import ExperimentSummary, Standing, UnknownJobError, Waiting, Why
from db.status import ExperimentStatus
from results.waiting import sentence

STYLES = Path(__file__).with_name("styles")
ICON = Path(__file__).with_name("icon.png")

REFRESH_S = 2.0
BROKEN = "This part could not be shown. The rest of the page is not affected; the server's log has the details, too."

log = logging.getLogger(__name__)
UNSERVED = {Why.UNSERVED, Why.ALTERED, Why.NO_WORKER}

STATUS_BADGES: dict[ExperimentStatus, tuple[str, str]] = {
    ExperimentStatus.QUEUED: ("gray", ":material/schedule:"),
    ExperimentStatus.EXPANDING: ("blue", ":material/unfold_more:"),
    ExperimentStatus.RUNNING: ("blue", ":material/play_arrow:"),
    ExperimentStatus.PAUSED: ("orange", ":material/pause:"),
    ExperimentStatus.SUCCEEDED: ("green", ":material/check:"),
    ExperimentStatus.FINISHED_WITH_FAILURES: ("orange", ":material/warning:"),
    ExperimentStatus.CANCELLED: ("gray", ":material/block:"),
    ExperimentStatus.CAPPED: ("orange", ":material/data_usage:"),
    ExperimentStatus.FAILED: ("red", ":material/error:"),
}


@cache
def style() -> str:
    """All style sheets, for one element that takes no place."""
    sheets = (path.read_text(encoding="utf-8") for path in sorted(STYLES.glob("*.css")))
    return f"<style>{''.join(sheets)}</style>"


@contextmanager
def outages_explained(*, is_page: bool = False) -> Iterator[None]:
    """Around a page, and around each part of it: what goes wrong there is said there, and the rest of the page lives.

    An outage is said with its remedy. A page has a button to try again; a fragment tries again by itself.
    """
    try:
        yield
    except (DatabaseUnavailableError, data.NotConfiguredError) as error:
        st.error(message(str(error)), icon=":material/cloud_off:", title="Not reachable")
        if is_page and st.button("Try again"):
            st.rerun()
    except (UnknownExperimentError, UnknownJobError) as error:
        st.warning(message(str(error)), icon=":material/search_off:")
        link("All experiments", href(Page.EXPERIMENTS))
    except Exception as error:
        log.exception("a part of a page could not be shown")
        _broken(error)


def _broken(error: Exception) -> None:
    with st.container(border=True):
        st.markdown(f":material/healing: {BROKEN}")
        with st.expander("Details"):
            st.exception(error)


def number_in_url(name: str) -> int | None:
    """A query parameter that must be a number. Says so and stops the page if it is anything else."""
    value = st.query_params.get(name)
    if value is None:
        return None
    if not value.isdecimal() or not value.isascii() or len(value) > 18:
        st.warning(f"`{name}` in the address must be a number; it is {in_markdown(repr(value))}.")
        st.stop()
    return int(value)


def required_number(name: str, noun: str) -> int:
    number = number_in_url(name)
    if number is None:
        st.info(f"This address names no {noun}. Choose one from the list.")
        link("All experiments", href(Page.EXPERIMENTS))
        st.stop()
    return number


def page_title(title: str) -> None:
    """The heading, literally, and the browser tab's title."""
    st.set_page_config(page_title=f"{title} · Overthink")
    st.title(in_markdown(title), anchor=False)


def to_experiment(summary: ExperimentSummary) -> tuple[str, str]:
    """One of the breadcrumbs above what is an experiment's."""
    return f"{summary.name} #{summary.id}", href(Page.EXPERIMENT, id=summary.id)


def breadcrumbs(title: str, *above: tuple[str, str]) -> None:
    """Where this page is: Experiments / … / its title, which is the heading. `above` are names with their addresses."""
    crumbs = (("Experiments", href(Page.EXPERIMENTS)), *above)
    items = "".join(f"<li>{link_html(name, address)}</li>" for name, address in crumbs)
    with st.container(key="ot-way", horizontal=True, vertical_alignment="center"):
        st.html(f'<nav aria-label="Breadcrumb"><ol class="ot-crumbs">{items}</ol></nav>', width="content")
        page_title(title)


def status_badge(status: ExperimentStatus) -> None:
    colour, icon = STATUS_BADGES[status]
    st.badge(status.shown, icon=icon, color=colour)  # type: ignore[arg-type]


def literal(text: str, css_class: str = "ot-plain") -> None:
    """Text of others, shown as it stands."""
    st.html(f'<div class="{css_class}" dir="auto">{in_html(text)}</div>')


def in_place_error(text: str) -> None:
    """What is wrong with the field above."""
    st.html(f'<div class="ot-error">{in_html(text)}</div>')


def health(*, is_loud: bool = True) -> None:
    """Who works; where `is_loud` it is said with the remedy that nobody does. No green dot stands over what waits."""
    standing = data.standing()
    fleet = standing.fleet
    redis_problem = data.redis_problem()
    reasons = {each.why for each in data.waiting().values() if each.is_trouble}
    paused = f" ({standing.paused_jobs:,} of them paused)" if standing.paused_jobs else ""
    cells = [
        _cell("PostgreSQL", "answers", is_good=True),
        _cell("Redis", "away" if redis_problem else "answers", is_good=redis_problem is None),
        _cell("workers", str(len(fleet.alive)), is_good=bool(fleet.alive)),
        _cell("models", ", ".join(fleet.served) or "none", is_good=bool(fleet.served) and not reasons & UNSERVED),
        _cell("jobs waiting", f"{standing.waiting_jobs:,}{paused}", is_good=not reasons),
    ]
    st.html(f'<div class="ot-strip">{"".join(cells)}</div>')
    if redis_problem:
        st.error(
            message(f"{redis_problem} What is submitted meanwhile is kept and starts when Redis is back."),
            icon=":material/notifications_off:",
        )
    if is_loud and not fleet.alive:
        st.error(_no_worker(standing), icon=":material/engineering:")


def why(waiting: Waiting) -> None:
    """Why jobs wait; amber where it does not mend itself."""
    show = st.warning if waiting.is_trouble else st.info
    show(
        message(sentence(waiting)),
        icon=":material/hourglass_disabled:" if waiting.is_trouble else ":material/schedule:",
    )


def _cell(name: str, value: str, *, is_good: bool) -> str:
    dot = "good" if is_good else "bad"
    return f'<span><span class="ot-dot {dot}"></span>{in_html(name)} <b>{in_html(value)}</b></span>'


def _no_worker(standing: Standing) -> str:
    silent = [worker for worker in standing.fleet.workers if worker not in standing.fleet.alive]
    gone = f" The last one, on {in_markdown(silent[0].hostname)}, fell silent." if silent else ""
    waiting = f" {standing.waiting_jobs:,} jobs wait for one." if standing.waiting_jobs else ""
    return (
        f"**No worker is alive: nothing will run.**{gone}{waiting} "
        "Start one with `overthink worker`, or the whole embedded stack with `overthink up`."
    )
