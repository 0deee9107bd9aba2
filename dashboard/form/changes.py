"""What was changed since the start, in words."""

import streamlit as st

from dashboard.escaping import in_html, in_markdown
from scaling.spec import ExperimentSpec
from scaling.spec.difference import Change, Kind, difference

SIGNS = {Kind.CHANGED: "±", Kind.ADDED: "+", Kind.REMOVED: "−", Kind.MOVED: "↕"}
OPEN = 4
"""So many changes stand there unfolded."""


def changes_drawn(start: str, original: ExperimentSpec, now: ExperimentSpec) -> None:
    """Nothing where both say the same."""
    found = difference(original, now)
    if not found:
        return
    counted = "1 change" if len(found) == 1 else f"{len(found)} changes"
    with st.expander(f"{counted} against {in_markdown(start)}", expanded=len(found) <= OPEN):
        st.html(f'<ul class="ot-changes">{"".join(map(_item, found))}</ul>')


def _item(change: Change) -> str:
    return f'<li data-kind="{change.kind}"><b>{SIGNS[change.kind]}</b> {in_html(change.sentence)}</li>'
