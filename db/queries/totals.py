"""Each arm in numbers: its jobs, verdicts and tokens, and what was spent on attempts that left no trace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Row, text

from db.counts import COUNT_COLUMNS, SPENDING_COLUMNS, counts_of, unknown_of
from db.engine import reading
from db.problems import NUM_PROBLEMS
from db.queries.experiments import STATUS_COUNTS, Arm, JobCounts
from db.rows import read
from scaling.compute.spending import NOTHING_UNKNOWN, Unknown
from scaling.types import Counts, Unread


def sums(names: Sequence[str]) -> str:
    """One unreported count makes the sum unknown: NULL is not 0."""
    return ", ".join(
        f"CASE WHEN bool_or(spent.{name} IS NULL) THEN NULL ELSE coalesce(sum(spent.{name}), 0) END AS {name}"
        for name in names
    )


REASONS = ", ".join(f"count(*) FILTER (WHERE unread = '{reason}') AS unread_{reason}" for reason in Unread)

TOTALS = text(f"""
SELECT arms.*, jobs.*, verdicts.*, tokens.*, of_all.num_problems,
    coalesce(of_all.num_jobs / count(*) OVER () - jobs.laid_out, 0) AS to_come
FROM arms
CROSS JOIN (
    SELECT num_jobs, coalesce({NUM_PROBLEMS}, 0) AS num_problems FROM experiments WHERE id = :experiment_id
) AS of_all
CROSS JOIN LATERAL (SELECT count(*) AS laid_out, {STATUS_COUNTS} FROM jobs WHERE jobs.arm_id = arms.id) AS jobs
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE verdict = 'correct') AS correct, count(*) FILTER (WHERE verdict = 'wrong') AS wrong,
        count(*) FILTER (WHERE verdict = 'unparsed') AS unparsed,
        count(*) FILTER (WHERE verdict = 'truncated') AS truncated, count(*) FILTER (WHERE is_tie) AS ties,
        CASE WHEN count(*) FILTER (WHERE verdict = 'truncated' AND right_if_read IS NULL) = 0
            THEN count(*) FILTER (WHERE right_if_read) END AS right_if_read,
        {REASONS},
        coalesce(sum(num_candidates), 0) AS candidates,
        CASE WHEN count(*) = count(waits) THEN coalesce(sum(waits), 0) END AS waits,
        CASE WHEN count(*) = count(cuts) THEN coalesce(sum(cuts), 0) END AS cuts,
        CASE WHEN arms.verifier IS NOT NULL AND count(*) = count(unscored)
            THEN coalesce(sum(unscored), 0) END AS unscored
    FROM traces JOIN jobs ON jobs.id = traces.job_id WHERE jobs.arm_id = arms.id
) AS verdicts
CROSS JOIN LATERAL (
    SELECT {sums(COUNT_COLUMNS)} FROM traces AS spent JOIN jobs ON jobs.id = spent.job_id WHERE jobs.arm_id = arms.id
) AS tokens
WHERE arms.experiment_id = :experiment_id
ORDER BY arms.position
""")

ATTEMPTS = text(f"""
SELECT jobs.arm_id, count(*) FILTER (WHERE spent.outcome <> 'succeeded') AS unrewarded, {sums(SPENDING_COLUMNS)}
FROM attempts AS spent JOIN jobs ON jobs.id = spent.job_id
WHERE jobs.experiment_id = :experiment_id
GROUP BY jobs.arm_id
""")

NOTHING = Counts.of(())


@dataclass(frozen=True, slots=True)
class ArmTotals:
    """An arm in numbers. `tokens` are those of its traces; `unrewarded` is what attempts spent besides."""

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
    unscored: int | None
    """Candidates that could vote and that its verifier gave no score; None: not known, or it asks no verifier."""
    ties: int
    tokens: Counts
    unrewarded_attempts: int
    unrewarded: Counts
    """Of attempts that left no trace, and of answers that were of no use to those that left one."""
    unknown: Unknown | None
    """What all its attempts spent on top of that, at most; None: some are from before this was told."""


def arm_totals(database: Engine, experiment_id: int) -> tuple[ArmTotals, ...]:
    """In arm order."""
    with reading(database) as connection:
        rows = connection.execute(TOTALS, {"experiment_id": experiment_id}).all()
        spent = {row.arm_id: row for row in connection.execute(ATTEMPTS, {"experiment_id": experiment_id})}
    return tuple(totals_of(row, spent.get(row.id)) for row in rows)


def totals_of(row: Row[Any], spent: Row[Any] | None) -> ArmTotals:
    """`spent` None: nothing was tried yet."""
    kept = counts_of(row)
    return read(
        ArmTotals,
        row,
        arm=read(Arm, row),
        jobs=read(JobCounts, row),
        unread=reasons_of(row),
        tokens=kept,
        unrewarded_attempts=0 if spent is None else spent.unrewarded,
        unrewarded=NOTHING if spent is None else beyond(counts_of(spent), kept),
        unknown=NOTHING_UNKNOWN if spent is None else unknown_of(spent),
    )


def reasons_of(row: Row[Any]) -> dict[Unread, int]:
    counts = {reason: int(getattr(row, f"unread_{reason}")) for reason in Unread}
    return {reason: count for reason, count in counts.items() if count}


def beyond(spent: Counts, kept: Counts) -> Counts:
    """What was spent and is not in traces."""
    pairs = {name: (getattr(spent, name), getattr(kept, name)) for name in COUNT_COLUMNS}
    known: dict[str, Any] = {name: None if None in pair else pair[0] - pair[1] for name, pair in pairs.items()}
    return Counts(**known)
