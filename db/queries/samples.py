"""What the statistics are made of: one entry per job, read column by column.

The suffix J names the axis: the arm's succeeded jobs, ordered by problem and repeat. PostgreSQL puts the columns
together, so that 50,000 jobs are a few arrays and not 50,000 rows of Python's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, Row, text

from db.engine import reading
from db.queries.experiments import ARMS, STATUS_COUNTS, Arm, JobCounts
from db.rows import read
from scaling.arrays import Booleans, Floats, Integers
from scaling.compute.work import Work
from scaling.types import Verdict

VERDICTS = tuple(Verdict)
"""What `verdict_number_J` counts through."""

MEASURED = (
    "prompt_tokens",
    "cached_tokens",
    "thinking_tokens",
    "forced_tokens",
    "answer_tokens",
    "generated_tokens",
    "verifier_tokens",
    "verifier_cached_tokens",
    "verifier_generated_tokens",
    "seconds",
    "verifier_seconds",
    "wall_seconds",
)
WORK = tuple(field.name for field in fields(Work))

VALUES = {
    "job_id": "jobs.id",
    "problem": "problems.position",
    "repeat": "jobs.repeat",
    "verdict_number": "array_position(CAST(:verdicts AS text[]), traces.verdict::text) - 1",
    "num_candidates": "traces.num_candidates",
    **{name: f"traces.{name}" for name in (*MEASURED, *WORK)},
}

COLUMNS = ", ".join(
    f"array_agg({value} ORDER BY problems.position, jobs.repeat) AS {name}" for name, value in VALUES.items()
)

DONE = text(f"""
SELECT jobs.arm_id, {COLUMNS}
FROM jobs
JOIN problems ON problems.id = jobs.problem_id
JOIN traces ON traces.job_id = jobs.id
WHERE jobs.experiment_id = :experiment_id
GROUP BY jobs.arm_id
""")

NUMBERS = text(f"""
SELECT jobs.arm_id, {STATUS_COUNTS} FROM jobs WHERE jobs.experiment_id = :experiment_id GROUP BY jobs.arm_id
""")

FAILED = text("""
SELECT jobs.arm_id, array_agg(ARRAY[problems.position, jobs.repeat] ORDER BY problems.position, jobs.repeat) AS cells
FROM jobs JOIN problems ON problems.id = jobs.problem_id
WHERE jobs.experiment_id = :experiment_id AND jobs.status = 'failed'
GROUP BY jobs.arm_id
""")

# What is asked, whatever the data set calls it.
PROBLEM_CONTENTS = text("""
SELECT encode(sha256(convert_to(jsonb_build_array(question, answer, grader)::text, 'UTF8')), 'hex')
FROM problems WHERE experiment_id = :experiment_id ORDER BY position
""")

PROBLEM_KEYS = text("SELECT key FROM problems WHERE experiment_id = :experiment_id ORDER BY position")


@dataclass(frozen=True, slots=True, eq=False)
class ArmSamples:
    """Each succeeded job of an arm. `problem_J` is the problem's position. What an engine did not report is NaN.

    Jobs that did not succeed are not in the arrays: `failed` lists them as (problem, repeat), `jobs` counts all. From
    `chains_J` on it is what the jobs made their models do, see `scaling.compute.work.Work`.
    """

    arm: Arm
    jobs: JobCounts
    failed: tuple[tuple[int, int], ...]
    job_id_J: Integers
    problem_J: Integers
    repeat_J: Integers
    verdict_number_J: Integers
    """In VERDICTS."""
    prompt_tokens_J: Floats
    cached_tokens_J: Floats
    thinking_tokens_J: Floats
    forced_tokens_J: Integers
    answer_tokens_J: Floats
    generated_tokens_J: Floats
    verifier_tokens_J: Floats
    verifier_cached_tokens_J: Floats
    verifier_generated_tokens_J: Floats
    seconds_J: Floats
    verifier_seconds_J: Floats
    wall_s_J: Floats
    """From the job's claim to its end; `seconds_J` are those of its requests, which overlap."""
    num_candidates_J: Integers
    chains_J: Floats
    longest_path_J: Floats
    attended_J: Floats
    kv_read_J: Floats
    verifier_attended_J: Floats
    verifier_kv_read_J: Floats
    spared_tokens_J: Floats
    spared_attended_J: Floats
    verifier_spared_tokens_J: Floats
    verifier_spared_attended_J: Floats

    @property
    def correct_J(self) -> Booleans:
        return np.asarray(self.verdict_number_J == VERDICTS.index(Verdict.CORRECT))

    def count(self, verdict: Verdict) -> int:
        return int((self.verdict_number_J == VERDICTS.index(verdict)).sum())


