"""An experiment of a million candidates: 10,000 problems, four arms of one candidate and one of 96, all jobs succeeded.

Made through the transitions up to its jobs; their ends are copied in, since a million generations would take days. What
no page of results reads is left out: the traces have no steps. What candidates say repeats after DISTINCT problems,
since rolling up one job of 96 takes a tenth of a second; tokens do not repeat.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from sqlalchemy import Connection, Engine, text

from db import transitions
from db.copying import copy_rows
from db.models import CandidateRow, GradeRow, RollupRow, TraceRow
from db.records import NewArm, NewExperiment, ServedModel, ServedVerifier
from db.rollups import rollup_values
from scaling.statistics.at_k import JobBallot
from scaling.statistics.rollup import roll_up
from scaling.types import THINKING_FORMATS, GraderName, Problem, Verdict

MODEL, JUDGE = "large", "large-prm"
SERVED = ServedModel(MODEL, 32_768, 7_000_000_000, THINKING_FORMATS["think"], MODEL)
SERVED_JUDGE = ServedVerifier(JUDGE, "token_prm", True, 32_768, 7_000_000_000, MODEL)
SPEC: Mapping[str, object] = {
    "name": "large", "seed": 0, "prompt": {"instruction": ""},
    "sampling": {"temperature": 0.8, "max_answer_tokens": 64},
}  # fmt: skip
SAMPLES = 96
DISTINCT = 500
JOBS_AT_ONCE = 500

Rows = list[dict[str, object]]


def arm(label: str, strategy: str, **params: int | str) -> NewArm:
    return NewArm(label, MODEL, strategy, dict(params), {"strategy": strategy, **params}, params.get("verifier"))  # type: ignore[arg-type]


ARMS = (
    arm("budget_forcing 512", "budget_forcing", max_thinking_tokens=512),
    arm("chain_of_thought", "chain_of_thought"),
    arm("budget_forcing 1024", "budget_forcing", max_thinking_tokens=1024),
    arm("budget_forcing 2048", "budget_forcing", max_thinking_tokens=2048),
    arm(f"best_of_n samples={SAMPLES}", "best_of_n", samples=SAMPLES, verifier=JUDGE),
)


@dataclass(frozen=True, slots=True)
class Said:
    """A job's candidates by what they say: an answer (0 is right) and a score each."""

    answer_C: tuple[int, ...]
    score_C: tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A job's candidates, with the thinking tokens of each."""

    said: Said
    thinking_C: Sequence[int]


def make(database: Engine, num_problems: int) -> int:
    """The experiment's id. Candidates: 100 a problem."""
    new = NewExperiment("large", "bench", dict(SPEC), "digest-of-large")  # type: ignore[arg-type]
    experiment_id = transitions.create_experiment(database, new).id
    transitions.begin_expansion(database, experiment_id)
    problems = [
        Problem(f"p{number}", f"{number} + 1 = ?", str(number + 1), GraderName.INTEGER, f"level {number % 5}", "sums")
        for number in range(num_problems)
    ]
    models, judges = {MODEL: SERVED}, {JUDGE: SERVED_JUDGE}
    transitions.store_expansion(database, experiment_id, ARMS, problems, 1, "data-digest", models, judges)
    with database.begin() as connection:
        jobs = connection.execute(
            text("""
            SELECT jobs.id, arms.position AS arm, problems.position AS problem
            FROM jobs JOIN arms ON arms.id = jobs.arm_id JOIN problems ON problems.id = jobs.problem_id
            WHERE jobs.experiment_id = :experiment_id ORDER BY jobs.id
            """),
            {"experiment_id": experiment_id},
        ).all()
        connection.execute(text("UPDATE jobs SET status = 'succeeded', attempt = 1, finished_at = now()"))
        connection.execute(text(ATTEMPTS))
        for start in range(0, len(jobs), JOBS_AT_ONCE):
            store(connection, [(job.id, drawn(job.arm, job.problem)) for job in jobs[start : start + JOBS_AT_ONCE]])
        connection.execute(text("UPDATE experiments SET status = 'succeeded', started_at = now(), finished_at = now()"))
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return experiment_id


ATTEMPTS = """
INSERT INTO attempts (job_id, attempt, worker, started_at, ended_at, outcome, prompt_tokens, cached_tokens,
    thinking_tokens, forced_tokens, answer_tokens, generated_tokens, verifier_tokens, verifier_cached_tokens,
    verifier_calls, verifier_seconds, seconds)
SELECT id, 1, 'bench', now(), now(), 'succeeded', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM jobs
"""


