"""What stands beside the pages' names on every page: the search box, and what copies the link and lists the keys."""

import streamlit as st

from dashboard.address import Page, href
from dashboard.keys import attributes

TOOLS = (
    ("link", "y", "copy the link to this view", '<span class="ot-icon" aria-hidden="true">link</span>'),
    ("keys", "?", "list the keys of this page", "?"),
)
"""What `keys.js` does, by which key, its words and its sign, in HTML."""


def drawn(*, has_search: bool) -> None:
    with st.container(key="ot-bar"):
        st.html(f'<div class="ot-bar">{_search_html() if has_search else ""}{"".join(map(_tool_html, TOOLS))}</div>')


def _search_html() -> str:
    return (
        f'<form class="ot-search" role="search" action="{href(Page.SEARCH)}"><input type="search" name="q" '
        f'aria-label="Search" placeholder="Search  /" autocomplete="off"{attributes("/", "search")}></form>'
    )


def _tool_html(tool: tuple[str, str, str, str]) -> str:
    does, key, says, sign = tool
    return (
        f'<button type="button" class="ot-tool" data-does="{does}" aria-label="{says}"{attributes(key, says)}>'
        f"{sign}</button>"
    )
