"""The one way to open a page: a real link with a full address, in a text, in a table or behind the mark of a plot.

So a middle click, Back, reload and copy do what they do anywhere. `ways.js` opens links within the page that is loaded,
by the browser's history; where it is not there they are loaded as any link is.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import NoReturn

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import keys
from dashboard.escaping import in_html

SCRIPT = Path(__file__).with_name("ways.js")
RUNS = count(1)
"""A script is run where it is another one than before."""


@cache
def _script() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in (SCRIPT, keys.SCRIPT))


def prepared() -> None:
    """Once on every page, before anything that links."""
    _run_script(_script(), "ways")


@contextmanager
def coming(page: str) -> Iterator[None]:
    """Around a page: tells the browser, once all of it is drawn, which address it was drawn for.

    So no page may end before that, but for another run, which then says it: `st.rerun`, `go`, or the one that the
    browser's answer brings (`keeper.heard`).
    """
    parameters = [(name, value) for name in st.query_params for value in st.query_params.get_all(name)]
    place = _hidden("come")
    yield
    with place:
        _script_html(come_script(page, parameters))


def come_script(page: str, parameters: Sequence[tuple[str, str]]) -> str:
    """A browser may run it before `ways.js`, which then finds what was said."""
    said = f"{_in_script(page)}, {_in_script(parameters)}"
    return f"window.overthink ? window.overthink.come({said}) : (window.overthinkSaid = [{said}]); // {next(RUNS)}"


def go(href: str) -> NoReturn:
    """Opens another page now, after something was done on this one, of which no more is drawn."""
    _run_script(f"window.overthink.open({_in_script(href)})", "way")
    st.stop()


def bring_into_view(selector: str, at: str) -> None:
    """Scrolls what scrolls so that the element is seen, once for each `at`."""
    script = f"document.querySelector({json.dumps(selector)})?.scrollIntoView({{ block: 'nearest' }})"
    _run_script(f"setTimeout(() => {script}, 60); // {json.dumps(at)}", "view")


def _run_script(text: str, key: str) -> None:
    with _hidden(key):
        _script_html(text)


def _hidden(key: str) -> DeltaGenerator:
    """Takes no place on the page."""
    return st.container(key=f"hidden-{key}")


def _script_html(text: str) -> None:
    st.html(f"<script>{text}</script>", unsafe_allow_javascript=True)


def _in_script(value: object) -> str:
    """JSON that cannot end the script that it stands in."""
    return json.dumps(value).replace("<", "\\u003c")


def link_html(label: str, href: str | None, *, key: str | None = None, says: str = "", replaces: bool = False) -> str:
    """`label` is shown literally; without an address it cannot be clicked.

    `key` opens it, too, and `says` is what it does in the list of keys (the label, where it is empty). What `replaces`
    shows another thing in the place of this one: Back then leads to before both.
    """
    if href is None:
        return f'<span class="ot-link ot-off" aria-disabled="true">{in_html(label)}</span>'
    how = keys.attributes(key, says or label) + (" data-replaces" if replaces else "")
    return f'<a class="ot-link" href="{in_html(href)}" dir="auto"{how}>{in_html(label)}</a>'


def link(label: str, href: str | None, *, key: str | None = None, says: str = "", replaces: bool = False) -> None:
    """On a line of its own, or in a row of a horizontal container."""
    st.html(link_html(label, href, key=key, says=says, replaces=replaces), width="content")
