"""An arm's candidates, job by job, as they are asked for: a million of them are never in memory at once.

The suffix C names the axis: one job's candidates, in the order in which they were made.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Engine, Row, text

from db.engine import reading
from scaling.statistics.at_k import JobBallot
from scaling.types import Verdict

ROWS_AT_ONCE = 10_000

# The latest grade of a candidate counts.
CANDIDATES = text("""
SELECT jobs.id AS job_id, jobs.repeat, problems.position AS problem, candidates.key,
    candidates.score, candidates.step_scores, latest.verdict
FROM jobs
JOIN problems ON problems.id = jobs.problem_id
JOIN candidates ON candidates.job_id = jobs.id
CROSS JOIN LATERAL (
    SELECT grades.verdict FROM grades
    WHERE grades.job_id = candidates.job_id AND grades.path = candidates.path
    ORDER BY grades.graded_at DESC
    LIMIT 1
) AS latest
WHERE jobs.arm_id = :arm_id AND (CAST(:job_ids AS bigint[]) IS NULL OR jobs.id = ANY (:job_ids))
ORDER BY problems.position, jobs.repeat, jobs.id, candidates.position
""")


@dataclass(frozen=True, slots=True, eq=False)
class JobCandidates:
    """One job's candidates, in the order in which they were made. `key_C` None: no answer could be read."""

    job_id: int
    problem: int
    repeat: int
    key_C: tuple[str | None, ...]
    verdict_C: tuple[Verdict, ...]
    score_C: tuple[float, ...]
    """What it was chosen by. NaN: not scored."""
    step_scores_C: tuple[tuple[float, ...], ...]
    """The verifier's after each step; empty: none looked."""

    @property
    def ballot(self) -> JobBallot:
        return JobBallot.of(str(self.problem), self.key_C, self.verdict_C, self.score_C)


def candidates(database: Engine, arm_id: int, job_ids: Sequence[int] | None = None) -> Iterator[JobCandidates]:
    """Of an arm's succeeded jobs, ordered by problem and repeat; of all of them, or of these jobs only."""
    values = {"arm_id": arm_id, "job_ids": None if job_ids is None else list(job_ids)}
    with reading(database) as connection:
        rows = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(CANDIDATES, values)
        for _, job in groupby(rows, lambda row: row.job_id):
            yield _job_candidates(list(job))


def _job_candidates(rows: Sequence[Row[Any]]) -> JobCandidates:
    return JobCandidates(
        job_id=rows[0].job_id,
        problem=rows[0].problem,
        repeat=rows[0].repeat,
        key_C=tuple(row.key for row in rows),
        verdict_C=tuple(Verdict(row.verdict) for row in rows),
        score_C=tuple(math.nan if row.score is None else row.score for row in rows),
        step_scores_C=tuple(tuple(row.step_scores) for row in rows),
    )
