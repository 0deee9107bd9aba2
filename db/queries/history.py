"""What arms on a model took before, and how fast it was: what another experiment on it may be expected to cost."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, TextClause, text

from db.engine import reading
from db.models import JsonObject
from db.problems import FINGERPRINT, Fingerprints
from db.rows import read

MOST_ARMS = 100
"""The newest of a model are looked at; of each, the first MOST_JOBS that have a result."""
MOST_JOBS = 500
MOST_ATTEMPTS = 2_000
"""The newest that are looked at for a model's pace."""

RAN = text("""
SELECT arms.id AS arm_id, arms.label, arms.strategy_spec, arms.experiment_id, experiments.name AS experiment,
    experiments.spec -> 'data_set' AS data_set, coalesce((experiments.spec ->> 'repeats')::integer, 1) AS repeats,
    (experiments.spec -> 'sampling') || arms.sampling AS sampling,
    (experiments.spec -> 'prompt') || arms.prompt AS prompt,
    coalesce(arms.seed, (experiments.spec ->> 'seed')::bigint) AS seed, took.*
FROM (SELECT * FROM arms WHERE model = :model ORDER BY id DESC LIMIT :most_arms) AS arms
JOIN experiments ON experiments.id = arms.experiment_id
CROSS JOIN LATERAL (
    SELECT count(*) AS jobs, avg(generated_tokens) AS generated_mean, stddev_samp(generated_tokens) AS generated_sd,
        avg(prompt_tokens) AS prompt_mean
    FROM (
        SELECT traces.generated_tokens, traces.prompt_tokens FROM jobs JOIN traces ON traces.job_id = jobs.id
        WHERE jobs.arm_id = arms.id AND traces.generated_tokens IS NOT NULL
        LIMIT :most_jobs
    ) AS first_jobs
) AS took
WHERE took.jobs > 0
ORDER BY arms.id DESC
""")

ASKED = f"""
JOIN unnest(CAST(:keys AS text[]), CAST(:fingerprints AS text[])) AS asked (key, fingerprint)
    ON asked.key = problems.key AND asked.fingerprint = {FINGERPRINT}
"""


def done_query(asked: str) -> TextClause:
    """Each job of a group once, as the newest arm's."""
    return text(f"""
        SELECT place, arm_id, count(*) AS jobs FROM (
            SELECT DISTINCT ON (place, problems.key, jobs.repeat) place, jobs.arm_id
            FROM unnest(CAST(:places AS integer[]), CAST(:arm_ids AS bigint[])) AS wanted (place, arm_id)
            JOIN jobs ON jobs.arm_id = wanted.arm_id AND jobs.status = 'succeeded' AND jobs.repeat < :repeats
            JOIN problems ON problems.id = jobs.problem_id
            {asked}
            ORDER BY place, problems.key, jobs.repeat, jobs.arm_id DESC
        ) AS done GROUP BY place, arm_id
        """)


DONE, DONE_OF_ASKED = done_query(""), done_query(ASKED)

# The spans of the attempts, laid over one another: while nothing ran no time went by.
PACE = text("""
SELECT sum(generated_tokens) / nullif(
        sum(extract(epoch FROM ended_at - least(ended_at, greatest(started_at, covered_until)))), 0) AS tokens_per_s
FROM (
    SELECT generated_tokens, started_at, ended_at, max(ended_at) OVER (
        ORDER BY started_at, ended_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS covered_until
    FROM (
        SELECT attempts.generated_tokens, attempts.started_at,
            greatest(attempts.started_at, attempts.ended_at) AS ended_at
        FROM (SELECT id, attempt FROM jobs WHERE model = :model AND status = 'succeeded' ORDER BY id DESC LIMIT :most)
            AS newest
        JOIN attempts ON attempts.job_id = newest.id AND attempts.attempt = newest.attempt
        WHERE attempts.generated_tokens IS NOT NULL AND attempts.ended_at IS NOT NULL
    ) AS spans
) AS laid
""")


@dataclass(frozen=True, slots=True)
class RanArm:
    """An arm that has results: how it asked (as it was stored), and what its jobs generated, each, on average."""

    arm_id: int
    label: str
    strategy_spec: JsonObject
    experiment_id: int
    experiment: str
    data_set: JsonObject
    repeats: int
    sampling: JsonObject
    prompt: JsonObject
    seed: int
    jobs: int
    """That were looked at: MOST_JOBS at most."""
    generated_mean: float
    generated_sd: float | None
    """None: of one job alone there is none."""
    prompt_mean: float | None
    """Tokens of all requests of a job; None: its engine counts none."""


def ran_arms(database: Engine, model: str) -> tuple[RanArm, ...]:
    """The newest arms on the model whose tokens were counted, the newest first."""
    with reading(database) as connection:
        rows = connection.execute(RAN, {"model": model, "most_arms": MOST_ARMS, "most_jobs": MOST_JOBS})
        return tuple(read(RanArm, row) for row in rows)


def succeeded_jobs(
    database: Engine, groups: Sequence[Sequence[int]], repeats: int, asked: Fingerprints | None
) -> tuple[dict[int, int], ...]:
    """For each group of arms that ask in one way: how many jobs each of them did that no newer one of it has done, by
    its id; an arm without any is missing. Of `asked` only, where it is told, and of the first `repeats` of each."""
    wanted = [(place, arm_id) for place, group in enumerate(groups) for arm_id in group]
    values = {"places": [place for place, _ in wanted], "arm_ids": [arm_id for _, arm_id in wanted], "repeats": repeats}
    if asked is not None:
        values |= {"keys": [key for key, _ in asked], "fingerprints": [fingerprint for _, fingerprint in asked]}
    done: tuple[dict[int, int], ...] = tuple({} for _ in groups)
    with reading(database) as connection:
        for row in connection.execute(DONE if asked is None else DONE_OF_ASKED, values):
            done[row.place][row.arm_id] = row.jobs
    return done


def pace(database: Engine, model: str) -> float | None:
    """Generated tokens a second while the newest attempts on the model ran; None: none did, or nobody counted."""
    with reading(database) as connection:
        found = connection.execute(PACE, {"model": model, "most": MOST_ATTEMPTS}).scalar_one()
    return None if found is None else float(found)
