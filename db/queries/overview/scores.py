"""How arms have done, in three numbers each: of a page of experiments at once, from the verdicts of their jobs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, text

from db.engine import reading
from db.queries.experiments import Arm
from db.rows import read

# Repeats are averaged within their problem first.
SCORES = text("""
SELECT arms.*, scored.n, scored.mean, scored.variance
FROM arms CROSS JOIN LATERAL (
    SELECT count(*) AS n, avg(share) AS mean, coalesce(var_samp(share), 0) AS variance
    FROM (
        SELECT avg(CASE WHEN traces.verdict = 'correct' THEN CAST(1 AS double precision) ELSE 0 END) AS share
        FROM jobs JOIN traces ON traces.job_id = jobs.id
        WHERE jobs.arm_id = arms.id GROUP BY jobs.problem_id
    ) AS problems
) AS scored
WHERE arms.experiment_id = ANY (CAST(:experiments AS bigint[]))
ORDER BY arms.experiment_id, arms.position
""")


@dataclass(frozen=True, slots=True)
class ArmScore:
    """Over the `n` problems with a result: mean and variance (over n − 1) of the shares that are right."""

    arm: Arm
    n: int
    mean: float | None
    """None: no problem has a result."""
    variance: float


def arm_scores(database: Engine, experiments: Sequence[int]) -> Mapping[int, tuple[ArmScore, ...]]:
    """By experiment, in arm order; those without arms have none."""
    found: dict[int, list[ArmScore]] = {each: [] for each in experiments}
    with reading(database) as connection:
        for row in connection.execute(SCORES, {"experiments": list(experiments)}):
            found[row.experiment_id].append(read(ArmScore, row, arm=read(Arm, row)))
    return {experiment_id: tuple(scores) for experiment_id, scores in found.items()}