def arm_samples(database: Engine, experiment_id: int) -> tuple[ArmSamples, ...]:
    """In arm order; arms without a succeeded job are there too, with empty arrays."""
    values = {"experiment_id": experiment_id}
    with reading(database) as connection:
        arms = stored_arms(connection, experiment_id)
        numbers = {row.arm_id: read(JobCounts, row) for row in connection.execute(NUMBERS, values)}
        failed = {row.arm_id: row.cells for row in connection.execute(FAILED, values)}
        done = {row.arm_id: row for row in connection.execute(DONE, {**values, "verdicts": list(VERDICTS)})}
    nothing = JobCounts(0, 0, 0, 0, 0)
    return tuple(
        samples_of(each, numbers.get(each.id, nothing), failed.get(each.id, ()), done.get(each.id)) for each in arms
    )


def problem_keys(database: Engine, experiment_id: int) -> tuple[str, ...]:
    """What the data set calls each problem, by position."""
    with reading(database) as connection:
        return tuple(connection.execute(PROBLEM_KEYS, {"experiment_id": experiment_id}).scalars())


def problem_contents(database: Engine, experiment_id: int) -> tuple[str, ...]:
    """The digest of each problem's question, reference answer and grader, by position."""
    with reading(database) as connection:
        return tuple(connection.execute(PROBLEM_CONTENTS, {"experiment_id": experiment_id}).scalars())


def stored_arms(connection: Connection, experiment_id: int) -> list[Arm]:
    return [read(Arm, row) for row in connection.execute(ARMS, {"experiment_id": experiment_id})]


def samples_of(of_arm: Arm, jobs: JobCounts, failed: Sequence[Sequence[int]], done: Row[Any] | None) -> ArmSamples:
    """`done` None: no job has succeeded."""

    def integers(name: str) -> Integers:
        return np.array([] if done is None else getattr(done, name), dtype=np.int64)

    def floats(name: str) -> Floats:
        """NULL is NaN."""
        return np.array([] if done is None else getattr(done, name), dtype=np.float64)

    return ArmSamples(
        arm=of_arm,
        jobs=jobs,
        failed=tuple((problem, repeat) for problem, repeat in failed),
        job_id_J=integers("job_id"),
        problem_J=integers("problem"),
        repeat_J=integers("repeat"),
        verdict_number_J=integers("verdict_number"),
        num_candidates_J=integers("num_candidates"),
        wall_s_J=floats("wall_seconds"),
        prompt_tokens_J=floats("prompt_tokens"),
        cached_tokens_J=floats("cached_tokens"),
        thinking_tokens_J=floats("thinking_tokens"),
        forced_tokens_J=integers("forced_tokens"),
        answer_tokens_J=floats("answer_tokens"),
        generated_tokens_J=floats("generated_tokens"),
        verifier_tokens_J=floats("verifier_tokens"),
        verifier_cached_tokens_J=floats("verifier_cached_tokens"),
        verifier_generated_tokens_J=floats("verifier_generated_tokens"),
        seconds_J=floats("seconds"),
        verifier_seconds_J=floats("verifier_seconds"),
        chains_J=floats("chains"),
        longest_path_J=floats("longest_path"),
        attended_J=floats("attended"),
        kv_read_J=floats("kv_read"),
        verifier_attended_J=floats("verifier_attended"),
        verifier_kv_read_J=floats("verifier_kv_read"),
        spared_tokens_J=floats("spared_tokens"),
        spared_attended_J=floats("spared_attended"),
        verifier_spared_tokens_J=floats("verifier_spared_tokens"),
        verifier_spared_attended_J=floats("verifier_spared_attended"),
    )
