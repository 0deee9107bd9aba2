"""One job opened: the question, what came of it, and the reasoning step by step, what was forced plainly marked."""

import math
from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from dashboard import data, notes
from dashboard import page as frame
from dashboard.address import Page, here, href, of_list
from dashboard.charts.palette import VERDICT_SIGNS
from dashboard.escaping import in_markdown
from dashboard.trace.candidates import followed_leaf
from dashboard.trace.choice import ROWS_PER_PAGE, kept, read_choice
from dashboard.trace.text import (
    STEPS_PER_PAGE,
    Fact,
    branch,
    facts_html,
    growing_html,
    is_cut,
    known,
    steps_html,
    text_html,
    tokens,
)
from dashboard.trace.tree import is_branching
from dashboard.trace.tree_widgets import tree_section
from dashboard.ways import link
from db.queries import ExperimentDetail, GrowingStep, StoredTrace, TraceDetail
from db.status import AttemptOutcome, JobStatus
from results.wording import duration, moment
from scaling.types import Path, total_if_known

REPAIRED = (
    "Some characters of this trace (NUL, half a surrogate pair) cannot be stored and are shown as "
    "\N{REPLACEMENT CHARACTER}. The token ids are the truth."
)


def main() -> None:
    job = data.trace(frame.required_number("job", "job"))
    experiment = data.experiment(job.experiment_id)
    _walk(job, experiment)
    st.caption(
        f"{in_markdown(job.arm.label)} · {in_markdown(job.arm.model)} · experiment "
        + in_markdown(experiment.summary.name)
        + (f" · repeat {job.repeat}" if job.repeat else "")
        + (f" · level {in_markdown(job.problem.level)}" if job.problem.level else "")
    )
    st.html(text_html(job.problem.question, is_whole=False, css_class="ot-plain ot-question"))
    if job.trace is None:
        _without_trace(job)
    else:
        st.html(facts_html(_result_facts(job, job.trace)))
        st.html(facts_html(_count_facts(job.trace)))
        if job.trace.is_text_repaired:
            st.info(REPAIRED, icon=":material/healing:")
        _reasoning(job, job.trace)
    st.subheader("Notes", anchor=False)
    notes.of_trace(job.experiment_id, job.job_id)
    _attempts(job)


def _walk(job: TraceDetail, experiment: ExperimentDetail) -> None:
    """Back to the list, and to the neighbours in it: the same filter and order, from the address."""
    parameters = kept(of_list(st.query_params.to_dict()))
    choice = read_choice(job.experiment_id, parameters, experiment.arms)
    around = data.neighbours(job.experiment_id, job.job_id, choice.matching, choice.order)
    page = 1 + ((around.position or 1) - 1) // ROWS_PER_PAGE
    listed = href(Page.TRACES, experiment=job.experiment_id, **parameters, page=page if page > 1 else None)
    frame.breadcrumbs(job.problem.id, frame.to_experiment(experiment.summary), ("Traces", listed))
    with st.container(horizontal=True, vertical_alignment="center"):
        link("‹ Previous", _neighbour(around.previous), key="k", says="previous trace", replaces=True)
        link("Next ›", _neighbour(around.next), key="j", says="next trace", replaces=True)
        if around.position is not None:
            filtered = " that match the filter" if set(parameters) - {"order"} else ""
            st.caption(f"{around.position:,} of {around.total:,} jobs{filtered}")
        else:
            st.caption("not among the jobs that match the filter")


def _neighbour(job_id: int | None) -> str | None:
    """Another trace of the list, read in the same way."""
    return None if job_id is None else here(Page.TRACE, job=job_id, follow=None, steps=None, step=None)


def _without_trace(job: TraceDetail) -> None:
    if job.status in (JobStatus.QUEUED, JobStatus.RUNNING):
        st.fragment(_not_ended, run_every=frame.REFRESH_S)(job)
    else:
        said = {
            JobStatus.FAILED: "This job failed and has no trace. It is not in the accuracy.",
            JobStatus.CANCELLED: "This job was cancelled before it ended.",
            JobStatus.SUCCEEDED: "This job's trace is missing.",
        }[job.status]
        show = st.error if job.status is JobStatus.FAILED else st.info
        show(said)
        if job.error:
            frame.literal(job.error)
    st.html(facts_html([Fact("reference", job.problem.answer)]))


def _not_ended(job: TraceDetail) -> None:
    """Why it waits, or that it is being run; the page runs again when that changes."""
    with frame.outages_explained():
        if data.trace(job.job_id).status is not job.status:
            st.rerun()
        stalled = data.waiting().get(job.experiment_id) if job.status is JobStatus.RUNNING else None
        reason = stalled if stalled and stalled.is_trouble else data.waiting_of_job(job.job_id)
        if job.status is JobStatus.RUNNING:
            st.info("This job is being run: its trace is stored when it ends.", icon=":material/play_arrow:")
        if reason:
            frame.why(reason)
        _so_far(data.growing_steps(job.job_id))


