"""What is stored, asked in plain SQL: the product's own audit, the counts of the last line, and what was spent."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import LiteralString

from db.audit import audit
from tests.acceptance.service import psql
from tests.soak.meter import Reading
from tests.soak.world import World

COUNTS = """
SELECT (SELECT count(*) FROM jobs), (SELECT count(*) FROM traces),
    (SELECT count(*) FROM jobs
        WHERE status <> 'succeeded' OR NOT EXISTS (SELECT FROM traces WHERE traces.job_id = jobs.id)),
    (SELECT count(*) - count(DISTINCT job_id) FROM traces)
        + (SELECT count(*) - count(DISTINCT (arm_id, problem_id, repeat)) FROM jobs)
"""
FAILED: LiteralString = """
SELECT jobs.id, string_agg(format('%s %s: %s', attempts.attempt, outcome, coalesce(attempts.error, '')), '; '
    ORDER BY attempts.attempt)
FROM jobs JOIN attempts ON attempts.job_id = jobs.id
WHERE jobs.status = 'failed' GROUP BY jobs.id ORDER BY jobs.id LIMIT 20
"""
NOT_EXPANDED: LiteralString = "SELECT id, error FROM experiments WHERE status = 'failed' ORDER BY id LIMIT 20"
ACCEPTED = "SELECT count(*) FROM jobs WHERE experiment_id = ANY (%s)"
SPENT = """
SELECT sum(prompt_tokens) + sum(verifier_tokens) - sum(verifier_generated_tokens),
    sum(generated_tokens) + sum(verifier_generated_tokens),
    sum(unknown_prompt_tokens) + sum(unknown_verifier_tokens),
    sum(unknown_generated_tokens) + sum(unknown_verifier_tokens)
FROM attempts
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """`lost`: jobs without a trace, or of accepted experiments and not there. `doubled`: traces of a job that
    has one, and jobs for the same work."""

    jobs: int
    traces: int
    lost: int
    doubled: int


def stored(url: str, accepted: Collection[int], jobs_each: int) -> Stored:
    with psql(url) as connection:
        ((jobs, traces, lost, doubled),) = connection.execute(COUNTS).fetchall()
        ((there,),) = connection.execute(ACCEPTED, (list(accepted),)).fetchall()
    return Stored(jobs, traces, lost + len(accepted) * jobs_each - there, doubled)


def found_wrong(world: World) -> list[str]:
    """What the audit says, a line each, and what failed."""
    found = world.patiently(lambda: audit(world.database)).items()
    said = [f"audit: {wrong}: {len(jobs)} jobs, {', '.join(map(str, jobs[:5]))} ..." for wrong, jobs in found]
    return said + world.patiently(lambda: failed(world.url))


def failed(url: str) -> list[str]:
    """The jobs that failed, a line each, with how each of their attempts ended, and experiments that have no jobs."""
    with psql(url) as connection:
        jobs, experiments = connection.execute(FAILED).fetchall(), connection.execute(NOT_EXPANDED).fetchall()
    return [
        *(f"job {job_id} failed: {attempts}" for job_id, attempts in jobs),
        *(f"experiment {experiment_id} failed: {error}" for experiment_id, error in experiments),
    ]


@dataclass(frozen=True, slots=True)
class Bound:
    """Counted ≤ what vLLM counted ≤ counted + unknown."""

    what: str
    counted: int
    served: int
    unknown: int

    @property
    def holds(self) -> bool:
        return self.counted <= self.served <= self.counted + self.unknown

    def __str__(self) -> str:
        most = self.counted + self.unknown
        return f"{self.what} tokens: counted {self.counted:,} <= vLLM {self.served:,} <= counted + unknown {most:,}"


def bounds(url: str, served: Reading) -> tuple[Bound, Bound]:
    with psql(url) as connection:
        ((prompt, generated, unknown_prompt, unknown),) = connection.execute(SPENT).fetchall()
    return (
        Bound("prompt", prompt, served.prompt, unknown_prompt),
        Bound("generated", generated, served.generated, unknown),
    )
