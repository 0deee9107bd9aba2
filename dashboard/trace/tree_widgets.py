"""The search tree on the trace page, and beside it the node that is open: a click draws these two again, nothing else.

The open node stands in the address (`?step=0.3.0`); without one it is the chosen answer.
"""

import re
from functools import partial

import streamlit as st

from dashboard import data
from dashboard import page as frame
from dashboard.escaping import in_markdown
from dashboard.trace.text import branch, is_cut, steps_html
from dashboard.trace.tree import SearchTree, search_tree, summary
from dashboard.trace.tree_chart import height_px, tree_figure
from dashboard.views import plot_element
from db.queries import StoredTrace, TraceDetail
from scaling.types import Path

STEP = "step"
PATH = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})*")


@st.fragment
def tree_section(job: TraceDetail, trace: StoredTrace) -> None:
    with frame.outages_explained():
        tree = search_tree(trace.nodes, trace.candidates, trace.chosen_path)
        st.subheader("The tree", anchor=False)
        st.caption(summary(tree) + " Click a node to read it; drag to move, double-click for all.")
        opened = _opened_path(trace)
        left, right = st.columns([7, 4])
        with left:
            _chart(job.job_id, tree, opened)
        with right, st.container(height=height_px(tree), border=False):
            _opened_node(job, opened)


def _opened_path(trace: StoredTrace) -> Path:
    """As the address says; what it says wrongly is named, and the chosen answer opened instead."""
    said = st.query_params.get(STEP)
    if said is None:
        return trace.chosen_path
    path = tuple(map(int, said.split("."))) if PATH.fullmatch(said) else ()
    if path in {node.path for node in trace.nodes}:
        return path
    st.warning(f"This trace has no step {in_markdown(said[:80])}. The chosen answer is shown.")
    return trace.chosen_path


def _chart(job_id: int, tree: SearchTree, opened: Path) -> None:
    key = f"tree-{job_id}"
    plot_element.drawn(key, tree_figure(tree, opened), on_click=partial(_open_clicked, key))


def _open_clicked(key: str) -> None:
    path = plot_element.clicked(key)
    if path is not None:
        st.query_params[STEP] = path


def _opened_node(job: TraceDetail, opened: Path) -> None:
    has_branch = st.toggle("With all that led to it", key="led_to", bind="query-params")
    steps = data.steps(job, branch(opened) if has_branch else (opened,))
    is_whole = is_cut(steps) and st.toggle("Show all of long texts", key="whole_node", bind="query-params")
    st.html(steps_html(steps, None, bool(is_whole), has_paths=True))
