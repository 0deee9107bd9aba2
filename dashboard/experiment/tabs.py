"""Links in a row that look like tabs: to the parts of this page, and to other pages about the same experiment."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.escaping import in_html


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    href: str
    is_open: bool = False


def shown(name: str, tabs: Sequence[Tab], *, is_small: bool = False) -> None:
    """`name` says what they are tabs of, to who hears the page."""
    st.html(tabs_html(name, tabs, is_small=is_small))


def tabs_html(name: str, tabs: Sequence[Tab], *, is_small: bool = False) -> str:
    size = " ot-small" if is_small else ""
    links = "".join(map(_tab_html, tabs))
    return f'<nav class="ot-tabs{size}" aria-label="{in_html(name)}">{links}</nav>'


def _tab_html(tab: Tab) -> str:
    """Which is open is no step of its own: Back leads to where one came from."""
    current = ' aria-current="page"' if tab.is_open else ""
    return f'<a class="ot-tab" href="{in_html(tab.href)}"{current}>{in_html(tab.label)}</a>'
