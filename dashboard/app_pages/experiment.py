"""One experiment: how far it is, what it found, and what it is made of. Steering asks before it acts."""

import streamlit as st
from pydantic import JsonValue

from dashboard import data, notes, ways
from dashboard import page as frame
from dashboard.compare.chosen import once_on_the_experiments_page
from dashboard.escaping import in_markdown, message, tags_html
from dashboard.views.results_section import results_section
from dashboard.views.steering import actions
from db.queries import ExperimentDetail, ExperimentSummary, JobCounts, Progress, swaps, told
from db.status import ExperimentStatus
from results.progress.left import left, left_words
from results.wording import duration, moment
from scaling.spec import yaml12

RESULTS_REFRESH_S = 4.0
NUM_CELLS = 6
ONCE_HERE = "arm against arm"
"""A view that has a page of its own now."""


def main() -> None:
    experiment_id = frame.required_number("id", "experiment")
    detail = data.experiment(experiment_id)
    if st.query_params.get("view") == ONCE_HERE:
        labels = [arm.label for arm in detail.arms]
        ways.go(once_on_the_experiments_page(experiment_id, labels, st.query_params.to_dict()))
    summary = detail.summary
    is_open = not summary.status.is_closed
    frame.breadcrumbs(summary.name)
    st.fragment(_header, run_every=frame.REFRESH_S if is_open else None)(experiment_id)
    if detail.arms:
        st.fragment(results_section, run_every=RESULTS_REFRESH_S if is_open else None)(experiment_id)
    _made_of(detail)


def _header(experiment_id: int) -> None:
    with frame.outages_explained():
        summary = data.experiment(experiment_id).summary
        progress = data.progress(experiment_id)
        _facts(summary)
        if summary.error:
            st.error(in_markdown(summary.error), icon=":material/error:")
        with st.container():
            if reason := data.waiting().get(experiment_id):
                frame.why(reason)
        with st.container():
            if progress.jobs.total:
                _numbers(summary, progress)
        _when_it_changed(summary)


def _when_it_changed(summary: ExperimentSummary) -> None:
    """A fragment cannot change how often it refreshes, nor the buttons outside it: then the whole page runs again."""
    key = f"status of {summary.id}"
    before = st.session_state.get(key, summary.status)
    st.session_state[key] = summary.status
    if before is not summary.status:
        st.rerun()


def _facts(summary: ExperimentSummary) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        frame.status_badge(summary.status)
        if summary.tags:
            st.html(tags_html(summary.tags), width="content")
        run = f" · run {summary.run + 1}" if summary.run else ""
        st.caption(f"#{summary.id}{run} · {in_markdown(summary.owner)} · {moment(summary.created_at)}")
        actions(summary)


def _numbers(summary: ExperimentSummary, progress: Progress) -> None:
    """As many cells in every status: one too many would stand there until the page has run again."""
    jobs = progress.jobs
    st.progress(jobs.done / jobs.total, text=_how_far(jobs))
    cells = {
        "succeeded": f"{jobs.succeeded:,}",
        "failed": f"{jobs.failed:,}",
        "cancelled": f"{jobs.cancelled:,}",
        "lost attempts": f"{progress.lost_attempts:,}",
        **_timing(summary, progress),
    }
    for column, (name, value) in zip(st.columns(NUM_CELLS), cells.items(), strict=False):
        column.metric(name, value)


def _how_far(jobs: JobCounts) -> str:
    """Cancelled jobs are not done: they are named beside those that are."""
    others = {"cancelled": jobs.cancelled, "running": jobs.running}
    return ", ".join(
        [
            f"{jobs.done:,} of {jobs.total:,} jobs done",
            *(f"{count:,} {name}" for name, count in others.items() if count),
        ]
    )


def _timing(summary: ExperimentSummary, progress: Progress) -> dict[str, str]:
    """What is left at the rate of the last minute, where jobs are given out; else how long its jobs were run."""
    if summary.status is ExperimentStatus.RUNNING:
        rate = progress.generated_tokens_per_s
        return {
            "time left": left_words(left(progress)),
            "tokens/s": f"{rate:,.0f}" if rate else "–",
        }
    worked_s = data.worked_s(summary.id, summary.finished_at)
    name = "took" if summary.status.is_closed else "ran for"
    return {name: "–" if worked_s is None else duration(worked_s)}


def _made_of(detail: ExperimentDetail) -> None:
    if detail.summary.notes:
        st.subheader("Notes", anchor=False)
        frame.literal(detail.summary.notes)
    said = data.annotations(detail.id)
    with st.expander(f"Notes ({len(said)})", expanded=bool(said), icon=":material/edit_note:"):
        notes.of_experiment(detail.id)
    with st.expander("Spec, models and digests", icon=":material/description:"):
        st.code(detail.spec_yaml or yaml12.dump(detail.spec), language="yaml")
        if detail.models:
            st.caption("The models, as they were known when the jobs were laid out:")
            st.code(yaml12.dump(detail.models), language="yaml")
        _provenance(detail)
        of_data = detail.summary.data_set_digest or "none yet"
        st.caption(f"Digest of the spec `{detail.summary.digest}`, of the data set `{of_data}`.")


def _provenance(detail: ExperimentDetail) -> None:
    """Code, graders, seeds and servers, with words where nothing was told."""
    states = data.made_by(data.Revision.of(detail.summary))
    for swap in swaps(states):
        st.warning(message(swap), icon=":material/swap_horiz:")
    st.caption("Code, graders and seeds when the jobs were laid out, and what their attempts were made by:")
    made: list[JsonValue] = [{"attempts": state.attempts, **state.facts} for state in states]
    st.code(yaml12.dump(told({"expansion": detail.provenance, "attempts": made})), language="yaml")


main()
