"""The reader of one trace: the browser's side draws the outline, and asks for the rows that come into view.

Its side is in `browser/`, joined to one module, for a component has one. What it asks for is its state `asked`; what it
has already (`has`) is not sent again. The texts are data: it sets them as text, never as markup.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from itertools import accumulate
from pathlib import Path as File
from typing import Any

import streamlit as st
from streamlit.components.v2 import component
from streamlit.components.v2.types import ComponentRenderer

from dashboard.trace.finding import Found
from dashboard.trace.pieces import PIECE
from dashboard.trace.scores import SCALE
from dashboard.trace.shown import Shown

FOLDER = File(__file__).with_name("browser")
PARTS = ("elements", "scores", "rows", "layers", "pane", "outline", "minimap", "find", "reader")
MOST_ROWS = 400
"""A screen shows a hundred at most, and as many are asked for above and below it."""
FIRST_ROWS, FEW_ROWS = 40, 4
FIRST_CHARACTERS = 12_000
"""What is told before anything was asked for: two screens full, and a little above them."""

Row = dict[str, object]
RowsOf = Callable[[Shown, Sequence[tuple[int, int]]], list[Row]]
"""Reads the rows at these places: of each its step and its number there."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the browser says: which outline it has, which rows it shows, and what it looks for."""

    has: str = ""
    rows: tuple[tuple[int, int], ...] = ()
    seek: str = ""

    @classmethod
    def of(cls, said: Mapping[str, Any] | None) -> "Asked | None":
        if not said:
            return None
        rows = tuple((int(first), int(last)) for first, last in said.get("rows", ()))
        return cls(str(said.get("has", "")), rows, str(said.get("seek", "")))

    @property
    def numbers(self) -> list[int]:
        wanted = [row for first, last in self.rows for row in range(first, min(last, first + MOST_ROWS) + 1)]
        return wanted[:MOST_ROWS]


@cache
def _browser_side() -> ComponentRenderer:
    script = "\n".join((FOLDER / f"{part}.js").read_text(encoding="utf-8") for part in PARTS)
    style = (FOLDER / "reader.css").read_text(encoding="utf-8")
    return component("overthink_reader", js=script, css=style, isolate_styles=False)


def asked(key: str) -> Asked | None:
    """None: the browser has not said anything yet."""
    state = st.session_state.get(key)
    return Asked.of(state.get("asked")) if state else None


def first_asked(shown: Shown, step: int | None, seek: str) -> Asked:
    """What it will ask for first, as far as can be told: the rows from the first step that is no prompt, or a step."""
    first_S = shown.rows.first_S
    start = next((number for number, node in enumerate(shown.nodes) if len(node.path) > 1), 0) if step is None else step
    first = int(first_S[start]) if len(shown.nodes) else 0
    return Asked("", ((0, 0), (max(1, first - FEW_ROWS), _last_of_first(shown, first))), seek)


def _last_of_first(shown: Shown, first: int) -> int:
    """Of short rows more fit on a screen than of long ones."""
    rows = shown.rows.places(range(first, first + FIRST_ROWS))
    lengths = [min(PIECE, shown.nodes[step].num_characters - PIECE * part) for step, part in rows]
    last = sum(behind < FIRST_CHARACTERS for behind in accumulate(max(0, length) for length in lengths))
    return first + max(last, FEW_ROWS)


@dataclass(frozen=True, slots=True)
class Beside:
    """What the browser's side is told once, with the outline: the question in a line, where the answer stands, which
    candidates can be followed, whether log-probs colour its tokens or how to get some, and the colours of scores.
    `trace` names the job and the branch."""

    trace: str
    question: str
    mark: Mapping[str, object] | None = None
    follow: Mapping[str, object] = field(default_factory=lambda: {"choices": [], "chosen": ""})
    log_probs: Mapping[str, object] | None = None


def draw(
    key: str,
    shown: Shown,
    asked: Asked,
    rows: Iterable[Row],
    found: Found | None,
    beside: Beside,
    step: int | None,
    seek: str = "",
) -> None:
    """`step` is where to begin, `seek` what is looked for unless the address says otherwise."""
    _browser_side()(
        key=key,
        data={
            "key": shown.key,
            "trace": beside.trace,
            "outline": None if asked.has == shown.key else _outline(shown, beside),
            "rows": list(rows),
            "found": None if found is None else found.told(shown.rows),
            "step": step,
            "seek": seek,
        },
        on_asked_change=lambda: None,
    )


def _outline(shown: Shown, beside: Beside) -> dict[str, object]:
    return {**shown.outline, **asdict(beside), "ids": shown.has_ids, "scale": SCALE}
