"""Experiments for tests of the database: small ones, made through the same transitions that the service uses."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from sqlalchemy import Engine, text

from db import queries, transitions
from db.queries.scanning import traces_to_scan, unscanned
from db.records import ClaimedJob, Grade, Lease, NewArm, NewExperiment, ServedModel
from db.status import ScanStatus
from db.transitions.scans import ClaimedScan, NewScan
from scaling.scanners import Rule
from scaling.scanners.id_chains import StepIds, StepLogProbs
from scaling.scanners.log_probs import LogProbs
from scaling.scanners.scanner import Finding, Scanner, scanned
from scaling.types import (
    Candidate,
    Counts,
    FinishReason,
    GraderName,
    Outcome,
    Phase,
    Problem,
    Step,
    StepKind,
    ThinkingFormat,
    Trace,
    Verdict,
)

MODEL = "tiny"
WORKER = "host:1:a"
VERIFIER = "judge"
SPEC = {"seed": 7, "sampling": {"temperature": 0.8, "max_answer_tokens": 16}, "prompt": {"instruction": "Think."}}
SERVED = ServedModel(MODEL, 2048, 680_000, ThinkingFormat(start="<think>"), "tiny-served")
DIGESTS = (f"digest-{number}" for number in count())


def new_experiment(
    name: str = "scene", owner: str = "ann", priority: int = 0, digest: str | None = None
) -> NewExperiment:
    """A submission; of a digest of its own unless one is given."""
    return NewExperiment(name, owner, SPEC, digest or next(DIGESTS), "name: scene", priority, ("demo",), "a note")


def new_arm(label: str = "plain", model: str = MODEL, verifier: str | None = None) -> NewArm:
    strategy = "chain_of_thought"
    return NewArm(label, model, strategy, {"max_thinking_tokens": 8}, {"strategy": strategy}, verifier)


def problems(number: int) -> list[Problem]:
    """p0, p1 ... : "0 + 1 = ?", with reference 1; levels alternate."""
    return [
        Problem(f"p{i}", f"{i} + 1 = ?", str(i + 1), GraderName.INTEGER, f"level {i % 2}", "sums")
        for i in range(number)
    ]


def running_experiment(
    engine: Engine,
    num_problems: int = 2,
    arms: Sequence[NewArm] = (new_arm(),),
    repeats: int = 1,
    new: NewExperiment | None = None,
) -> int:
    """The id of an experiment whose jobs may be claimed."""
    experiment_id = transitions.create_experiment(engine, new or new_experiment()).id
    transitions.begin_expansion(engine, experiment_id)
    transitions.store_expansion(
        engine, experiment_id, arms, problems(num_problems), repeats, "data-digest", {MODEL: SERVED}
    )
    return experiment_id


def claimed(engine: Engine, model: str = MODEL, worker: str = WORKER) -> ClaimedJob:
    """A job that must be there to claim."""
    job = transitions.claim(engine, model, worker, verifiers=[VERIFIER])
    assert job is not None
    return job


def spent(generated: int = 0) -> Counts:
    """10 prompt tokens, `generated` thinking tokens, one second."""
    return Counts(10, 4, generated, 0, 0, generated, 0, 0, 0, 0.0, 1.0)


def star(
    num_candidates: int = 1, verdict: Verdict = Verdict.CORRECT, answer_text: str = "7"
) -> tuple[Trace, list[Grade]]:
    """A prompt (0) with chains (0, i), each an answer (0, i, 0); the first candidate is chosen."""
    steps = [Step((0,), StepKind.PROMPT, Phase.PROMPT, (1, 2, 3), "0 + 1 = ?")]
    for i in range(num_candidates):
        steps += [
            Step((0, i), StepKind.THINK, Phase.THINKING, (5, 6), "so", (9,), 3, 0, 3, 1, 0.5, FinishReason.STOP),
            Step((0, i, 0), StepKind.FORCED, Phase.ANSWER, (4,), "</think>"),
            Step(
                (0, i, 0, 0), StepKind.ANSWER, Phase.ANSWER, (8,), answer_text, (), 6, 3, 1, 1, 0.25, FinishReason.STOP
            ),
        ]
    paths = [(0, i, 0, 0) for i in range(num_candidates)]
    candidates = tuple(Candidate(path, answer_text, answer_text, answer_text, False, 3, 5) for path in paths)
    grades = [Grade(path, "integer", "1", verdict) for path in paths]
    return Trace(tuple(steps), Outcome(candidates, chosen=0)), grades


def succeed(engine: Engine, lease: Lease, num_candidates: int = 1, verdict: Verdict = Verdict.CORRECT) -> None:
    trace, grades = star(num_candidates, verdict)
    transitions.succeed(engine, lease, trace, grades, wall_seconds=1.5)


def scored_job(engine: Engine, keys: str, right: str, scores: Sequence[float | None]) -> None:
    """A job whose candidates have these keys (a character each) and scores (None: not scored); those with the key
    `right` are correct."""
    trace, grades = star(len(keys))
    candidates = tuple(
        replace(each, key=key, score=score, step_scores=() if score is None else (score,))
        for each, key, score in zip(trace.outcome.candidates, keys, scores, strict=True)
    )
    verdicts = [Verdict.CORRECT if key == right else Verdict.WRONG for key in keys]
    graded = [replace(grade, verdict=verdict) for grade, verdict in zip(grades, verdicts, strict=True)]
    job = claimed(engine)
    transitions.succeed(engine, job.lease, Trace(trace.steps, Outcome(candidates, chosen=0)), graded, wall_seconds=1.0)


def finish(engine: Engine) -> None:
    """Claims and succeeds until nothing waits, then closes."""
    while job := transitions.claim(engine, MODEL, WORKER):
        succeed(engine, job.lease)
    transitions.close_finished_experiments(engine)


def scan_here(engine: Engine, experiment: int, rule: Rule, name: str | None = None) -> int:
    """Scans all traces of an experiment, as a worker would; the scan's id."""
    scan = claimed_scan(engine, experiment, rule, name or rule.words)
    traces = traces_to_scan(engine, [each.job_id for each in unscanned(engine, scan.id, experiment)])
    findings = {trace.job_id: scanned(rule, trace.chains) for trace in traces}
    transitions.store_findings(engine, scan.lease, experiment, findings)
    transitions.end_scan(engine, scan.lease, ScanStatus.SUCCEEDED)
    return scan.id


