"""One problem: what was asked, how hard it is, and all answers to it, by arm and in every experiment that asked it."""

from collections.abc import Mapping

import streamlit as st

from dashboard import data, linked_table
from dashboard import page as frame
from dashboard.address import Page, here, href, in_list
from dashboard.charts.palette import VERDICT_SIGNS
from dashboard.escaping import message
from dashboard.linked_table import Column, number
from dashboard.trace.counts import quiet_table, took
from dashboard.ways import link
from db.queries import AskedJob, ExperimentDetail, ProblemDetail
from results import arm_names
from results.measured.hardness import Hardness
from results.wording import percent

COLUMNS = {
    "arm": Column("arm"),
    "experiment": Column("experiment", widest="14rem"),
    "repeat": number("repeat"),
    "verdict": Column("verdict"),
    "answer": Column("answer", widest="14rem"),
    "candidates": number("candidates"),
    "thinking": number("thinking", "tokens, forced included"),
    "generated": number("generated", "tokens"),
    "took": Column("took", is_number=True),
}


def main() -> None:
    found = data.problem(frame.required_number("problem_id", "problem"))
    detail = data.experiment(found.experiment_id)
    listed = href(Page.TRACES, experiment=detail.id, problem=found.problem.id)
    frame.breadcrumbs(found.problem.id, frame.to_experiment(detail.summary), ("Traces", listed))
    _neighbours(found)
    asked, beside = st.columns([12, 5], gap="medium")
    with asked:
        frame.literal(found.problem.question, "ot-plain ot-question")
    with beside:
        st.html(quiet_table("Problem", _facts(found)))
        st.caption(message(hardness_words(data.hardness(detail, found.position), arm_names(detail.arms))))
    _answers(found, detail)


def _neighbours(found: ProblemDetail) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        link("‹ Previous", _beside(found.previous), key="k", says="previous problem", replaces=True)
        link("Next ›", _beside(found.next), key="j", says="next problem", replaces=True)
        st.caption(f"{found.position + 1:,} of {found.num_problems:,} problems")


def _beside(problem_id: int | None) -> str | None:
    return None if problem_id is None else here(Page.PROBLEM, problem_id=problem_id)


def _facts(found: ProblemDetail) -> dict[str, str]:
    problem = found.problem
    options = {chr(65 + place): option for place, option in enumerate(problem.options)}
    named = {"level": problem.level, "subject": problem.subject}
    known = {name: value for name, value in named.items() if value is not None}
    return {"expected": problem.answer, "grader": problem.grader.value, **known, **options}


def hardness_words(hardness: Hardness, names: Mapping[str, str]) -> str:
    if hardness.right is None:
        return "No arm has a result on it yet."
    arms = f"{hardness.arms} arm{'' if hardness.arms == 1 else 's'}"
    right = f"Right under {arms} {percent(hardness.right)} of the time."
    if hardness.bin is None:
        return right
    base = names.get(hardness.bin.base, hardness.bin.base)
    return f"{right} Bin {hardness.bin.number} of {hardness.bin.of}, from easy to hard, by the samples of {base}."


def _answers(found: ProblemDetail, detail: ExperimentDetail) -> None:
    """A row for each arm and repeat; those of other experiments stand below."""
    if not found.jobs:
        st.info("No job asks it.", icon=":material/hourglass_empty:")
        return
    names = {job.experiment_id: _names(job.experiment_id, detail) for job in found.jobs}
    rows = [_row(job, names[job.experiment_id]) for job in found.jobs]
    hidden = {"repeat"} if not any(row["repeat"] for row in rows) else set()
    hidden |= {"experiment"} if len(names) == 1 else set()
    shown = {name: column for name, column in COLUMNS.items() if name not in hidden}
    walk = in_list({"problem": found.problem.id})
    linked_table.show("asked", shown, rows, [href(Page.TRACE, job=job.job_id, **walk) for job in found.jobs])


def _names(experiment_id: int, detail: ExperimentDetail) -> Mapping[str, str]:
    """The short names of an experiment's arms."""
    arms = (detail if experiment_id == detail.id else data.experiment(experiment_id)).arms
    return arm_names(arms)


def _row(job: AskedJob, names: Mapping[str, str]) -> dict[str, object]:
    return {
        "arm": names.get(job.arm_label, job.arm_label),
        "experiment": f"{job.experiment} #{job.experiment_id}",
        "repeat": job.repeat,
        "verdict": _verdict(job),
        "answer": job.answer,
        "candidates": job.num_candidates,
        "thinking": job.thinking_tokens,
        "generated": job.generated_tokens,
        "took": None if job.wall_seconds is None else took(job.wall_seconds),
    }


def _verdict(job: AskedJob) -> str:
    """For a job without a trace, what it is instead."""
    if job.verdict is None:
        return job.status.value
    why = f": {job.unread.label}" if job.unread and job.unread.value != "cut" else ""
    return f"{VERDICT_SIGNS[job.verdict]} {job.verdict.value}{why}" + (" (tie)" if job.is_tie else "")


main()
