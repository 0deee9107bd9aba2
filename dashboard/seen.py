"""What the person at this browser has seen already: until when, and which troubles were put aside. In a cookie.

The database does not know who looks; the browser does. A cookie is there with the first page, so nothing moves when it
is read. It may be anybody's making: whatever is not ours in it counts as nothing.
"""

import datetime as dt
import json
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

import streamlit as st
from pydantic import TypeAdapter, ValidationError

from db.queries import ExperimentSummary

COOKIE = "overthink_seen"
KEPT_S = 365 * 24 * 3600
MOST_ASIDE = 60
"""A cookie holds 4,000 characters."""
KEY = "what was seen"


@dataclass(frozen=True, slots=True)
class Seen:
    """`until` is in seconds since 1970; None: on the first visit. `aside` are names of what was put aside."""

    until: int | None = None
    aside: tuple[str, ...] = ()

    @property
    def moment(self) -> dt.datetime | None:
        return None if self.until is None else dt.datetime.fromtimestamp(self.until, dt.UTC)

    def is_new(self, summary: ExperimentSummary) -> bool:
        """It ended since."""
        return None not in (self.until, summary.finished_at) and summary.finished_at > self.moment  # type: ignore[operator]

    def is_aside(self, summary: ExperimentSummary) -> bool:
        return _name(summary) in self.aside


SEEN = TypeAdapter(Seen)


def seen() -> Seen:
    """As of this session, or as the browser kept it."""
    kept: Seen | None = st.session_state.get(KEY)
    return kept or _read(st.context.cookies.get(COOKIE, ""))


def keep() -> None:
    """Once on a page: has the browser keep what this session has seen. On the first visit, that it was."""
    if seen().until is None:
        mark_all_seen()
    if KEY in st.session_state:
        told = quote(SEEN.dump_json(st.session_state[KEY]).decode(), safe="")
        cookie = f"{COOKIE}={told}; path=/; max-age={KEPT_S}; samesite=lax"
        with st.container(key="hidden-seen"):
            st.html(f"<script>document.cookie = {json.dumps(cookie)}</script>", unsafe_allow_javascript=True)


def mark_all_seen() -> None:
    st.session_state[KEY] = replace(seen(), until=int(dt.datetime.now(dt.UTC).timestamp()))


def put_aside(summary: ExperimentSummary) -> None:
    """Until it ends anew."""
    aside = (*seen().aside, _name(summary))[-MOST_ASIDE:]
    st.session_state[KEY] = replace(seen(), aside=aside)


def _name(summary: ExperimentSummary) -> str:
    """Of one end of it: in another database, or after a retry, it is another one."""
    ended = summary.finished_at
    return f"{summary.id}.{0 if ended is None else int(ended.timestamp())}"


def _read(cookie: str) -> Seen:
    try:
        return SEEN.validate_json(unquote(cookie))
    except ValidationError:
        return Seen()
