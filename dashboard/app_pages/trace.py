"""One job opened: a line of what came of it, its text with what was forced plainly marked, and the inspector."""

import streamlit as st

from dashboard import data
from dashboard import page as frame
from dashboard.address import Page, here, href, of_list
from dashboard.compare.chosen import with_its_twin
from dashboard.trace import inspector
from dashboard.trace.choice import ROWS_PER_PAGE, kept, read_choice
from dashboard.trace.line import Ways, line_html
from dashboard.trace.opened import Opened, opened
from dashboard.trace.reading import growing_reader, trace_reader
from dashboard.ways import link, link_html
from db.queries import AskedJob, ExperimentDetail, Neighbours, TraceDetail
from db.status import JobStatus
from results import arm_names

SAID = {
    JobStatus.FAILED: "This job failed and has no trace. It is not in the accuracy.",
    JobStatus.CANCELLED: "This job was cancelled before it ended.",
    JobStatus.SUCCEEDED: "This job's trace is missing.",
}


def main() -> None:
    job = data.trace(frame.required_number("job", "job"))
    st.set_page_config(page_title=f"{job.problem.id} · Overthink")
    _line(job)
    experiment = data.experiment(job.experiment_id).summary
    panes = st.container(key="trace-panes")
    reading, beside = panes.columns([12, 5], gap="medium")
    with reading:
        found = _reading(job)
    with beside, st.container(key="trace-inspector"):
        if found is None:
            inspector.without_trace(job, experiment)
        else:
            inspector.inspector(found, experiment)


def _reading(job: TraceDetail) -> Opened | None:
    """None: there is no trace."""
    if job.trace is not None:
        found = opened(job, job.trace, st.query_params.to_dict())
        trace_reader(found)
        return found
    if job.status in (JobStatus.QUEUED, JobStatus.RUNNING):
        st.fragment(_not_ended, run_every=frame.REFRESH_S)(job)
    else:
        show = st.error if job.status is JobStatus.FAILED else st.info
        show(SAID[job.status])
        if job.error:
            frame.literal(job.error)
        frame.literal(job.problem.question, "ot-plain ot-question")
    return None


def _line(job: TraceDetail) -> None:
    """With the ways back to the list, and to the neighbours in it: the same filter and order, from the address."""
    detail = data.experiment(job.experiment_id)
    parameters = kept(of_list(st.query_params.to_dict()))
    choice = read_choice(job.experiment_id, parameters, detail.arms)
    around = data.neighbours(job.experiment_id, job.job_id, choice.matching, choice.order)
    before, behind = _other_arms(job)
    listed = ("Traces", _listed(job, parameters, around))
    above = (("Experiments", href(Page.EXPERIMENTS)), frame.to_experiment(detail.summary), listed)
    ways = Ways(
        crumbs=tuple(link_html(name, address) for name, address in above),
        problem=link_html(job.problem.id, href(Page.PROBLEM, problem_id=job.problem_id)),
        arm_before=_arm("‹", before, "[", "this problem under the arm before"),
        arm_behind=_arm("›", behind, "]", "this problem under the next arm"),
        previous=link_html("‹ Previous", _beside(around.previous), key="k", says="previous trace", replaces=True),
        following=link_html("Next ›", _beside(around.next), key="j", says="next trace", replaces=True),
        others=_others(job, detail),
    )
    name = arm_names(detail.arms).get(job.arm.label, job.arm.label)
    st.html(line_html(job, name, ways, around, is_filtered=bool(set(parameters) - {"order"})))


def _other_arms(job: TraceDetail) -> tuple[AskedJob | None, AskedJob | None]:
    """What was asked the same problem in the same repeat under the arms before and behind this one."""
    jobs = [each for each in data.problem(job.problem_id).at_home if each.repeat == job.repeat]
    at = next(number for number, each in enumerate(jobs) if each.job_id == job.job_id)
    return (jobs[at - 1] if at else None), (jobs[at + 1] if at + 1 < len(jobs) else None)


def _arm(sign: str, other: AskedJob | None, key: str, says: str) -> str:
    return link_html(sign, _beside(None if other is None else other.job_id), key=key, says=says, replaces=True)


def _others(job: TraceDetail, detail: ExperimentDetail) -> tuple[str, ...]:
    """Beside the same problem under the arm that it is worth comparing with."""
    beside = with_its_twin(job.experiment_id, detail.arms, job.arm, job.job_id) if job.trace else None
    return (link_html("Compare", beside, key="c", says="beside another arm’s trace"),) if beside else ()


def _listed(job: TraceDetail, parameters: dict[str, str], around: Neighbours) -> str:
    page = 1 + ((around.position or 1) - 1) // ROWS_PER_PAGE
    return href(Page.TRACES, experiment=job.experiment_id, **parameters, page=page if page > 1 else None)


def _beside(job_id: int | None) -> str | None:
    """Another trace of the list, read in the same way."""
    return None if job_id is None else here(Page.TRACE, job=job_id, follow=None, step=None)


def _not_ended(job: TraceDetail) -> None:
    """Why it waits, or that it is being run, and what it said so far; the page runs again when that changes."""
    with frame.panel():
        if data.trace(job.job_id).status is not job.status:
            st.rerun()
        stalled = data.waiting().get(job.experiment_id) if job.status is JobStatus.RUNNING else None
        reason = stalled if stalled and stalled.is_trouble else data.waiting_of_job(job.job_id)
        steps = data.growing_steps(job.job_id)
        if job.status is JobStatus.RUNNING and not steps:
            st.info("This job is being run: its trace is stored when it ends.", icon=":material/play_arrow:")
        if reason:
            frame.why(reason)
        if job.status is JobStatus.QUEUED:
            link("Its place in the queue", href(Page.QUEUE, place=job.job_id))
        growing_reader(job, steps)


main()
