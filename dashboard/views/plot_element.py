"""A figure on a page that changes in place: the browser's side is `plot.js`, drawn with Plotly's own library.

`st.plotly_chart` is not used: it makes a new chart of every new figure (the whole figure is its identity), and
zoom, legend, tooltip and clicks were lost with each job that ended.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import plotly
import plotly.graph_objects as go
import streamlit as st
from plotly.io.json import to_json_plotly
from plotly.offline import get_plotlyjs_version
from streamlit.components.v1 import declare_component
from streamlit.components.v2 import component
from streamlit.components.v2.types import ComponentRenderer

LIBRARY = Path(plotly.__file__).with_name("package_data")
SCRIPT, RANKS = (Path(__file__).with_name(name) for name in ("plot.js", "ranks.js"))
DEFAULT_HEIGHT_PX = 450
TAGS = re.compile(r"<[^>]*>")

Spec = dict[str, object]


@cache
def _browser_side() -> ComponentRenderer:
    """One script of two files, which say what is whose by `export`: a component has one."""
    ranks = RANKS.read_text(encoding="utf-8").replace("export class", "class")
    return component("overthink_plot", js=ranks + SCRIPT.read_text(encoding="utf-8"), isolate_styles=False)


@st.cache_resource(show_spinner=False)
def _library_address() -> str:
    """Where this server gives Plotly's own file out, under a name that changes with its version."""
    served = declare_component("plotly_library", path=str(LIBRARY))
    base = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"{f'/{base}' if base else ''}/component/{served.name}/plotly.min.js?{get_plotlyjs_version()}"


def drawn(
    key: str,
    figure: go.Figure,
    results: int = 0,
    config: Mapping[str, object] | None = None,
    on_click: Callable[[], None] = lambda: None,
    legend: Mapping[str, object] | None = None,
) -> str | None:
    """Draws the figure; the custom data of the mark that was just clicked, or None.

    `key` is unique on its page. `results` counts the jobs that had ended: while the pointer is on the plot, a figure of
    others waits. `config` is Plotly's. `on_click` is called before the page runs; `clicked` tells it what was clicked.
    `legend` is the list of arms beside it (`ranks.js`); without, the figure has its own.
    """
    spec = spec_of(figure)
    _browser_side()(
        key=key,
        data={
            "library": _library_address(),
            "figure": to_json_plotly(spec),
            "question": question(spec),
            "results": results,
            "height": figure.layout.height or DEFAULT_HEIGHT_PX,
            "config": dict(config or {}),
            "name": words(spec) or key.removesuffix("_plot"),
            "legend": legend,
        },
        on_clicked_change=on_click,
    )
    return clicked(key)


def clicked(key: str) -> str | None:
    """The custom data of the mark that was clicked since the last run; None: none was."""
    event = st.session_state[key].get("clicked")
    return str(event["mark"]) if event else None


def spec_of(figure: go.Figure) -> Spec:
    """Without Plotly's own colours, which would hide the page's; traces are known by name when others come and go."""
    spec: Spec = figure.to_dict()
    spec["layout"] = {name: value for name, value in spec["layout"].items() if name != "template"}  # type: ignore[attr-defined]
    seen = Counter[str]()
    for trace in spec["data"]:  # type: ignore[attr-defined]
        name = str(trace.get("name"))
        seen[name] += 1
        trace["uid"] = f"u{sha256(name.encode()).hexdigest()[:16]}-{seen[name]}"  # becomes part of a CSS selector
    return spec


def words(spec: Spec) -> str:
    """What is drawn, for who does not see it: `accuracy against thinking tokens, log scale`."""
    layout = spec["layout"]
    assert isinstance(layout, dict)
    x, y = (_axis_words(layout.get(name, {})) for name in ("xaxis", "yaxis"))
    return " against ".join(filter(None, (y, x)))


def _axis_words(axis: Mapping[str, Any]) -> str:
    title = str((axis.get("title") or {}).get("text") or "")
    return TAGS.sub(" ", f"{title}, log scale" if title and axis.get("type") == "log" else title)


def question(spec: Spec) -> str:
    """What is drawn, whatever the numbers: the axes. While that stays the same, so do zoom and legend."""
    layout = spec["layout"]
    assert isinstance(layout, dict)
    axes = {name: axis for name, axis in layout.items() if name.startswith(("xaxis", "yaxis"))}
    return json.dumps({name: [axis.get("title"), axis.get("type")] for name, axis in sorted(axes.items())})