def drawn(arm_position: int, problem: int) -> Drawn:
    size = SAMPLES if ARMS[arm_position].verifier else 1
    thinking_C = np.random.default_rng([arm_position, problem]).gamma(4.0, 60.0 * (1 + arm_position), size)
    return Drawn(said(arm_position, problem % DISTINCT, size), (thinking_C.astype(int) + 1).tolist())


@cache
def said(arm_position: int, problem: int, size: int) -> Said:
    """Harder problems are answered wrongly more often; wrong answers are of uneven popularity; longer budgets help."""
    generator = np.random.default_rng([arm_position, problem])
    ease = np.random.default_rng(problem).beta(0.7, 0.7)
    chance = min(1.0, ease * (0.7 + 0.1 * arm_position))
    wrong_C = 1 + np.minimum(generator.geometric(0.3, size), 40)
    answer_C = np.where(generator.random(size) < chance, 0, wrong_C)
    score_C = np.clip(generator.normal(0.4 + 0.2 * (answer_C == 0), 0.2), 0, 1)
    return Said(tuple(answer_C.tolist()), tuple(score_C.tolist()) if size > 1 else None)


def store(connection: Connection, jobs: Sequence[tuple[int, Drawn]]) -> None:
    copy_rows(connection, TraceRow, [trace_row(*job) for job in jobs])
    copy_rows(connection, CandidateRow, [row for job in jobs for row in candidate_rows(*job)])
    copy_rows(connection, GradeRow, [row for job in jobs for row in grade_rows(*job)])
    copy_rows(connection, RollupRow, [{"job_id": job_id, **rollup_row(made.said)} for job_id, made in jobs])


def trace_row(job_id: int, made: Drawn) -> dict[str, object]:
    thinking, size, answer = sum(made.thinking_C), len(made.thinking_C), made.said.answer_C[0]
    tokens = {"thinking_tokens": thinking, "forced_tokens": 0, "answer_tokens": 8 * size}
    verifier = {"verifier_tokens": 0 if made.said.score_C is None else thinking, "verifier_cached_tokens": 0}
    return {
        "job_id": job_id, "attempt": 1, "verdict": verdict(answer).value, "answer": str(answer),
        "answer_key": str(answer), "chosen_path": "0.0", "is_tie": False, "num_candidates": size,
        "is_text_repaired": False, "wall_seconds": thinking / 50, "prompt_tokens": 60 * size, "cached_tokens": 0,
        "generated_tokens": thinking + 8 * size, **tokens, **verifier,
        "verifier_calls": 0, "verifier_seconds": 0.0, "seconds": thinking / 50, "verifier_generated_tokens": 0,
        "chains": size, "longest_path": max(made.thinking_C) + 8, "spared_tokens": 60 * (size - 1),
    }  # fmt: skip


def candidate_rows(job_id: int, made: Drawn) -> Iterator[dict[str, object]]:
    for number, (answer, thinking) in enumerate(zip(made.said.answer_C, made.thinking_C, strict=True)):
        score = None if made.said.score_C is None else made.said.score_C[number]
        yield {
            "job_id": job_id, "path": f"0.{number}", "position": number, "text": str(answer), "answer": str(answer),
            "key": str(answer), "truncated": False, "thinking_tokens": thinking, "total_tokens": thinking + 8,
            "score": score, "step_scores": [] if score is None else [score], "chosen": number == 0,
        }  # fmt: skip


def grade_rows(job_id: int, made: Drawn) -> Iterator[dict[str, object]]:
    for number, answer in enumerate(made.said.answer_C):
        path, graded = f"0.{number}", verdict(answer).value
        yield {"job_id": job_id, "path": path, "grader": "integer", "version": "1", "verdict": graded}


@cache
def rollup_row(said: Said) -> Mapping[str, object]:
    scores = said.score_C or [float("nan")] * len(said.answer_C)
    verdicts = [verdict(answer) for answer in said.answer_C]
    ballot = JobBallot.of("", list(map(str, said.answer_C)), verdicts, scores)
    return rollup_values(roll_up(ballot, [(score,) for score in said.score_C or ()] or [()] * len(verdicts)))


def verdict(answer: int) -> Verdict:
    return Verdict.CORRECT if answer == 0 else Verdict.WRONG
