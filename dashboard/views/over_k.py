"""Of k candidates: what any k of each arm's candidates would have given, by vote, by score, or if one may pick."""

import streamlit as st

from dashboard import data
from dashboard.charts.curve import curves_of
from dashboard.charts.palette import Looks
from dashboard.charts.scaling import Axes, accuracy_figure
from dashboard.copying import Asked
from dashboard.views.answers import typographic
from dashboard.views.plots import Plot, show
from dashboard.views.scaling import WORDS, number_of_problems
from db.queries import ExperimentDetail
from results import Metric
from results.measured.over_k import SCORED
from results.points import OVER_K, TIES
from scaling.answers.voting import Aggregate

MOST_ANEW = 25_000
"""Candidates whose scores a page puts together anew. It takes seconds, at each refresh while jobs end."""
AGGREGATES: dict[str, Aggregate | None] = {
    "as the arm chose": None, "last": "last", "min": "min", "product": "product", "mean": "mean",
}  # fmt: skip
AXES = Axes("k, of the candidates of a job", "candidates", "share of problems")


def view(detail: ExperimentDetail) -> None:
    num_scored = data.num_scored_candidates(data.Revision.of(detail.summary))
    metrics, how = _options(detail, num_scored)
    asked = Asked(OVER_K, detail, {"aggregate": how, "metrics": metrics})
    found = asked.answer()
    if not found.points:
        st.info("No arm’s finished jobs have several candidates of this kind.", icon=":material/hourglass_empty:")
        return
    figure = accuracy_figure(curves_of(found.points), AXES, Looks.of(detail.arms))
    show(detail, Plot("over-k", figure, lambda: OVER_K.table(found).csv, asked=[asked]))
    said = "; ".join(WORDS[metric] for metric in metrics)
    st.caption(
        f"{number_of_problems(found.points)} Means over all subsets of k candidates, exact or to a tenth of a point: "
        f"{said}. 95 % intervals over problems. Fewer candidates of a search, or of a vote that stops early, are not "
        f"what a smaller one would have made. {typographic(TIES) if Metric.MAJ in metrics else ''}"
        + (_on_the_terminal(detail, num_scored) if num_scored > MOST_ANEW else "")
    )


def _on_the_terminal(detail: ExperimentDetail, num_scored: int) -> str:
    return (
        f" Scores are as the arm put them together: to do that otherwise takes a while for {num_scored:,} candidates; "
        f"type `overthink results {detail.id} --metric weighted-best-of-k --aggregate min`."
    )


def _options(detail: ExperimentDetail, num_scored: int) -> tuple[tuple[Metric, ...], Aggregate | None]:
    is_scored = any(arm.verifier is not None for arm in detail.arms)
    offered = [metric for metric in WORDS if is_scored or metric not in SCORED]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        chosen = st.pills(
            "Of k candidates", offered, selection_mode="multi", default=offered, key="metrics", bind="query-params",
            format_func=lambda each: each.value, label_visibility="collapsed",
        )  # fmt: skip
        aggregate = "as the arm chose"
        if 0 < num_scored <= MOST_ANEW and set(chosen) & set(SCORED):
            aggregate = st.selectbox(
                "A candidate’s score, from those of its steps", list(AGGREGATES), key="aggregate",
                bind="query-params", width=330,
            )  # fmt: skip
    return tuple(map(Metric, chosen)), AGGREGATES[aggregate]
