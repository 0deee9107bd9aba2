"""A button that saves a file, also on what refreshes itself.

`st.download_button` gives each refresh's file another address and forgets the one before: a click in between met a 404.
Here the file is made when it is asked for and handed to the browser (`save.js`) with the answer.
"""

import time
from base64 import b64encode
from collections.abc import Callable
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.components.v2 import component
from streamlit.components.v2.types import ComponentRenderer

Content = str | bytes
KEPT_MS = 15_000
"""A browser that is busy may skip what is handed over once and then no more; it saves a file once, however often."""


@cache
def _browser_side() -> ComponentRenderer:
    return component("overthink_save", js=Path(__file__).with_name("save.js").read_text(), isolate_styles=False)


def button(
    label: str, content: Content | Callable[[], Content], file_name: str, key: str, media_type: str = "text/csv"
) -> None:
    """`content`, or what makes it, is asked for when the button is pressed. `key` is unique on its page."""
    place = f"{key}.handed_over"
    if st.button(label, key=key, icon=":material/download:"):
        said = content() if callable(content) else content
        st.session_state[place] = {"number": _now_ms(), "name": file_name, "type": media_type, **_as_json(said)}
    file = st.session_state.get(place, {})
    if file and _now_ms() - file["number"] > KEPT_MS:
        file = st.session_state[place] = {}
    with st.container(key=f"ot-save-{key}"):
        _browser_side()(key=f"{key}.file", data=file)


def _as_json(content: Content) -> dict[str, str]:
    return {"text": content} if isinstance(content, str) else {"base64": b64encode(content).decode("ascii")}


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
