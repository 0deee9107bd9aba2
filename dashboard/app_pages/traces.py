"""The traces of an experiment: filtered, ordered and paged, all of it in the address. A row opens the trace."""

import math

import pandas as pd
import streamlit as st

from dashboard import data, frame
from dashboard.durations import duration
from dashboard.literal import in_markdown
from dashboard.palette import VERDICT_SIGNS
from dashboard.trace_choice import ORDER_NAMES, PARAMETERS, kept, read_choice
from db.queries import ExperimentDetail, TracePage, TraceSummary
from db.status import JobStatus
from scaling.types import Verdict

ROWS_PER_PAGE = 50
COLUMNS = {
    "problem": st.column_config.TextColumn("problem", width=110),
    "question": st.column_config.TextColumn("question", width=260),
    "level": st.column_config.TextColumn("level", width=45),
    "arm": st.column_config.TextColumn("arm", width=310),
    "repeat": st.column_config.NumberColumn("repeat", width=60),
    "verdict": st.column_config.TextColumn("verdict", width=100),
    "answer": st.column_config.TextColumn("answer", width=65),
    "reference": st.column_config.TextColumn("reference", width=75),
    "thinking": st.column_config.NumberColumn("thinking", help="tokens, forced included", format="localized", width=70),
    "forced": st.column_config.NumberColumn("forced", format="localized", width=60),
    "seconds": st.column_config.TextColumn("took", width=60),
    "error": st.column_config.TextColumn("error", width="medium"),
}


def main() -> None:
    detail = data.experiment(frame.required_number("experiment", "experiment"))
    st.page_link(
        frame.EXPERIMENT, label=in_markdown(detail.summary.name), icon=":material/arrow_back:",
        query_params={"id": str(detail.id)},
    )  # fmt: skip
    frame.page_title("Traces")
    if not detail.arms:
        st.info("No traces yet: the experiment has not been laid out into jobs.", icon=":material/hourglass_empty:")
        return
    filters(detail)
    st.fragment(listing, run_every=None if detail.summary.status.is_closed else 2 * frame.REFRESH_S)(detail)


def filters(detail: ExperimentDetail) -> None:
    """Widgets whose keys are the parameters of the address: `read_choice` reads them back."""
    levels = levels_of(detail)
    first = st.columns([4, 2, 2, 2])
    any_of(first[0], "Arm", "arm", [arm.label for arm in detail.arms])
    any_of(first[1], "Verdict", "verdict", [verdict.value for verdict in Verdict])
    any_of(first[2], "Job status", "job_status", [status.value for status in JobStatus])
    any_of(first[3], "Level", "level", levels)
    second = st.columns([4, 2, 2, 2])
    second[0].text_input(
        "Find in problem and question", key="question", bind="query-params", live=True, icon=":material/search:"
    )
    for column, name, key in ((second[1], "Thinking tokens, least", "least"), (second[2], "most", "most")):
        column.number_input(name, min_value=0, max_value=2**31 - 1, value=None, step=1, key=key, bind="query-params")
    second[3].selectbox("Order", list(ORDER_NAMES.values()), key="order", bind="query-params")


def any_of(where: st.delta_generator.DeltaGenerator, label: str, key: str, options: list[str]) -> None:
    where.selectbox(label, options, index=None, placeholder="any", key=key, bind="query-params")


def levels_of(detail: ExperimentDetail) -> list[str]:
    chosen = st.query_params.get("level")
    return sorted({*data.levels(detail.id), *([chosen] if chosen else [])})


def choice_parameters() -> dict[str, str]:
    """What the widgets say; they are bound to the address, which may lag behind them by a moment."""
    said = {name: st.session_state.get(name) for name in PARAMETERS}
    return {name: str(value) for name, value in said.items() if value not in (None, "")}


def listing(detail: ExperimentDetail) -> None:
    with frame.outages_explained():
        parameters = choice_parameters()
        choice = read_choice(detail.id, parameters, detail.arms)
        found = data.traces(detail.id, choice.matching, choice.order, ROWS_PER_PAGE, 0)
        if not found.total:
            st.info("No trace matches. Clear a filter to see more.", icon=":material/filter_alt_off:")
            return
        pages = math.ceil(found.total / ROWS_PER_PAGE)
        above = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
        above.caption(f"{found.total:,} jobs match. Click a row to open its trace.")
        page = above.pagination(pages, key="page", bind="query-params") if pages > 1 else 1
        offset = (min(page, pages) - 1) * ROWS_PER_PAGE
        table(detail, data.traces(detail.id, choice.matching, choice.order, ROWS_PER_PAGE, offset), parameters)


def table(detail: ExperimentDetail, found: TracePage, parameters: dict[str, str]) -> None:
    rows = pd.DataFrame([row(trace) for trace in found.traces])
    hidden = {name for name in ("error", "level", "repeat") if not rows[name].notna().any() or not rows[name].any()}
    event = st.dataframe(
        rows,
        column_config=COLUMNS,
        column_order=[name for name in rows.columns if name not in hidden],
        hide_index=True,
        height="content",
        on_select="rerun",
        selection_mode="single-cell",
        key="traces_table",
        placeholder="–",
    )
    if event.selection.cells:
        job_id = found.traces[event.selection.cells[0][0]].job_id
        frame.go_to(frame.TRACE, {"job": str(job_id), **kept(parameters)})


def row(trace: TraceSummary) -> dict[str, object]:
    return {
        "problem": trace.problem_key,
        "question": trace.question,
        "level": trace.level,
        "arm": trace.arm_label,
        "repeat": trace.repeat,
        "verdict": shown_verdict(trace),
        "answer": trace.answer,
        "reference": trace.reference,
        "thinking": trace.thinking_tokens,
        "forced": trace.forced_tokens,
        "seconds": None if trace.wall_seconds is None else seconds_shown(trace.wall_seconds),
        "error": trace.error,
    }


def shown_verdict(trace: TraceSummary) -> str:
    """The verdict; for a job without a trace, what it is instead."""
    if trace.verdict is None:
        return trace.status.value
    return f"{VERDICT_SIGNS[trace.verdict]} {trace.verdict.value}" + (" (tie)" if trace.is_tie else "")


def seconds_shown(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else duration(seconds)


main()
