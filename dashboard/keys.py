"""Keys of a page: what can be seen and has one is pressed by it (`keys.js`); `?` lists those that the page has.

Links and buttons of our own carry their key; a button of Streamlit's stands in a container that does. Streamlit's own
shortcuts are not used: they have no `c`, no `[` and no list.
"""

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.escaping import in_html

SCRIPT = Path(__file__).with_name("keys.js")


def attributes(key: str | None, says: str) -> str:
    """For the opening tag of a link, a button or a field of ours: `key` is one character, `says` stands in the list."""
    if key is None:
        return ""
    shown = f'{in_html(says)} (key "{in_html(key)}")'.replace('"', "&quot;")
    return f' data-key="{in_html(key)}" data-says="{in_html(says)}" aria-keyshortcuts="{in_html(key)}" title="{shown}"'


def pressed_by(key: str, name: str) -> DeltaGenerator:
    """A container for one button of Streamlit's; `name` tells it from others with the same key on the page."""
    return st.container(key=f"ot-key-{ord(key):x}-{name}", width="content")
