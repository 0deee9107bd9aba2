"""Who is at the browser: a name that is typed once, and kept by the browser in a cookie. No log-in, and no proof.

Until somebody types one it is the owner that the dashboard was started with.
"""

import json
from urllib.parse import quote, unquote

import streamlit as st

from dashboard.escaping import in_markdown, message
from db.opinions import OpinionError, person_named
from db.settings import settings

COOKIE = "overthink_person"
KEPT_S = 365 * 24 * 3600
NO_LOG_IN = "There is no log-in: this is a name, kept by your browser, and no proof of who it was."
NAME = "person.name"
"""Of the name that was typed in this session, which the browser tells from its next visit on."""


def name() -> str:
    typed = st.session_state.get(NAME) or unquote(st.context.cookies.get(COOKIE, ""))
    try:
        return person_named(typed or settings().owner)
    except OpinionError:  # a cookie of somebody else's making
        return person_named(settings().owner)


def chooser() -> None:
    """Who one is, and a field to be somebody else. Once on a page."""
    with st.popover(f"As {in_markdown(name())}", icon=":material/person:", key="person", type="tertiary"):
        st.text_input("Your name", name(), key="person.typed", on_change=_take, max_chars=80)
        st.caption(NO_LOG_IN)
        if refused := st.session_state.get("person.refused"):
            st.error(message(refused))
    if NAME in st.session_state:
        _keep(st.session_state[NAME])


def _take() -> None:
    st.session_state.pop("person.refused", None)
    try:
        st.session_state[NAME] = person_named(st.session_state["person.typed"])
    except OpinionError as error:
        st.session_state["person.refused"] = str(error)


def _keep(person: str) -> None:
    """In the browser, for a year."""
    cookie = f"{COOKIE}={quote(person, safe='')}; path=/; max-age={KEPT_S}; samesite=lax"
    st.html(f"<script>document.cookie = {json.dumps(cookie)}</script>", unsafe_allow_javascript=True)
