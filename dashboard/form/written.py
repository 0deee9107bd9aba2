"""The spec that is being written: one text, which the form and the YAML view both show and change.

It is kept per start (a preset, an experiment to clone, nothing), so that trying another start loses nothing. What a
field shows is read out of the text when the field is first drawn; `key` names it so that a text from elsewhere is read
anew.
"""

from collections.abc import Sequence

import streamlit as st
from pydantic import JsonValue

from dashboard.form.draft import Document, document, draft_of
from scaling.spec import yaml12
from scaling.spec.rewriting import rewritten

START, ORIGIN, TEXTS = "new.start", "new.origin", "new.texts"
GENERATION, ARM_IDS = "new.generation", "new.arm_ids"


def begin(start: str, origin: str) -> None:
    """Goes on with what was written from this start, or with what it starts from."""
    state = st.session_state
    state[ORIGIN] = origin
    if state.get(START) != start:
        state[START] = start
        _read_anew()
    state.setdefault(TEXTS, {}).setdefault(start, origin)


def start() -> str:
    return str(st.session_state[START])


def text() -> str:
    return str(st.session_state[TEXTS][start()])


def is_changed() -> bool:
    """Whether it says anything else than what it started from."""
    return text() != str(st.session_state[ORIGIN])


def restore(of: str, kept: str) -> None:
    """A text from elsewhere, of any start: every field shows what it says."""
    st.session_state[TEXTS][of] = kept
    if of == start():
        _read_anew()


def start_over() -> None:
    restore(start(), st.session_state[ORIGIN])


def type_text(typed: str) -> None:
    """As the YAML view has it now."""
    st.session_state[TEXTS][start()] = typed
    st.session_state.pop(ARM_IDS, None)


def say(base: Document, wanted: Document) -> bool:
    """What the form says, and what it said before; whether that made another text."""
    said = document_of(text())
    changed = {name: value for name, value in wanted.items() if value != base.get(name)}
    kept = {name: value for name, value in said.items() if name in wanted or name not in base}
    before, st.session_state[TEXTS][start()] = text(), rewritten(text(), kept | changed)
    return before != text()


def document_of(typed: str) -> Document:
    """Raises ValueError, in words."""
    try:
        said = yaml12.load(typed)
    except yaml12.YAMLError as error:
        raise ValueError(f"this is not YAML yet: {error}") from error
    if not isinstance(said, dict):
        raise ValueError("a spec is a mapping with name, data_set, models and arms")
    return said


def key(name: str) -> str:
    """Of a field: its own for as long as nobody but the field changes what it shows."""
    return f"new.{st.session_state[GENERATION]}.{name}"


def arm_ids(count: int) -> list[int]:
    """A number for each arm that stays its own when others come and go."""
    ids: list[int] = st.session_state.get(ARM_IDS, [])
    if len(ids) != count:
        ids = [_fresh_id() for _ in range(count)]
        st.session_state[ARM_IDS] = ids
    return ids


def arrange(order: Sequence[int], *, added: Sequence[JsonValue] = ()) -> list[int]:
    """Puts the arms in this order, by their places now; one that stands twice is doubled. `added` come last.

    Returns the numbers of those that are new.
    """
    base = document(draft_of(document_of(text())))
    arms = base["arms"]
    assert isinstance(arms, list)
    ids, new = arm_ids(len(arms)), list[int]()
    arranged: list[int] = []
    for place in (*order, *(-1 for _ in added)):
        number = ids[place] if place >= 0 and ids[place] not in arranged else _fresh_id()
        arranged.append(number)
        new += [] if number in ids else [number]
    say(base, base | {"arms": [*(arms[place] for place in order), *added]})
    st.session_state[ARM_IDS] = arranged
    return new


def _fresh_id() -> int:
    number = int(st.session_state.get("new.next_arm_id", 0))
    st.session_state["new.next_arm_id"] = number + 1
    return number


def _read_anew() -> None:
    st.session_state[GENERATION] = st.session_state.get(GENERATION, 0) + 1
    st.session_state.pop(ARM_IDS, None)
