"""Drafts survive a reload: the browser keeps them, each tab its own. Its side is `keeper.js`.

The server forgets a page that is loaded anew; PostgreSQL is for what was handed in. So the tab's own storage has them.
"""

from functools import cache
from pathlib import Path
from uuid import uuid4

import streamlit as st
from streamlit.components.v2 import component
from streamlit.components.v2.types import ComponentRenderer

from dashboard.form import written

KEY = "new-keeper"


@cache
def _browser_side() -> ComponentRenderer:
    return component("overthink_draft_keeper", js=Path(__file__).with_name("keeper.js").read_text(encoding="utf-8"))


def kept() -> None:
    """Called last: tells the browser what stands there now, and hears what it had kept when the page was loaded."""
    session = st.session_state.setdefault("new.session", uuid4().hex)
    with st.container(key="hidden-keeper"):
        _browser_side()(
            key=KEY,
            data={
                "session": session,
                "start": written.start(),
                "text": written.text(),
                "is_changed": written.is_changed(),
            },
            on_kept_change=_restore,
        )


def _restore() -> None:
    event = st.session_state[KEY].get("kept")
    if event and event["start"] == written.start():
        written.restore(str(event["text"]))
        st.session_state["new.restored"] = written.start()
