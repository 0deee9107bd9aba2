"""Which traces people preferred, and the pair that a person is asked about next.

A pair is two finished jobs of one problem and repeat, under two arms. First come the two arms that were judged least by
anybody, then, of their problems, the one that was judged least; ties fall as a hash of the person, arms and problem has
it. So what comes next is the same after a reload, and not the same for two people. Each fifth pair of a person is one
that somebody else has judged, if there is any: else nobody could say how far two people agree.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, text

from db.engine import reading
from db.opinions import Choice, Shown
from db.rows import read
from db.text import storable

SHARED_EVERY = 5

JUDGEMENTS = text("""
SELECT judgements.id, judgements.experiment_id, person, choice, shown, judged_at,
    left_job_id AS left_job, right_job_id AS right_job,
    left_jobs.arm_id AS left_arm, right_jobs.arm_id AS right_arm, problems.key AS problem_key,
    problems.position AS problem, left_jobs.repeat
FROM judgements
JOIN jobs AS left_jobs ON left_jobs.id = left_job_id
JOIN jobs AS right_jobs ON right_jobs.id = right_job_id
JOIN problems ON problems.id = left_jobs.problem_id
WHERE judgements.experiment_id = :experiment_id
ORDER BY judgements.id
""")

# Those that were compared least come first; where a pair is wanted that somebody else has judged, those compared most.
ARMS = text("""
WITH done AS (
    SELECT LEAST(left_jobs.arm_id, right_jobs.arm_id) AS first, GREATEST(left_jobs.arm_id, right_jobs.arm_id) AS second,
        count(*) AS times
    FROM judgements
    JOIN jobs AS left_jobs ON left_jobs.id = left_job_id
    JOIN jobs AS right_jobs ON right_jobs.id = right_job_id
    WHERE judgements.experiment_id = :experiment_id
    GROUP BY 1, 2
)
SELECT firsts.id AS first, seconds.id AS second
FROM arms AS firsts JOIN arms AS seconds ON seconds.experiment_id = firsts.experiment_id AND firsts.id < seconds.id
LEFT JOIN done ON done.first = firsts.id AND done.second = seconds.id
WHERE firsts.experiment_id = :experiment_id
  AND (CAST(:arms AS bigint[]) = '{}' OR (firsts.id = ANY(:arms) AND seconds.id = ANY(:arms)))
ORDER BY coalesce(times, 0) * CASE WHEN :is_shared THEN -1 ELSE 1 END,
    md5(:person || ' ' || firsts.id || ' ' || seconds.id)
""")

PAIR = text("""
WITH judged AS (
    SELECT LEAST(left_job_id, right_job_id) AS less, GREATEST(left_job_id, right_job_id) AS greater,
        count(*) FILTER (WHERE person <> :person) AS others, bool_or(person = :person) AS is_own
    FROM judgements WHERE experiment_id = :experiment_id
    GROUP BY 1, 2
)
SELECT firsts.id AS first_job, seconds.id AS second_job, problems.position AS problem, firsts.repeat
FROM jobs AS firsts
JOIN jobs AS seconds USING (problem_id, repeat)
JOIN problems ON problems.id = firsts.problem_id
LEFT JOIN judged ON less = LEAST(firsts.id, seconds.id) AND greater = GREATEST(firsts.id, seconds.id)
WHERE firsts.arm_id = :first AND seconds.arm_id = :second
  AND firsts.status = 'succeeded' AND seconds.status = 'succeeded' AND is_own IS NOT TRUE
ORDER BY (coalesce(others, 0) > 0) <> :is_shared, coalesce(others, 0),
    md5(:person || ' ' || :first || ' ' || :second || ' ' || problem_id || ' ' || firsts.repeat), firsts.id
LIMIT 1
""")

PROGRESS = text("""
SELECT (SELECT count(*) FROM judgements WHERE experiment_id = :experiment_id AND person = :person) AS own,
    (SELECT count(*) FROM judgements WHERE experiment_id = :experiment_id) AS by_all,
    (SELECT count(DISTINCT person) FROM judgements WHERE experiment_id = :experiment_id) AS people
""")


@dataclass(frozen=True, slots=True)
class StoredJudgement:
    """One choice of one person, with the sides as they were shown. Arms by their ids."""

    id: int
    experiment_id: int
    person: str
    choice: Choice
    shown: Shown
    judged_at: dt.datetime
    left_job: int
    right_job: int
    left_arm: int
    right_arm: int
    problem_key: str
    problem: int
    repeat: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two jobs of one problem, in the order of their arms. Which one stands on which side is not said here."""

    first_job: int
    second_job: int
    problem: int
    repeat: int


@dataclass(frozen=True, slots=True)
class Judged:
    """How many judgements the person has made in the experiment, and all people; and how many people there are."""

    own: int
    by_all: int
    people: int


def judgements(database: Engine, experiment_id: int) -> tuple[StoredJudgement, ...]:
    """In the order in which they were made."""
    with reading(database) as connection:
        rows = connection.execute(JUDGEMENTS, {"experiment_id": experiment_id})
        return tuple(read(StoredJudgement, row) for row in rows)


def judged(database: Engine, experiment_id: int, person: str) -> Judged:
    with reading(database) as connection:
        values = {"experiment_id": experiment_id, "person": storable(person)}
        return read(Judged, connection.execute(PROGRESS, values).one())


def next_pair(database: Engine, experiment_id: int, person: str, arms: Sequence[int] = ()) -> Pair | None:
    """A pair that the person has not judged, of these arms by id or of all; None: there is none left."""
    values = {"experiment_id": experiment_id, "person": storable(person)}
    with reading(database) as connection:
        own = connection.execute(PROGRESS, values).one().own
        asked = {**values, "arms": list(arms), "is_shared": own % SHARED_EVERY == SHARED_EVERY - 1}
        for two in connection.execute(ARMS, asked).all():
            asked = {**asked, "first": two.first, "second": two.second}
            if (pair := connection.execute(PAIR, asked).one_or_none()) is not None:
                return read(Pair, pair)
    return None
