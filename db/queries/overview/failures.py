"""Why jobs of an experiment failed: their errors, those that are alike together."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, text

from db.engine import reading
from db.errors import UnknownFailureError
from db.rows import read
from db.signatures import signature, signature_of

FAILURES = text(f"""
WITH failed AS (
    SELECT id, arm_id, {signature_of("error")} AS signature FROM jobs
    WHERE experiment_id = :experiment_id AND status = 'failed'
), alike AS (
    SELECT signature, count(*) AS jobs, min(failed.id) AS example_job, array_agg(DISTINCT arms.label) AS arms
    FROM failed JOIN arms ON arms.id = failed.arm_id
    GROUP BY signature
)
SELECT alike.*, left(coalesce(jobs.error, ''), :most_characters) AS example
FROM alike JOIN jobs ON jobs.id = alike.example_job
ORDER BY alike.jobs DESC, alike.example_job
""")
MOST_CHARACTERS = 1000
"""Of an example: an error may quote pages."""


@dataclass(frozen=True, slots=True)
class Failures:
    """Jobs that failed in one way, of which `example` is the error of `example_job`; `arms` are labels."""

    signature: str
    jobs: int
    arms: tuple[str, ...]
    example_job: int
    example: str


def failures(database: Engine, experiment_id: int) -> tuple[Failures, ...]:
    """The most frequent first; empty: none failed."""
    values = {"experiment_id": experiment_id, "most_characters": MOST_CHARACTERS}
    with reading(database) as connection:
        rows = connection.execute(FAILURES, values).all()
    return tuple(read(Failures, row, arms=tuple(row.arms)) for row in rows)


def failure_named(known: Sequence[Failures], said: str) -> Failures:
    """Those whose error is alike, or has `said` in it. Raises UnknownFailureError unless that is one kind."""
    named = [each for each in known if each.signature == signature(said)]
    named = named or [each for each in known if said.casefold() in f"{each.signature}\n{each.example}".casefold()]
    if len(named) == 1:
        return named[0]
    listed = "".join(f"\n  {each.jobs:,} × {each.signature}" for each in named or known)
    which = f"several errors have {said!r} in them" if named else f"no job failed with {said!r}"
    raise UnknownFailureError(f"{which}; say one of these:{listed}" if listed else f"{which}: none did at all")