def _so_far(steps: Sequence[GrowingStep]) -> None:
    """What was generated until now, a second ago: of long trees the steps that were begun last."""
    if not steps:
        return
    count = total_if_known(step.generated_tokens for step in steps)
    shown = steps[-STEPS_PER_PAGE:]
    of_all = "" if len(shown) == len(steps) else f", the last {len(shown):,} shown"
    st.caption(f"So far {tokens(count)} in {len(steps):,} step{'' if len(steps) == 1 else 's'}{of_all}")
    st.html(growing_html(shown))


def _result_facts(job: TraceDetail, trace: StoredTrace) -> list[Fact]:
    verdict = trace.verdict
    decided = "verdict, decided by a draw" if trace.is_tie else "verdict"
    return [
        Fact(
            decided,
            f"{VERDICT_SIGNS[verdict]} {trace.chosen_candidate.verdict_text}",
            verdict.value,
        ),
        Fact("answer", "none could be read" if trace.answer is None else trace.answer),
        Fact("reference", job.problem.answer),
        Fact("took, from claim to end", _took(trace.wall_seconds)),
    ]


def _took(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds < 60 else duration(seconds)


def _count_facts(trace: StoredTrace) -> list[Fact]:
    """The engine's own counts, over all chains."""
    counts = trace.counts
    return [
        Fact("thinking tokens, forced included", known(counts.thinking_tokens)),
        Fact("forced tokens, openers included", f"{counts.forced_tokens:,}", "forced" if counts.forced_tokens else ""),
        Fact("answer tokens", known(counts.answer_tokens)),
        Fact("generated tokens", known(counts.generated_tokens)),
        Fact("prompt tokens, all requests", known(counts.prompt_tokens)),
        Fact("of them cached", known(counts.cached_tokens)),
        *([Fact("verifier tokens", known(counts.verifier_tokens))] if counts.verifier_tokens != 0 else []),
        Fact("seconds at servers", f"{counts.seconds + counts.verifier_seconds:.2f}"),
        Fact("of them in the generator's queue", _seconds_told(counts.queue_seconds)),
        Fact("seconds in our gate", _seconds_told(counts.gate_seconds)),
        Fact("seconds of failed tries", _seconds_told(counts.retry_seconds)),
    ]


def _seconds_told(seconds: float | None) -> str:
    return "not told" if seconds is None else f"{seconds:.2f}"


def _reasoning(job: TraceDetail, trace: StoredTrace) -> None:
    if is_branching(trace.nodes):
        tree_section(job, trace)
    leaf = followed_leaf(trace)
    paths = tuple(node.path for node in trace.nodes) if leaf is None else branch(leaf)
    head = st.container(horizontal=True, vertical_alignment="bottom")
    page = data.steps(job, _page_of(paths))
    with head:
        st.subheader("Step by step", anchor=False, width="stretch")
        is_whole = is_cut(page) and st.toggle("Show all of long texts", key="whole", bind="query-params")
        has_ids = st.toggle("Token ids", key="ids", bind="query-params")
    ids = {each.path: each for each in data.trace_ids(job.job_id, job.stored_by)} if has_ids else None
    st.html(steps_html(page, ids, bool(is_whole), has_paths=leaf is None))
    st.download_button(
        "This text as a file", partial(data.trace_text, job.job_id, paths), f"trace-{job.job_id}.txt", "text/plain",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def _page_of(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """A trace of thousands of steps comes in pages."""
    pages = math.ceil(len(paths) / STEPS_PER_PAGE)
    page = st.pagination(pages, key="steps", bind="query-params") if pages > 1 else 1
    start = (min(page, max(pages, 1)) - 1) * STEPS_PER_PAGE
    return paths[start : start + STEPS_PER_PAGE]


def _attempts(job: TraceDetail) -> None:
    if not job.attempts:
        return
    others = [each for each in job.attempts if each.outcome is not AttemptOutcome.SUCCEEDED]
    title = f"{len(job.attempts)} attempts" if len(job.attempts) > 1 else "1 attempt"
    with st.expander(title, expanded=bool(others), icon=":material/history:"):
        rows = [
            {
                "attempt": each.attempt,
                "outcome": each.outcome.value,
                "worker": each.worker,
                "started": moment(each.started_at),
                "ended": moment(each.ended_at),
                "generated tokens": each.spent.generated_tokens,
                "requests of unknown cost": None if each.unknown is None else each.unknown.all_requests,
                "their tokens, at most": None if each.unknown is None else each.unknown.all_tokens,
                "error": each.error,
            }
            for each in job.attempts
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True, placeholder="–")


main()
