"""What one scan found: arm by arm with its figure, and the traces that have a hit, each with what stands there."""

from collections.abc import Callable, Sequence

import plotly.graph_objects as go
import streamlit as st

from dashboard import copying, data, download
from dashboard.address import Page, here, href
from dashboard.charts.hits import Rows, correct_figure, hits_figure, log_probs_figure, numbers_figure
from dashboard.charts.palette import Looks
from dashboard.copying import Asked
from dashboard.escaping import in_markdown
from dashboard.trace.choice import scan_choice
from dashboard.traces.rows import MOST_SOUGHT
from dashboard.views import answers
from dashboard.views.plots import Plot, draw
from dashboard.ways import link
from db.queries import ExperimentDetail
from db.queries.scanning import Scan, TraceFinding
from results import arm_names
from results.findings.question import FINDINGS, Findings
from results.scans.question import ALL, SCANS, ArmHits, Hits

FIGURES: Sequence[tuple[Callable[[Rows, Looks, str], go.Figure], Callable[[ArmHits], bool]]] = (
    (hits_figure, lambda arm: arm.hit.value > 0),
    (log_probs_figure, lambda arm: arm.thinking_log_prob.n > 0),
    (numbers_figure, lambda arm: arm.value.n > 0 and arm.value != arm.hit and not arm.thinking_log_prob.n),
    (correct_figure, lambda arm: arm.correct_with.n > 0),
)
"""Each with which arms it says something about."""
NO_HIT = "No trace has a hit."


def found(detail: ExperimentDetail, scan: Scan) -> None:
    of_arms, of_traces = (Asked.of(question, detail, scan=str(scan.id)) for question in (SCANS, FINDINGS))
    table = of_arms.table
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Arm by arm", anchor=False)
        copying.menu("scan", f"experiment-{detail.id}-scan-{scan.id}", [of_arms])
        download.button("CSV", lambda: of_arms.table.csv, f"scan-{scan.id}.csv", key="scans.csv")
    _plots(detail, of_arms)
    answers.show("scans", table, [_door(scan, each, detail) for each in table.rows], names=arm_names(detail.arms))
    answers.notes(table)
    _traces(detail, scan, of_traces)


def _plots(detail: ExperimentDetail, asked: Asked) -> None:
    """Of several arms: what differs among them and can be said of them."""
    answer: Hits = asked.answer()
    by_label = {each.label: each for each in answer.arms}
    rows = [(arm, by_label[arm.label]) for arm in detail.arms if arm.label in by_label]
    if len(rows) < 2:
        return
    figures = [figure for figure, says_something in FIGURES if any(says_something(each) for _, each in rows)]
    for column, figure in zip(st.columns(max(1, len(figures)), gap="large"), figures, strict=False):
        drawn = figure(rows, Looks.of(detail.arms), scan_choice(answer.scan))
        with column:
            draw(detail, Plot(f"scan-{figure.__name__.removesuffix('_figure')}", drawn, lambda: asked.table.csv))


def _door(scan: Scan, row: ArmHits, detail: ExperimentDetail) -> str | None:
    arm = None if row.label == ALL else row.label
    return here(Page.SCANS, scan=scan.id, of_arm=arm)


def _to_hit(found: TraceFinding) -> str:
    """The trace, with the words of its first hit looked for there, and in those after it."""
    words = found.places[0].words[:MOST_SOUGHT] if found.places else None
    return href(Page.TRACE, job=found.job_id, seek=words)


def _traces(detail: ExperimentDetail, scan: Scan, asked: Asked) -> None:
    chosen = next((arm for arm in detail.arms if arm.label == st.query_params.get("of_arm")), None)
    arm_id, arm_label = (chosen.id, chosen.label) if chosen else (None, None)
    hits, names = data.hits(data.Revision.of(detail.summary), scan.id, arm_id), arm_names(detail.arms)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Traces with a hit" + (f" of {in_markdown(names[arm_label])}" if arm_label else ""), anchor=False)
        stem = f"experiment-{detail.id}-findings-{scan.id}"
        link("in the list of traces", href(Page.TRACES, experiment=detail.id, hit=scan_choice(scan), arm=arm_label))
        copying.menu("findings", stem, [asked])
        download.button("CSV", lambda: asked.table.csv, f"{stem}.csv", key="findings.csv")
    if not hits:
        st.caption(NO_HIT)
        return
    doors = [_to_hit(each) for each in hits]
    answers.show("findings", FINDINGS.table(Findings(scan, hits)), doors, widest={"words": "32rem"}, names=names)
    if len(hits) == data.MOST_HITS:
        st.caption(f"The first {data.MOST_HITS}; files have all.")
