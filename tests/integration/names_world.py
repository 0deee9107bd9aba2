"""Experiments in which everything that a person or a program may name is named as badly as can be."""

from dataclasses import replace

from sqlalchemy import Engine

from db import transitions
from db.records import NewExperiment, NewWorker
from tests.integration.dashboard_world import (
    ARMS,
    JUDGE,
    MODEL,
    SERVED,
    SPEC,
    SPENT,
    claimed,
    cut,
    ladder,
    ladder_trace,
    vote,
    waiting,
)

NAME = (
    ":material/skull: **bold** _it_ `code` <b>tag</b> &amp; https://evil.example www.evil.example a@evil.example "
    "[l](https://evil.example) :red[rose] :smile: $x^2$ ~~no~~ -> 1. # | :streamlit:"
)
"""Streamlit's Markdown makes an icon, links, an emoji, colours, formulas and an arrow of this, and Plotly bold text."""

PLANS = tuple(
    replace(plan, label=f"{NAME} {plan.label}")
    for plan in (ARMS[0], cut(16, 0.3), cut(32, 0.5), waiting(2, 0.8), vote(8, 0.7))
)


def populate(engine: Engine) -> dict[str, int]:
    """The ids of the experiments by what they are, and those of a job that succeeded and of one that failed."""
    transitions.announce_model(engine, SERVED)
    transitions.announce_verifier(engine, JUDGE)
    transitions.announce_worker(engine, NewWorker(NAME, NAME, 4242, (MODEL,), 64, (JUDGE.name,)))
    experiment = created(engine, NAME)
    problems = [replace(each, id=f"{NAME} {number}", level=NAME) for number, each in enumerate(ladder(6))]
    transitions.store_expansion(
        engine, experiment, [each.new for each in PLANS], problems, 1, "f00d" * 16, {MODEL: SERVED}
    )
    failed = claimed(engine)
    transitions.fail_attempt(engine, failed.lease, NAME, SPENT, retryable=False)
    by_label = {plan.label: plan for plan in PLANS}
    while job := transitions.claim(engine, MODEL, NAME):
        succeeded = job.job_id
        usual = replace(job, problem=replace(job.problem, level="3"))
        transitions.succeed(engine, job.lease, *ladder_trace(usual, by_label[job.arm_label]), wall_seconds=0.7)
    transitions.close_finished_experiments(engine)
    unread = created(engine, f"{NAME} unread")
    transitions.fail_expansion(engine, unread, NAME)
    return {"named": experiment, "unread": unread, "failed job": failed.job_id, "job": succeeded}


def created(engine: Engine, name: str) -> int:
    spec = {**SPEC, "name": name, "tags": [NAME], "notes": NAME}
    new = NewExperiment(name, NAME, spec, f"digest {len(name)}", None, 0, (NAME,), NAME)  # type: ignore[arg-type]
    experiment = transitions.create_experiment(engine, new).id
    transitions.begin_expansion(engine, experiment)
    return experiment
