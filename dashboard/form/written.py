"""The spec that is being written: one text, which the form and the YAML view both show and change.

It is kept per start (a preset, an experiment to clone, nothing), so that trying another start loses nothing. What a
field shows is read out of the text when the field is first drawn, or is what was typed into it and did not count any
more; `key` names it so that a text from elsewhere is read anew.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import streamlit as st
from pydantic import JsonValue

from dashboard.form.draft import Document, document, draft_of
from scaling.spec import yaml12
from scaling.spec.rewriting import rewritten

START, ORIGIN, WRITTEN, SHOWN = "new.start", "new.origin", "new.written", "new.shown"
GENERATION, NEXT = "new.generation", "new.next_arm"
YAML_FIELD = "yaml"


@dataclass(slots=True)
class Written:
    """From one start. `life` names it until it is started over: what was typed before is not meant for the next."""

    text: str
    life: str = field(default_factory=lambda: uuid4().hex)
    arms: dict[int, bool | None] = field(default_factory=dict)
    """In their order, by numbers that are theirs: whether an arm is open. None: it never was, and has no fields yet."""
    typed: dict[str, str] = field(default_factory=dict)
    """By the names of fields: what stands in them in place of what the text says, when they are next drawn."""


def begin(start: str, origin: str) -> None:
    """Goes on with what was written from this start, or with what it starts from."""
    state = st.session_state
    state[ORIGIN] = origin
    state[SHOWN] = {}
    if state.get(START) != start:
        state[START] = start
        read_anew()
    every().setdefault(start, Written(origin))


def every() -> dict[str, Written]:
    """By their starts."""
    written: dict[str, Written] = st.session_state.setdefault(WRITTEN, {})
    return written


def start() -> str:
    return str(st.session_state[START])


def now() -> Written:
    return every()[start()]


def text() -> str:
    return now().text


def is_changed() -> bool:
    """Whether it says anything else than what it started from."""
    return text() != str(st.session_state[ORIGIN])


def restore(of: str, kept: Written) -> None:
    """From elsewhere, of any start: every field shows what it says."""
    every()[of] = kept
    if of == st.session_state.get(START):
        read_anew()


def start_over() -> None:
    restore(start(), Written(st.session_state[ORIGIN]))


def type_again(of: str, life: str, typed: Mapping[str, str]) -> None:
    """What was typed into fields that were taken away before it counted. Not of what was started over since."""
    if of in every() and every()[of].life == life:
        every()[of].typed |= typed
        read_anew()


def type_text(typed: str) -> None:
    """As the YAML view has it now."""
    if typed != text():
        now().text, now().arms = typed, {}


def say(base: Document, wanted: Document) -> None:
    """What the form says, and what it said before."""
    said = document_of(text())
    changed = {name: value for name, value in wanted.items() if value != base.get(name)}
    kept = {name: value for name, value in said.items() if name in wanted or name not in base}
    now().text = rewritten(text(), kept | changed)


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
    return f"{prefix()}{_told(name)}"


def prefix() -> str:
    """What the keys of all fields begin with."""
    return f"new-{st.session_state[GENERATION]}-"


def is_typed(*, in_yaml: bool) -> bool:
    """Whether fields of the form, or the text of the YAML view, are to show what was typed before."""
    return any((name == YAML_FIELD) == in_yaml for name in now().typed)


def to_show(name: str, value: str) -> str:
    """What a field begins with, be it typed before."""
    return now().typed.get(_told(name), value)


def shown(name: str, typed: str) -> str:
    """Notes what a field shows in this run, and returns it."""
    st.session_state[SHOWN][_told(name)] = typed
    return typed


def all_shown() -> dict[str, str]:
    """By the names of fields as browsers know them. Called once all are drawn: what was to be shown is."""
    now().typed.clear()
    return dict(st.session_state[SHOWN])


def _told(name: str) -> str:
    """As it stands in a class of HTML."""
    return name.replace(".", "-")


def arms(count: int) -> dict[int, bool | None]:
    """So many: numbers that stay their own when others come and go."""
    if len(now().arms) != count:
        now().arms = {_fresh_number(): None for _ in range(count)}
    return now().arms


def arrange(order: Sequence[int], *, added: Sequence[JsonValue] = ()) -> None:
    """Puts the arms in this order, by their places now; one that stands twice is doubled. `added` come last.

    Those that are new are open.
    """
    base = document(draft_of(document_of(text())))
    said = base["arms"]
    assert isinstance(said, list)
    before, arranged = arms(len(said)), dict[int, bool | None]()
    for place in order:
        number = list(before)[place]
        arranged |= {_fresh_number(): True} if number in arranged else {number: before[number]}
    arranged |= {_fresh_number(): True for _ in added}
    say(base, base | {"arms": [*(said[place] for place in order), *added]})
    now().arms = arranged


def _fresh_number() -> int:
    """No arm has it, and none had."""
    number = 1 + max([int(st.session_state.get(NEXT, -1)), *_numbers()])
    st.session_state[NEXT] = number
    return number


def _numbers() -> Iterator[int]:
    return (number for each in every().values() for number in each.arms)


def read_anew() -> None:
    """Every field shows what the text says now."""
    st.session_state[GENERATION] = st.session_state.get(GENERATION, 0) + 1
