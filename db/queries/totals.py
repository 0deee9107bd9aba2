"""Each arm in numbers: its jobs, verdicts and tokens, and what was spent on attempts that left no trace."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Row, text

from db.counts import COUNT_COLUMNS, counts_of
from db.engine import reading
from db.queries.experiments import STATUS_COUNTS, Arm, JobCounts, arm, job_counts
from scaling.types import Counts, Unread

SUMS = ", ".join(
    # One unreported count makes the sum unknown: NULL is not 0.
    f"CASE WHEN bool_or({table}.{name} IS NULL) THEN NULL ELSE coalesce(sum({table}.{name}), 0) END AS {name}"
    if name in ("cached_tokens", "verifier_cached_tokens", "verifier_generated_tokens")
    else f"coalesce(sum({table}.{name}), 0) AS {name}"
    for table, name in (("spent", name) for name in COUNT_COLUMNS)
)

REASONS = ", ".join(f"count(*) FILTER (WHERE unread = '{reason}') AS unread_{reason}" for reason in Unread)

TOTALS = text(f"""
SELECT arms.*, jobs.*, verdicts.*, tokens.*
FROM arms
CROSS JOIN LATERAL (
    SELECT count(DISTINCT problem_id) AS num_problems, {STATUS_COUNTS} FROM jobs WHERE jobs.arm_id = arms.id
) AS jobs
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE verdict = 'correct') AS correct, count(*) FILTER (WHERE verdict = 'wrong') AS wrong,
        count(*) FILTER (WHERE verdict = 'unparsed') AS unparsed,
        count(*) FILTER (WHERE verdict = 'truncated') AS truncated, count(*) FILTER (WHERE is_tie) AS ties,
        CASE WHEN count(*) FILTER (WHERE verdict = 'truncated' AND right_if_read IS NULL) = 0
            THEN count(*) FILTER (WHERE right_if_read) END AS right_if_read,
        {REASONS},
        coalesce(sum(num_candidates), 0) AS candidates,
        CASE WHEN count(*) = count(waits) THEN coalesce(sum(waits), 0) END AS waits,
        CASE WHEN count(*) = count(cuts) THEN coalesce(sum(cuts), 0) END AS cuts
    FROM traces JOIN jobs ON jobs.id = traces.job_id WHERE jobs.arm_id = arms.id
) AS verdicts
CROSS JOIN LATERAL (
    SELECT {SUMS} FROM traces AS spent JOIN jobs ON jobs.id = spent.job_id WHERE jobs.arm_id = arms.id
) AS tokens
WHERE arms.experiment_id = :experiment_id
ORDER BY arms.position
""")

UNREWARDED = text(f"""
SELECT arms.id AS arm_id, count(*) AS attempts, {SUMS}
FROM attempts AS spent
JOIN jobs ON jobs.id = spent.job_id
JOIN arms ON arms.id = jobs.arm_id
WHERE arms.experiment_id = :experiment_id AND spent.outcome <> 'succeeded'
GROUP BY arms.id
""")

NOTHING = Counts.of(())


@dataclass(frozen=True, slots=True)
class ArmTotals:
    """An arm in numbers. `tokens` are those of its traces; `unrewarded` those of attempts that left no trace."""

    arm: Arm
    num_problems: int
    jobs: JobCounts
    correct: int
    wrong: int
    unparsed: int
    truncated: int
    right_if_read: int | None
    """Of the truncated, those that would be right if what stands there were read; None: not known of all of them."""
    unread: Mapping[Unread, int]
    """Why answers are neither correct nor wrong, and how many; reasons that nobody noted are missing."""
    candidates: int
    waits: int | None
    cuts: int | None
    ties: int
    tokens: Counts
    unrewarded_attempts: int
    unrewarded: Counts


def arm_totals(database: Engine, experiment_id: int) -> tuple[ArmTotals, ...]:
    """In arm order."""
    with reading(database) as connection:
        rows = connection.execute(TOTALS, {"experiment_id": experiment_id}).all()
        lost = {row.arm_id: row for row in connection.execute(UNREWARDED, {"experiment_id": experiment_id})}
    return tuple(totals_of(row, lost.get(row.id)) for row in rows)


def totals_of(row: Row[Any], lost: Row[Any] | None) -> ArmTotals:
    return ArmTotals(
        arm=arm(row),
        num_problems=row.num_problems,
        jobs=job_counts(row),
        correct=row.correct,
        wrong=row.wrong,
        unparsed=row.unparsed,
        truncated=row.truncated,
        right_if_read=row.right_if_read,
        unread=reasons_of(row),
        candidates=row.candidates,
        waits=row.waits,
        cuts=row.cuts,
        ties=row.ties,
        tokens=counts_of(row),
        unrewarded_attempts=0 if lost is None else lost.attempts,
        unrewarded=NOTHING if lost is None else counts_of(lost),
    )


def reasons_of(row: Row[Any]) -> dict[Unread, int]:
    counts = {reason: int(getattr(row, f"unread_{reason}")) for reason in Unread}
    return {reason: count for reason, count in counts.items() if count}
