"""Arm against arm: two of them, paired by problem."""

import streamlit as st

from dashboard import data
from db.queries import ExperimentDetail
from db.results import Comparison


def view(detail: ExperimentDetail) -> None:
    labels = [arm.label for arm in detail.arms]
    if len(labels) < 2:
        st.info("There is only one arm: nothing to compare it with.")
        return
    left, right = st.columns(2)
    first = left.selectbox("From", labels, index=0, key="from", bind="query-params")
    second = right.selectbox("to", labels, index=len(labels) - 1, key="to", bind="query-params")
    result = data.paired(data.Revision.of(detail.summary), str(first), str(second))
    if result.result.common_problems:
        difference(result)
    else:
        st.info("The two arms have no problem in common that both have a result for.")


def difference(comparison: Comparison) -> None:
    result = comparison.result
    estimate = result.difference
    cells = {
        "difference in accuracy": f"{100 * estimate.value:+.1f} points",
        "95 % interval": f"{100 * estimate.low:+.1f} to {100 * estimate.high:+.1f}",
        f"p ({result.test})": "–" if result.p_value is None else p_shown(result.p_value),
        "problems in common": f"{result.common_problems:,}",
        "better : worse": f"{result.second_better} : {result.first_better}",
    }
    for column, (name, value) in zip(st.columns(len(cells)), cells.items(), strict=True):
        column.metric(name, value)
    verdict = (
        "does not include 0" if result.excludes_zero else "includes 0: these problems cannot tell the two arms apart"
    )
    st.caption(
        f"Second minus first, problem by problem; the interval {verdict}. Better and worse count the problems on which "
        "the two differ."
    )


def p_shown(p_value: float) -> str:
    return "< 0.001" if p_value < 0.001 else f"{p_value:.3f}"
