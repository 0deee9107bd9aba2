"""Drafts survive whatever comes next: the browser keeps them, each tab its own. Its side is `keeper.js`.

The server forgets a page that is loaded anew; PostgreSQL is for what was handed in. So the tab's own storage has them,
and beside them what was typed into single fields and does not count yet. A new session asks for all that is kept before
it draws a field. A run may be cut off anywhere, and what the browser says may come late: so each run says anew how
things stand, and the browser hands in again what was typed and stands nowhere.
"""

from collections.abc import Mapping
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2 import component
from streamlit.components.v2.types import ComponentRenderer
from streamlit.delta_generator import DeltaGenerator

from dashboard.form import written
from dashboard.form.written import Written

KEY, BEGUN = "new-keeper", "new-keeper-begun"
TOLD = "new.told"
"""The lives of all that was kept; not there: the browser has not said yet."""
TURNS = count(1)
Kept = Mapping[str, Any]


@cache
def _browser_side() -> ComponentRenderer:
    return component("overthink_draft_keeper", js=Path(__file__).with_name("keeper.js").read_text(encoding="utf-8"))


def heard() -> None:
    """Goes on once the browser has said what it kept: before, nothing is drawn that somebody could type into."""
    if TOLD not in st.session_state:
        _say({})
        st.stop()


def begun() -> None:
    """Called before any field is drawn: what is typed while others are still to come is kept, too."""
    _say(_standing(), key=BEGUN)


def kept(place: DeltaGenerator) -> None:
    """Called once all fields are drawn: tells the browser what stands there now, and which fields show what."""
    with place:
        _say(_standing() | {"shown": written.all_shown()})


def _standing() -> dict[str, object]:
    now = written.now()
    return {
        "start": written.start(),
        "life": now.life,
        "text": now.text,
        "is_changed": written.is_changed(),
        "arms": list(now.arms.items()),
        "prefix": written.prefix(),
    }


def _say(told: Mapping[str, object], key: str = KEY) -> None:
    data = {"turn": next(TURNS), **told}  # else a run that says what one before it said would not be heard
    with st.container(key=f"hidden-{key}"):
        _browser_side()(key=key, data=data, on_drafts_change=_hear_drafts, on_typed_change=_hear_typed)


def is_restored() -> bool:
    """Whether what stands there comes from before the page was loaded."""
    return written.now().life in st.session_state[TOLD]


def _hear_drafts() -> None:
    """All that was kept, once in a session."""
    event = _event("drafts")
    if event is None or TOLD in st.session_state:
        return
    drafts = {str(start): _written(kept) for start, kept in event["drafts"].items()}
    st.session_state[TOLD] = {each.life for each in drafts.values()}
    for start, each in drafts.items():
        written.restore(start, each)


def _event(name: str) -> Kept | None:
    """None also where a run that was cut off has forgotten the keeper: it is asked, and says, again."""
    event: Kept | None = (st.session_state.get(KEY) or {}).get(name)
    return event


def _written(kept: Kept) -> Written:
    arms = {int(number): is_open for number, is_open in kept["arms"]}
    return Written(str(kept["text"]), str(kept["life"]), arms, dict(kept["typed"]))


def _hear_typed() -> None:
    """What was typed into fields that were taken away before it counted."""
    event = _event("typed")
    if event is not None:
        written.type_again(event["start"], event["life"], event["typed"])
