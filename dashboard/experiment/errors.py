"""What went wrong, kind by kind: jobs that failed, with the button that runs those again, and all that is no failure
and is said as what it is."""

from collections.abc import Iterator, Mapping
from functools import partial
from hashlib import sha256

import streamlit as st

from dashboard import data
from dashboard import page as frame
from dashboard.address import Page, href
from dashboard.escaping import in_html
from dashboard.experiment.steering import confirmed
from dashboard.ways import link, link_html
from db.queries import ExperimentDetail, Failures
from db.status import ExperimentStatus
from results import ArmResult, arm_names
from results.arms import ARMS
from scaling.types import Verdict
from worker import submit

MOST_KINDS = 20
MOST_ARMS = 4
NONE = "No job failed."


def errors(experiment_id: int) -> None:
    """A fragment: it refreshes itself while the experiment is open."""
    with frame.panel():
        detail = data.experiment(experiment_id)
        kinds = data.failures(experiment_id)
        names = arm_names(detail.arms)
        for kind in kinds[:MOST_KINDS]:
            _kind(detail, kind, names)
        if not kinds:
            st.caption(NONE)
        elif len(kinds) > MOST_KINDS:
            st.caption(f"{len(kinds) - MOST_KINDS:,} rarer kinds of error are not shown.")
        if besides := list(_no_failures(detail)):
            st.html(f'<ul class="ot-besides">{"".join(f"<li>{each}</li>" for each in besides)}</ul>')


def _kind(detail: ExperimentDetail, kind: Failures, names: Mapping[str, str]) -> None:
    mark = sha256(kind.signature.encode()).hexdigest()[:12]
    with st.container(border=True, key=f"ot-failed-{mark}"):
        st.html(_kind_html(kind, names))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            link("open one", href(Page.TRACE, job=kind.example_job))
            link("open these", href(Page.TRACES, experiment=detail.id, error=kind.signature))
            if detail.summary.status not in (ExperimentStatus.SUCCEEDED, ExperimentStatus.FAILED):
                again = partial(submit.retry_failures, signature=kind.signature)
                said = f"{_jobs(kind.jobs)} that failed in this way {'is' if kind.jobs == 1 else 'are'} queued again."
                confirmed(detail.id, "Retry these", ":material/replay:", said, again, mark)


def _kind_html(kind: Failures, names: Mapping[str, str]) -> str:
    arms = [names.get(each, each) for each in kind.arms[:MOST_ARMS]]
    more = [f"{len(kind.arms) - MOST_ARMS} more"] if len(kind.arms) > MOST_ARMS else []
    where = in_html(", ".join([*arms, *more]))
    return (
        f'<p class="ot-error-count"><b>{_jobs(kind.jobs)}</b> <span class="ot-quiet" dir="auto">{where}</span></p>'
        f'<div class="ot-text ot-error-text" dir="auto">{in_html(kind.example)}</div>'
    )


def _jobs(count: int) -> str:
    return "1 job" if count == 1 else f"{count:,} jobs"


def _no_failures(detail: ExperimentDetail) -> Iterator[str]:
    """In HTML: what is no failed job, each with the way to its traces where it has some."""
    arms = data.answer(ARMS, detail) if detail.arms else ()
    lost = data.progress(detail.id).lost_attempts
    if lost:
        yield f"{lost:,} lost attempts: their worker went silent, and their jobs were run again. Nothing is missing."
    if cancelled := detail.summary.jobs.cancelled:
        yield f"{_jobs(cancelled)} cancelled: not run, and in no number. {_traces(detail, 'job_status', 'cancelled')}"
    if unread := sum(arm.unparsed for arm in arms):
        why = f" ({in_html(_reasons(arms))})" if _reasons(arms) else ""
        traces = _traces(detail, "verdict", Verdict.UNPARSED.value)
        yield f"{unread:,} answers that nobody could read{why}: they count as not correct. {traces}"
    if cut := sum(arm.truncated for arm in arms):
        traces = _traces(detail, "verdict", Verdict.TRUNCATED.value)
        yield f"{cut:,} answers cut by their limit: they count as not correct. {traces}"
    if unscored := sum(arm.unscored or 0 for arm in arms):
        yield f"{unscored:,} candidates that no verifier could score: they had no say."


def _traces(detail: ExperimentDetail, name: str, value: str) -> str:
    parameters: dict[str, str | int] = {"experiment": detail.id, name: value}
    return link_html("open", href(Page.TRACES, **parameters))


def _reasons(arms: tuple[ArmResult, ...]) -> str:
    """`nothing 3, abstained 1`."""
    counts: dict[str, int] = {}
    for arm in arms:
        for reason, count in arm.unread.items():
            counts[reason.label] = counts.get(reason.label, 0) + count
    return ", ".join(
        f"{label} {count:,}" for label, count in sorted(counts.items(), key=lambda each: -each[1]) if count
    )
