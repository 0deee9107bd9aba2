"""Single fields of the form: a label in words, and what stands there while nothing is typed."""

import streamlit as st

from dashboard.form import written
from dashboard.form.fields import FormField, Label, labelled
from dashboard.form.typed_values import Kind, pieces
from dashboard.form.written import key

PAUSE = "700ms"
"""After so long without a key being pressed, what was typed counts. In several lines `keeper.js` sees to it."""


def text_field(name: str, each: FormField, value: str, hint: str | None = None) -> str:
    """Of a strategy, of sampling or of the prompt. `name` is its place in the form."""
    said = each.hint if hint is None else hint
    if each.kind in (Kind.CHOICE, Kind.NAME):
        return _choice_field(name, each, value, said)
    return plain_field(name, labelled(each.name, help=each.help), value, said)


def one_value_field(name: str, each: FormField, value: str) -> str:
    """As `text_field`, where no sweep is allowed."""
    return _one_choice_field(name, each, value) if each.kind is Kind.CHOICE else text_field(name, each, value)


def plain_field(name: str, label: Label, value: str, hint: str = "") -> str:
    value = written.to_show(name, value)
    typed = st.text_input(label.words, value, key=key(name), placeholder=hint, help=label.help, live=PAUSE)
    return written.shown(name, typed or "")


def long_field(name: str, label: Label, value: str, hint: str = "") -> str:
    value = written.to_show(name, value)
    typed = st.text_area(label.words, value, key=key(name), placeholder=hint, help=label.help, height="content")
    return written.shown(name, typed or "")


def _one_choice_field(name: str, each: FormField, value: str) -> str:
    """A value that is none of the choices stays among them, for the spec to refuse."""
    options = list(dict.fromkeys([*each.options, *([value] if value else [])]))
    label, at = labelled(each.name, help=each.help), options.index(value) if value else None
    chosen = st.selectbox(label.words, options, at, key=key(name), placeholder=each.hint, help=label.help)
    return chosen or ""


def _choice_field(name: str, each: FormField, value: str, hint: str) -> str:
    """Several chosen are a sweep. A value that is none of the choices stays among them, for the spec to refuse."""
    given = pieces(value) if value else []
    typed = st.session_state.get(key(name), given)
    label = labelled(each.name, help=each.help)
    chosen = st.multiselect(
        label.words,
        list(dict.fromkeys([*each.options, *given, *typed])),
        default=given,
        key=key(name),
        placeholder=hint,
        help=label.help,
        accept_new_options=each.kind is Kind.NAME,
    )
    return " | ".join(chosen)
