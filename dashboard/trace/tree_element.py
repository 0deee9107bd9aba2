"""The search tree beside the text, drawn by its browser's side (`browser/tree.js`).

One points at a node to read it, and clicks to open it with all that led to it.
Of what a model wrote it is given the candidates' answers, shortened, and the beginning of the one node that is pointed
at, when it asks for it. The open node stands in the address (`?step=0.3.0`).
"""

from collections.abc import Mapping
from functools import cache

import streamlit as st
from streamlit.components.v2 import component
from streamlit.components.v2.types import ComponentRenderer

from dashboard import data
from dashboard import page as frame
from dashboard.charts.palette import VERDICT_COLOURS, VERDICT_SIGNS
from dashboard.trace.opened import Opened
from dashboard.trace.reader import FOLDER
from dashboard.trace.scores import SCALE
from dashboard.trace.text import head, path_shown, visible
from dashboard.trace.tree import Place, SearchTree, search_tree, summary
from db.queries import Span, StoredCandidate
from scaling.types import StepKind

MOST_LABELS = 200
LONGEST_ANSWER = 14
LONGEST_TEXT = 600
KEPT, PRUNED, ROLLOUT, ANSWER = range(4)
"""How a node looks: as tree.js knows it."""


@cache
def _browser_side() -> ComponentRenderer:
    script = "\n".join((FOLDER / f"{part}.js").read_text(encoding="utf-8") for part in ("elements", "scores", "tree"))
    style = (FOLDER / "tree.css").read_text(encoding="utf-8")
    return component("overthink_tree", js=script, css=style, isolate_styles=False)


@st.cache_resource(ttl=3600, show_spinner=False, max_entries=data.MOST_TREES)
def tree_of(job_id: int, attempt: int | None, _opened: Opened) -> SearchTree:
    """Laid out once: `attempt` wrote the trace."""
    return search_tree(_opened.nodes, _opened.trace.candidates, _opened.trace.chosen_path)


@st.fragment
def tree_section(opened: Opened) -> None:
    with frame.panel():
        job = opened.job
        tree = tree_of(job.job_id, job.stored_by, opened)
        st.caption(summary(tree) + " Point at a node to read it; a click opens it.")
        key, name = f"tree-{job.job_id}", f"{job.job_id}-{job.stored_by}"
        asked = (st.session_state.get(key) or {}).get("asked") or {}
        read = opened.step or opened.leaf or opened.trace.chosen_path
        _browser_side()(
            key=key,
            data={
                "key": name,
                "tree": None if asked.get("has") == name else columns(tree),
                "opened": next((number for number, each in enumerate(tree.places) if each.node.path == read), 0),
                "told": _told(opened, tree, asked),
                "scale": SCALE,
                "colours": {verdict.value: colour for verdict, colour in VERDICT_COLOURS.items()},
                "label": summary(tree),
            },
            on_asked_change=lambda: None,
        )


def _told(opened: Opened, tree: SearchTree, asked: Mapping[str, object]) -> dict[str, object] | None:
    """Of the node that is pointed at: what is known of it, and the beginning of its text."""
    number = asked.get("node")
    if not isinstance(number, int | float) or not 0 <= number < len(tree.places):
        return None
    path = tree.places[int(number)].node.path
    [step] = data.step_heads(opened.job.job_id, [path])
    [text] = data.pieces(opened.job.job_id, [Span(path, 0, LONGEST_TEXT + 1)])
    told = head(step, path_shown(path))
    more = " …" if len(text) > LONGEST_TEXT else ""
    return {"node": int(number), "label": told.label, "facts": told.facts, "text": visible(text[:LONGEST_TEXT]) + more}


def columns(tree: SearchTree) -> dict[str, object]:
    """For the browser: a list for each thing that all nodes have; what few have is by their number."""
    numbers = {place.node.path: number for number, place in enumerate(tree.places)}
    scores = [place.node.score for place in tree.places]
    return {
        "depths": [place.depth for place in tree.places],
        "rows": [round(place.row, 2) for place in tree.places],
        "parents": [numbers.get(place.node.path[:-1], -1) for place in tree.places],
        "last": [place.node.path[-1] for place in tree.places],
        "looks": [look_of(place) for place in tree.places],
        "scores": scores if tree.scores else None,
        "chosen": [number for number, place in enumerate(tree.places) if place.is_chosen],
        "labels": labels(tree),
        "numRows": tree.num_rows,
    }


def look_of(place: Place) -> int:
    if place.candidate is not None:
        return ANSWER
    if place.node.kind is StepKind.ROLLOUT:
        return ROLLOUT
    return KEPT if place.node.kept else PRUNED


def labels(tree: SearchTree) -> dict[int, dict[str, str]]:
    """Each candidate's answer and verdict; of very many, only the chosen one's."""
    ends = {number: place.candidate for number, place in enumerate(tree.places) if place.candidate is not None}
    shown = ends if len(ends) <= MOST_LABELS else {number: each for number, each in ends.items() if each.chosen}
    return {number: {"text": _label(each), "verdict": each.verdict.value} for number, each in shown.items()}


def _label(candidate: StoredCandidate) -> str:
    answer = visible(" ".join((candidate.answer or "").split()))
    short = answer if len(answer) <= LONGEST_ANSWER else answer[: LONGEST_ANSWER - 1] + "…"
    return f"{VERDICT_SIGNS[candidate.verdict]} {short}" + (" ★" if candidate.chosen else "")
