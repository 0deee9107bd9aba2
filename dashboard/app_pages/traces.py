"""The traces of an experiment: filtered, ordered and paged, all of it in the address. A row opens the trace."""

import math

import streamlit as st

from dashboard import data, linked_table
from dashboard import page as frame
from dashboard.address import LIST, Page, here, href, in_list
from dashboard.charts.palette import VERDICT_SIGNS
from dashboard.linked_table import Column, number
from dashboard.trace.choice import ORDER_NAMES, ROWS_PER_PAGE, kept, read_choice
from db.queries import ExperimentDetail, TraceOrder, TracePage, TraceSummary
from db.status import JobStatus
from results.wording import duration
from scaling.types import Verdict


def _ordered(order: TraceOrder) -> str:
    """The list from its first page, in another order."""
    return here(Page.TRACES, order=ORDER_NAMES[order], page=None)


COLUMNS = {
    "problem": Column("problem", order=_ordered(TraceOrder.PROBLEM), widest="12rem"),
    "question": Column("question", widest="20rem"),
    "level": Column("level", order=_ordered(TraceOrder.LEVEL), widest="6rem"),
    "arm": Column("arm", order=_ordered(TraceOrder.ARM)),
    "repeat": number("repeat"),
    "verdict": Column("verdict", order=_ordered(TraceOrder.VERDICT)),
    "answer": Column("answer", order=_ordered(TraceOrder.ANSWER), widest="9rem"),
    "reference": Column("reference", widest="9rem"),
    "thinking": Column(
        "thinking", "tokens, forced included", "{:,}".format, is_number=True, order=_ordered(TraceOrder.THINKING_TOKENS)
    ),
    "forced": Column("forced", "tokens", "{:,}".format, is_number=True, order=_ordered(TraceOrder.FORCED_TOKENS)),
    "seconds": Column("took", is_number=True, order=_ordered(TraceOrder.SLOWEST)),
    "error": Column("error"),
}


def main() -> None:
    detail = data.experiment(frame.required_number("experiment", "experiment"))
    frame.breadcrumbs("Traces", frame.to_experiment(detail.summary))
    if not detail.arms:
        st.info("No traces yet: the experiment has not been laid out into jobs.", icon=":material/hourglass_empty:")
        return
    _filters(detail)
    st.fragment(_listing, run_every=None if detail.summary.status.is_closed else 2 * frame.REFRESH_S)(detail)


def _filters(detail: ExperimentDetail) -> None:
    """Widgets whose keys are the parameters of the address: `read_choice` reads them back."""
    levels = _levels_of(detail)
    first = st.columns([4, 2, 2, 2])
    _any_of(first[0], "Arm", "arm", [arm.label for arm in detail.arms])
    _any_of(first[1], "Verdict", "verdict", [verdict.value for verdict in Verdict])
    _any_of(first[2], "Job status", "job_status", [status.value for status in JobStatus])
    _any_of(first[3], "Level", "level", levels)
    second = st.columns([4, 2, 2, 2])
    second[0].text_input(
        "Find in problem and question", key="question", bind="query-params", live=True, icon=":material/search:"
    )
    for column, name, key in ((second[1], "Thinking tokens, least", "least"), (second[2], "most", "most")):
        column.number_input(name, min_value=0, max_value=2**31 - 1, value=None, step=1, key=key, bind="query-params")
    second[3].selectbox("Order", list(ORDER_NAMES.values()), key="order", bind="query-params")
    if problem := st.session_state.get("problem") or st.query_params.get("problem"):
        _any_of(st.columns([4, 6])[0], "Problem", "problem", [problem])


def _any_of(where: st.delta_generator.DeltaGenerator, label: str, key: str, options: list[str]) -> None:
    where.selectbox(label, options, index=None, placeholder="any", key=key, bind="query-params")


def _levels_of(detail: ExperimentDetail) -> list[str]:
    chosen = st.query_params.get("level")
    return sorted({*data.levels(detail.id), *([chosen] if chosen else [])})


def _choice_parameters() -> dict[str, str]:
    """What the widgets say; they are bound to the address, which may lag behind them by a moment."""
    said = {name: st.session_state.get(name) for name in LIST}
    return {name: str(value) for name, value in said.items() if value not in (None, "")}


def _listing(detail: ExperimentDetail) -> None:
    with frame.outages_explained():
        parameters = _choice_parameters()
        choice = read_choice(detail.id, parameters, detail.arms)
        found = data.traces(detail.id, choice.matching, choice.order, ROWS_PER_PAGE, 0)
        if not found.total:
            st.info("No trace matches. Clear a filter to see more.", icon=":material/filter_alt_off:")
            return
        pages = math.ceil(found.total / ROWS_PER_PAGE)
        above = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
        above.caption(f"{found.total:,} jobs match.")
        page = above.pagination(pages, key="page", bind="query-params") if pages > 1 else 1
        offset = (min(page, pages) - 1) * ROWS_PER_PAGE
        _table(detail, data.traces(detail.id, choice.matching, choice.order, ROWS_PER_PAGE, offset), parameters)


def _table(detail: ExperimentDetail, found: TracePage, parameters: dict[str, str]) -> None:
    rows = [_row(trace) for trace in found.traces]
    hidden = {name for name in ("error", "level", "repeat") if not any(each[name] for each in rows)}
    shown = {name: column for name, column in COLUMNS.items() if name not in hidden}
    doors = [href(Page.TRACE, job=trace.job_id, **in_list(kept(parameters))) for trace in found.traces]
    linked_table.show("traces", shown, rows, doors)


def _row(trace: TraceSummary) -> dict[str, object]:
    return {
        "problem": trace.problem_key,
        "question": trace.question,
        "level": trace.level,
        "arm": trace.arm_label,
        "repeat": trace.repeat,
        "verdict": _shown_verdict(trace),
        "answer": trace.answer,
        "reference": trace.reference,
        "thinking": trace.thinking_tokens,
        "forced": trace.forced_tokens,
        "seconds": None if trace.wall_seconds is None else _seconds_shown(trace.wall_seconds),
        "error": trace.error,
    }


def _shown_verdict(trace: TraceSummary) -> str:
    """The verdict; for a job without a trace, what it is instead."""
    if trace.verdict is None:
        return trace.status.value
    return f"{VERDICT_SIGNS[trace.verdict]} {trace.verdict.value}" + (" (tie)" if trace.is_tie else "")


def _seconds_shown(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else duration(seconds)


main()
