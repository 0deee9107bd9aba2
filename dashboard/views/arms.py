"""Arm against arm: two of them paired by problem, at equal compute, and all of them against one."""

from collections.abc import Callable

import streamlit as st

from dashboard import data
from dashboard.address import Page, href
from dashboard.escaping import in_markdown
from dashboard.views import answers, arms_against, arms_at_budget, arms_by_problem
from db.queries import ExperimentDetail
from results import Comparison, comparisons
from results.comparisons import COMPARISONS
from results.wording import points, points_interval
from scaling.statistics.comparisons import PairedDifference, p_shown

PARTS: dict[str, Callable[[ExperimentDetail, Comparison], None]] = {
    "problem by problem": arms_by_problem.part,
    "at equal compute": arms_at_budget.part,
    "all against the first": arms_against.part,
    "what is worth comparing": arms_against.worthwhile,
}


def view(detail: ExperimentDetail) -> None:
    labels = [arm.label for arm in detail.arms]
    if len(labels) < 2:
        st.info("There is only one arm: nothing to compare it with.")
        return
    left, right = st.columns(2)
    first = left.selectbox("First arm", labels, index=0, key="from", bind="query-params")
    second = right.selectbox("Second arm", labels, index=len(labels) - 1, key="to", bind="query-params")
    (comparison,) = data.answer(COMPARISONS, detail, first=str(first), second=str(second))
    if comparison.result.common_problems:
        _difference(comparison.result)
    else:
        st.info("The two arms have no problem in common that both have a result for.")
    _sides(detail, comparison)
    part = st.segmented_control(
        "Part", list(PARTS), default=next(iter(PARTS)), required=True, key="part", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    PARTS[str(part)](detail, comparison)


def _difference(result: PairedDifference) -> None:
    cells = {
        "difference in accuracy": f"{points(result.difference)} points",
        "95 % interval": points_interval(result.difference),
        "p": p_shown(result.p_value),
        "problems in common": f"{result.common_problems:,}",
        "better : worse": f"{result.second_better:,} : {result.first_better:,}",
    }
    for column, (name, value) in zip(st.columns(len(cells)), cells.items(), strict=True):
        column.metric(name, value)
    st.caption(
        f"Second minus first, problem by problem. p is two-sided ({result.test}). Better and worse count the "
        "problems on which the two differ."
    )
    if result.warning is not None:
        st.warning(in_markdown(result.warning), icon=":material/balance:")


def _sides(detail: ExperimentDetail, comparison: Comparison) -> None:
    """A row opens the arm's traces."""
    table = comparisons.sides_table([comparison])
    doors = [href(Page.TRACES, experiment=detail.id, arm=each.arm.label) for each in table.rows]
    answers.show("sides", table, doors)
