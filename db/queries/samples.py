"""What the statistics are made of: one row per job.

The suffix J names the axis: the arm's succeeded jobs, ordered by problem and repeat.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, Row, text

from db.counts import COUNT_COLUMNS
from db.engine import reading
from db.queries.experiments import ARMS, Arm, JobCounts, arm
from scaling.types import Verdict

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]
Rows = Sequence[Row[Any]]

JOBS = text(f"""
SELECT jobs.id AS job_id, jobs.arm_id, jobs.status, jobs.repeat, problems.position AS problem, traces.verdict,
    traces.wall_seconds, traces.num_candidates, {", ".join(f"traces.{name}" for name in COUNT_COLUMNS)}
FROM jobs
JOIN problems ON problems.id = jobs.problem_id
LEFT JOIN traces ON traces.job_id = jobs.id
WHERE jobs.experiment_id = :experiment_id
ORDER BY jobs.arm_id, problems.position, jobs.repeat
""")

PROBLEM_KEYS = text("SELECT key FROM problems WHERE experiment_id = :experiment_id ORDER BY position")


@dataclass(frozen=True, slots=True, eq=False)
class ArmSamples:
    """Each succeeded job of an arm. `problem_J` is the problem's position. What an engine did not report is NaN.

    Jobs that did not succeed are not in the arrays: `failed` lists them as (problem, repeat), `jobs` counts all.
    """

    arm: Arm
    jobs: JobCounts
    failed: tuple[tuple[int, int], ...]
    job_id_J: Integers
    problem_J: Integers
    repeat_J: Integers
    verdict_J: tuple[Verdict, ...]
    prompt_tokens_J: Integers
    cached_tokens_J: Floats
    thinking_tokens_J: Integers
    forced_tokens_J: Integers
    answer_tokens_J: Integers
    generated_tokens_J: Integers
    verifier_tokens_J: Integers
    verifier_cached_tokens_J: Floats
    seconds_J: Floats
    wall_s_J: Floats
    """From the job's claim to its end; `seconds_J` are those of its requests, which overlap."""
    num_candidates_J: Integers

    @property
    def correct_J(self) -> Booleans:
        return np.array([verdict is Verdict.CORRECT for verdict in self.verdict_J], dtype=np.bool_)


def arm_samples(database: Engine, experiment_id: int) -> tuple[ArmSamples, ...]:
    """In arm order; arms without a succeeded job are there too, with empty arrays."""
    with reading(database) as connection:
        arms = stored_arms(connection, experiment_id)
        rows = connection.execute(JOBS, {"experiment_id": experiment_id}).all()
    by_arm = {arm_id: list(jobs) for arm_id, jobs in groupby(rows, lambda row: row.arm_id)}
    return tuple(samples_of(each, by_arm.get(each.id, [])) for each in arms)


def problem_keys(database: Engine, experiment_id: int) -> tuple[str, ...]:
    """What the data set calls each problem, by position."""
    with reading(database) as connection:
        return tuple(connection.execute(PROBLEM_KEYS, {"experiment_id": experiment_id}).scalars())


def stored_arms(connection: Connection, experiment_id: int) -> list[Arm]:
    return [arm(row) for row in connection.execute(ARMS, {"experiment_id": experiment_id})]


def samples_of(of_arm: Arm, rows: Rows) -> ArmSamples:
    done = [row for row in rows if row.verdict is not None]
    statuses = [row.status for row in rows]
    return ArmSamples(
        arm=of_arm,
        jobs=JobCounts(*map(statuses.count, ("queued", "running", "succeeded", "failed", "cancelled"))),
        failed=tuple((row.problem, row.repeat) for row in rows if row.status == "failed"),
        job_id_J=integers(row.job_id for row in done),
        problem_J=integers(row.problem for row in done),
        repeat_J=integers(row.repeat for row in done),
        verdict_J=tuple(Verdict(row.verdict) for row in done),
        prompt_tokens_J=integers(row.prompt_tokens for row in done),
        cached_tokens_J=floats(row.cached_tokens for row in done),
        thinking_tokens_J=integers(row.thinking_tokens for row in done),
        forced_tokens_J=integers(row.forced_tokens for row in done),
        answer_tokens_J=integers(row.answer_tokens for row in done),
        generated_tokens_J=integers(row.generated_tokens for row in done),
        verifier_tokens_J=integers(row.verifier_tokens for row in done),
        verifier_cached_tokens_J=floats(row.verifier_cached_tokens for row in done),
        seconds_J=floats(row.seconds for row in done),
        wall_s_J=floats(row.wall_seconds for row in done),
        num_candidates_J=integers(row.num_candidates for row in done),
    )


def integers(values: Iterable[int]) -> Integers:
    return np.fromiter(values, dtype=np.int64)


def floats(values: Iterable[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