def log_probs_here(engine: Engine, experiment: int, job_id: int, log_prob: float) -> None:
    """As if its model had been asked for one trace: each word is a token, and as likely as any other."""
    scan = claimed_scan(engine, experiment, LogProbs(of=MODEL), "log-probs")
    steps = [
        StepIds(each.path, Phase.THINKING, each.is_forced, each.text, ())
        for each in queries.steps(engine, job_id)
        if len(each.path) > 1
    ]
    ends = [tuple(word.end() for word in re.finditer(r"\S+\s*|\s+", step.text)) for step in steps]
    told = tuple(StepLogProbs(step, at, (log_prob,) * len(at)) for step, at in zip(steps, ends, strict=True))
    finding = Finding(chains=1, hits=1, value=1.0, is_chosen_hit=True, log_probs=told, thinking_log_prob=log_prob)
    transitions.store_findings(engine, scan.lease, experiment, {job_id: finding})
    transitions.end_scan(engine, scan.lease, ScanStatus.SUCCEEDED)


def claimed_scan(engine: Engine, experiment: int, scanner: Scanner, name: str) -> ClaimedScan:
    named, fields = scanner.scanner, scanner.model_dump(mode="json")
    new = NewScan(experiment, name, named, fields, "a version", f"{named} {fields}", "ann")
    transitions.create_scan(engine, new)
    scan = transitions.claim_scan(engine, WORKER, [], {named: "a version"})
    assert scan is not None
    return scan


def attempts(engine: Engine, job_id: int) -> tuple[queries.Attempt, ...]:
    """Every try at the job, first to last."""
    return queries.trace(engine, job_id).attempts


def column(engine: Engine, query: str, **values: object) -> list[object]:
    """The first column of a plain SQL query."""
    with engine.connect() as connection:
        return list(connection.execute(text(query), values).scalars())
