"""Jobs with what is needed to read their answers anew: what was asked, and each candidate's text."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Row, text

from db.engine import reading
from db.models import JsonObject
from db.paths import parse_path
from db.problems import problem_of
from db.rows import read
from scaling.types import Candidate, GraderName, Problem, ThinkingFormat, Verdict

# `versions` are the rules of today, by grader.
JOBS = text("""
SELECT jobs.id AS job_id, traces.attempt, jobs.repeat, jobs.model, arms.strategy_spec AS strategy,
    coalesce(arms.seed, (experiments.spec ->> 'seed')::bigint) AS seed,
    experiments.models -> jobs.model -> 'thinking' AS thinking, traces.chosen_path,
    problems.key, problems.question, problems.answer, problems.grader, problems.level, problems.subject,
    problems.options
FROM jobs
JOIN traces ON traces.job_id = jobs.id
JOIN arms ON arms.id = jobs.arm_id
JOIN problems ON problems.id = jobs.problem_id
JOIN experiments ON experiments.id = jobs.experiment_id
WHERE jobs.experiment_id = :experiment_id AND jobs.status = 'succeeded' AND jobs.id > :after
  AND (:is_all OR NOT EXISTS (
    SELECT FROM grades WHERE grades.job_id = jobs.id AND grades.path = traces.chosen_path
      AND grades.version = CAST(:versions AS jsonb) ->> problems.grader))
ORDER BY jobs.id
LIMIT :limit
""")

CANDIDATES = text("""
SELECT candidates.*, latest.verdict
FROM candidates CROSS JOIN LATERAL (
    SELECT grades.verdict FROM grades WHERE grades.job_id = candidates.job_id AND grades.path = candidates.path
    ORDER BY grades.graded_at DESC LIMIT 1
) AS latest
WHERE candidates.job_id = ANY (:job_ids)
ORDER BY candidates.job_id, candidates.position
""")


@dataclass(frozen=True, slots=True)
class Regradable:
    """A job that succeeded, as it is graded now. `verdicts` are of its candidates, in their order."""

    job_id: int
    attempt: int
    repeat: int
    model: str
    strategy: JsonObject
    seed: int
    thinking: ThinkingFormat | None
    """The model's, as it was when the experiment was expanded; None: it was not known."""
    problem: Problem
    candidates: tuple[Candidate, ...]
    verdicts: tuple[Verdict, ...]
    chosen: int


def regradable(
    database: Engine,
    experiment_id: int,
    versions: Mapping[GraderName, str],
    *,
    after: int = 0,
    limit: int = 200,
    is_all: bool = False,
) -> tuple[Regradable, ...]:
    """The next jobs behind the id `after` that were graded by other rules than these `versions`; or all jobs."""
    values = {"experiment_id": experiment_id, "after": after, "limit": limit, "is_all": is_all}
    with reading(database) as connection:
        jobs = connection.execute(JOBS, {**values, "versions": _as_json(versions)}).all()
        rows = connection.execute(CANDIDATES, {"job_ids": [job.job_id for job in jobs]})
        of_job: defaultdict[int, list[Row[Any]]] = defaultdict(list)
        for row in rows:
            of_job[row.job_id].append(row)
    return tuple(_regradable(job, of_job[job.job_id]) for job in jobs)


def _regradable(job: Row[Any], rows: list[Row[Any]]) -> Regradable:
    return read(
        Regradable,
        job,
        thinking=None if job.thinking is None else ThinkingFormat.model_validate(job.thinking),
        problem=problem_of(job),
        candidates=tuple(read(Candidate, row, path=parse_path(row.path), **_UNKNOWN) for row in rows),
        verdicts=tuple(Verdict(row.verdict) for row in rows),
        chosen=[row.path for row in rows].index(job.chosen_path),
    )


_UNKNOWN: Mapping[str, Any] = {"unread": None, "waits": 0, "is_cut": False}
"""Of a candidate that is read anew, what is not stored with it and makes no difference."""


def _as_json(versions: Mapping[GraderName, str]) -> str:
    return json.dumps({grader.value: version for grader, version in versions.items()})
