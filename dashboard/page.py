"""What every page has around it: its title, the way back, badges, the health strip, and words for what went wrong."""

import logging
from base64 import b64encode
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
from db.queries import ExperimentSummary, Standing, UnknownJobError, UnknownProblemError, Waiting
from db.search.terms import SearchError
from db.status import ExperimentStatus
from results.waiting import sentence

STYLES = Path(__file__).with_name("styles")
ICON = f"data:image/png;base64,{b64encode(Path(__file__).with_name('icon.png').read_bytes()).decode()}"
"""Not as a file: Streamlit forgets those of a tab that was left, maybe before a slow browser has fetched them."""

REFRESH_S = 2.0
BROKEN = "This part could not be shown. The rest of the page is not affected; the server's log has the details, too."

log = logging.getLogger(__name__)

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


class AddressError(ValueError):
    """The address says too little, or what it cannot."""


@cache
def style() -> str:
    """All style sheets, for one element that takes no place."""
    sheets = (path.read_text(encoding="utf-8") for path in sorted(STYLES.glob("*.css")))
    return f"<style>{''.join(sheets)}</style>"


@contextmanager
def panel(*, is_page: bool = False) -> Iterator[None]:
    """Around a page, and around each part of it: what goes wrong there is said there, and the rest of the page lives.

    An outage is said with its remedy. A page has a button to try again; a fragment tries again by itself.
    """
    try:
        yield
    except (DatabaseUnavailableError, data.NotConfiguredError) as error:
        st.error(message(str(error)), icon=":material/cloud_off:", title="Not reachable")
        if is_page and st.button("Try again"):
            st.rerun()
    except (AddressError, UnknownExperimentError, UnknownJobError, UnknownProblemError) as error:
        _not_found(str(error))
    except SearchError as error:
        st.warning(message(str(error)), icon=":material/search_off:")
    except Exception as error:
        log.exception("a part of a page could not be shown")
        _broken(error)


def _not_found(why: str) -> None:
    """`why` is one of our messages."""
    st.set_page_config(page_title="Not found · Overthink")
    st.warning(message(why[:1].upper() + why[1:]), icon=":material/search_off:", title="Not found")
    with st.container(horizontal=True):
        link("All experiments", href(Page.EXPERIMENTS))
        link("Search", href(Page.SEARCH))


def _broken(error: Exception) -> None:
    with st.container(border=True):
        st.markdown(f":material/healing: {BROKEN}")
        with st.expander("Details"):
            st.exception(error)


def number_in_url(name: str) -> int | None:
    """A query parameter that must be a number. Raises AddressError if it is anything else."""
    value = st.query_params.get(name)
    if value is None:
        return None
    if not value.isdecimal() or not value.isascii() or len(value) > 18:
        raise AddressError(f"{name} in the address must be a number; it is {value!r}.")
    return int(value)


def required_number(name: str, noun: str) -> int:
    number = number_in_url(name)
    if number is None:
        raise AddressError(f"this address names no {noun}. Choose one from the list.")
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


def health() -> None:
    """A dot where all is well, which leads to who works; else what is not, with the remedy.

    What waits for a worker says so itself: without a worker nothing is said of them here but where nothing waits.
    """
    standing = data.standing()
    redis_problem = data.redis_problem()
    with st.container(key="ot-health"):
        st.html(_who_works(standing, is_well=redis_problem is None and not _troubles()))
    if redis_problem:
        st.error(
            message(f"{redis_problem} What is submitted meanwhile is kept and starts when Redis is back."),
            icon=":material/notifications_off:",
        )
    if not standing.fleet.alive and not standing.waiting_jobs:
        st.warning(_no_worker(standing), icon=":material/engineering:")


def _troubles() -> bool:
    return any(each.is_trouble for each in data.waiting().values())


def _who_works(standing: Standing, *, is_well: bool) -> str:
    """`● 2 workers`: green where nothing waits in vain."""
    count = len(standing.fleet.alive)
    dot = "good" if is_well and count else "bad"
    words = f"{count:,} worker{'' if count == 1 else 's'}"
    return (
        f'<a class="ot-link ot-health" href="{in_html(href(Page.QUEUE))}" title="Queue and workers">'
        f'<span class="ot-dot {dot}"></span>{words}</a>'
    )


def why(waiting: Waiting) -> None:
    """Why jobs wait; amber where it does not mend itself."""
    show = st.warning if waiting.is_trouble else st.info
    show(
        message(sentence(waiting)),
        icon=":material/hourglass_disabled:" if waiting.is_trouble else ":material/schedule:",
    )


def _no_worker(standing: Standing) -> str:
    silent = [worker for worker in standing.fleet.workers if worker not in standing.fleet.alive]
    gone = f" The last one, on {in_markdown(silent[0].hostname)}, fell silent." if silent else ""
    return (
        f"**No worker is alive: what is submitted will wait for one.**{gone} "
        "Start one with `overthink worker`, or the whole embedded stack with `overthink up`."
    )
