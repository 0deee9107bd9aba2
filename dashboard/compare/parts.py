"""The ways to look at two arms, one at a time: problem by problem, at equal compute, and what they were told."""

from collections.abc import Callable, Mapping

import streamlit as st

from dashboard.address import Page, here
from dashboard.compare import at_budget, problems, side_by_side, specs
from dashboard.compare.chosen import Chosen
from dashboard.escaping import in_html
from results import Comparison


def _by_problem(chosen: Chosen, compared: Comparison) -> None:
    listed = problems.listing(chosen, compared)
    problems.cells(compared.agreement, listed.cell)
    left, right = st.columns([1, 4], gap="medium")
    with left:
        problems.problems(chosen, listed)
    with right:
        side_by_side.shown(chosen, (compared.first, compared.second), listed)


PARTS: Mapping[str, Callable[[Chosen, Comparison], None]] = {
    "problem by problem": _by_problem,
    "at equal compute": at_budget.part,
    "what they were told": specs.part,
}


def shown(chosen: Chosen, compared: Comparison) -> None:
    """The one that the address names, or the first."""
    said = st.query_params.get("part", "")
    current = said if said in PARTS else next(iter(PARTS))
    links = "".join(_link_html(name, is_current=name == current) for name in PARTS)
    st.html(f'<nav class="ot-parts-of" aria-label="What to look at">{links}</nav>')
    PARTS[current](chosen, compared)


def _link_html(name: str, *, is_current: bool) -> str:
    current = ' aria-current="true"' if is_current else ""
    return f'<a href="{in_html(here(Page.COMPARE, part=name))}"{current}>{in_html(name)}</a>'
