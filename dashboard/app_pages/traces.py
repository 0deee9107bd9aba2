"""The traces of an experiment: filtered, counted, ordered and paged by the address, and the chosen one beside."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from dashboard import data, ways
from dashboard import page as frame
from dashboard.address import LIST, Page, here
from dashboard.data import Revision
from dashboard.trace.choice import ROWS_PER_PAGE, TraceChoice, read_choice
from dashboard.traces.counts import counts_html, counts_of
from dashboard.traces.filters import filters, folded_html, said
from dashboard.traces.pane import pane
from dashboard.traces.rows import rows_html
from dashboard.ways import link_html
from db.queries import ExperimentDetail, TraceCounts, TraceSummary
from db.search.terms import SearchError
from results import arm_names


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the list. `first` is the place of its first row, from 0."""

    counts: TraceCounts
    total: int
    first: int
    traces: tuple[TraceSummary, ...]
    before: TraceSummary | None
    """The last of the page before."""

    @property
    def chosen(self) -> TraceSummary | None:
        """The one that the address names; else the first."""
        named = st.query_params.get("row")
        return next((trace for trace in self.traces if str(trace.job_id) == named), next(iter(self.traces), None))


def main() -> None:
    detail = data.experiment(frame.required_number("experiment", "experiment"))
    frame.breadcrumbs("Traces", frame.to_experiment(detail.summary))
    if not detail.arms:
        st.info("No traces yet: the experiment has not been laid out into jobs.", icon=":material/hourglass_empty:")
        return
    filters(detail)
    with st.container(key="traces-panes"):
        left, right = st.columns([7, 13], gap="medium")
        with left:
            st.fragment(_list, run_every=None if detail.summary.status.is_closed else 2 * frame.REFRESH_S)(detail)
        with right, st.container(key="traces-pane"):
            _beside(detail)


def _list(detail: ExperimentDetail) -> None:
    with frame.panel():
        _draw(detail, said())


def _draw(detail: ExperimentDetail, parameters: Mapping[str, str]) -> None:
    found = _listed(detail, parameters)
    everything = found.counts.of()
    st.html(counts_html(counts_of(found.counts, parameters), everything) + folded_html(parameters))
    if not found.traces:
        st.info("No trace matches.", icon=":material/filter_alt_off:")
        if parameters:
            ways.link("Clear all filters", here(Page.TRACES, **dict.fromkeys(LIST), page=None, row=None))
        return
    st.html(_pages_html(found))
    chosen = found.chosen.job_id if found.chosen else None
    with st.container(key="traces-list"):
        st.html(rows_html(found.traces, arm_names(detail.arms), parameters, chosen, _turns(found)))
    ways.bring_into_view(".ot-trace-row[aria-current]", str(chosen))


def _beside(detail: ExperimentDetail) -> None:
    """A search that takes too long is explained by the list."""
    with frame.panel(), suppress(SearchError):
        parameters = said()
        if chosen := _listed(detail, parameters).chosen:
            pane(chosen, arm_names(detail.arms).get(chosen.arm_label, chosen.arm_label), parameters)


def _listed(detail: ExperimentDetail, parameters: Mapping[str, str]) -> Listed:
    """Raises SearchError."""
    choice = read_choice(detail.id, parameters, detail.arms)
    counts = data.trace_counts(Revision.of(detail.summary), choice.matching)
    total = counts.of(choice.matching.verdict, choice.matching.status)
    first = _first_row(total)
    rows = _rows(choice, first)
    before = rows[0] if first and rows else None
    return Listed(counts, total, first, rows[1:] if first else rows, before)


def _rows(choice: TraceChoice, first: int) -> tuple[TraceSummary, ...]:
    """Those of the page, and the one before it."""
    start = max(first - 1, 0)
    return data.trace_rows(choice.experiment_id, choice.matching, choice.order, ROWS_PER_PAGE + first - start, start)


def _first_row(total: int) -> int:
    pages = max(1, -(-total // ROWS_PER_PAGE))
    return (min(max(frame.number_in_url("page") or 1, 1), pages) - 1) * ROWS_PER_PAGE


def _turns(found: Listed) -> tuple[str | None, str | None]:
    """Before the first row and behind the last."""
    page = 1 + found.first // ROWS_PER_PAGE
    last = None if page == 2 else page - 1
    back = here(Page.TRACES, page=last, row=found.before.job_id) if found.before else None
    on = here(Page.TRACES, page=page + 1, row=None) if found.first + len(found.traces) < found.total else None
    return back, on


def _pages_html(found: Listed) -> str:
    page = 1 + found.first // ROWS_PER_PAGE
    end = found.first + len(found.traces)
    back = here(Page.TRACES, page=None if page == 2 else page - 1, row=None) if page > 1 else None
    on = here(Page.TRACES, page=page + 1, row=None) if end < found.total else None
    if back is None and on is None:
        return f'<div class="ot-pages">{found.total:,} listed</div>'
    where = f"{found.first + 1:,}–{end:,} of {found.total:,}"
    return f'<div class="ot-pages">{link_html("‹", back)}<span>{where}</span>{link_html("›", on)}</div>'


main()
