"""Drafts survive a reload: the browser keeps them, each tab its own. Its side is `keeper.js`.

The server forgets a page that is loaded anew; PostgreSQL is for what was handed in. So the tab's own storage has them.
A run may be cut off anywhere, and what the browser says may come late: so each run says anew how things stand, and what
the browser kept is taken once, whichever start is open by then.
"""

from functools import cache
from itertools import count
from pathlib import Path
from uuid import uuid4

import streamlit as st
from streamlit.components.v2 import component
from streamlit.components.v2.types import ComponentRenderer

from dashboard.form import written

KEY = "new-keeper"
SESSION, HEARD = "new.session", "new.heard"
TURNS = count(1)


@cache
def _browser_side() -> ComponentRenderer:
    return component("overthink_draft_keeper", js=Path(__file__).with_name("keeper.js").read_text(encoding="utf-8"))


def kept() -> None:
    """Called last: tells the browser what stands there now, and hears what it had kept when the page was loaded."""
    with st.container(key="hidden-keeper"):
        _browser_side()(
            key=KEY,
            data={
                "turn": next(TURNS),  # else a run that says what one before it said would not be heard
                "session": st.session_state.setdefault(SESSION, uuid4().hex),
                "start": written.start(),
                "text": written.text(),
                "is_changed": written.is_changed(),
                "heard": _heard().get(written.start()),
            },
            on_kept_change=_restore,
        )


def _heard() -> dict[str, object]:
    """When what was taken back of each start was kept, as the browser says."""
    heard: dict[str, object] = st.session_state.setdefault(HEARD, {})
    return heard


def _restore() -> None:
    event = st.session_state[KEY].get("kept")
    if event and event["at"] != _heard().get(event["start"]):
        _heard()[event["start"]] = event["at"]
        written.restore(event["start"], event["text"])
        st.session_state["new.restored"] = event["start"]
