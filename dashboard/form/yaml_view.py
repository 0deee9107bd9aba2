"""The spec as text, with the numbers of its lines beside it: those of lines that have to be mended are red."""

from collections.abc import Iterable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.form import written
from dashboard.form.written import key
from scaling.spec.errors import SpecFault

SPARE_LINES = 200
"""Numbered beyond the end: the text grows before the page hears of it."""


def yaml_drawn() -> DeltaGenerator:
    """The text, which counts as it is typed, and the place for `number_lines`, once it is known which are wrong."""
    with st.container(key="ot-yaml"):
        gutter = st.empty()
        text = written.to_show(written.YAML_FIELD, written.text())
        typed = st.text_area("Spec", text, key=key(written.YAML_FIELD), height="content", label_visibility="collapsed")
    written.type_text(written.shown(written.YAML_FIELD, typed or ""))
    return gutter


def number_lines(gutter: DeltaGenerator, text: str, faults: Iterable[SpecFault]) -> None:
    marked = {line_of(fault) for fault in faults}
    count = text.count("\n") + SPARE_LINES
    numbers = "\n".join(f"<b>{at}</b>" if at in marked else str(at) for at in range(1, count))
    gutter.html(f'<pre class="ot-gutter" aria-hidden="true">{numbers}</pre>')


def line_of(fault: SpecFault) -> int | None:
    """None: the whole text is meant."""
    number = fault.location.rpartition(":")[2]
    return int(number) if number.isdecimal() else None
