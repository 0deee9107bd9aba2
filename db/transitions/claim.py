"""Claiming: which job goes next, decided by one ORDER BY."""

import datetime as dt
import json
from collections.abc import Collection, Mapping
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from db.counts import SPENDING_COLUMNS
from db.engine import at_once, in_one_trip
from db.problems import problem_of
from db.records import NO_FORMATS, ClaimedJob, Formats
from db.rows import read

# Whether the worker's registry describes a model, or a verifier, otherwise than when the experiment was expanded.
# What only one of the two knows makes no difference: fields come and go with versions.
IS_OTHER_MODEL = """EXISTS (
    SELECT FROM jsonb_each(experiments.models -> CAST(:model AS text) -> 'thinking') AS agreed (field, value)
    WHERE CAST(:thinking AS jsonb) -> agreed.field <> agreed.value
)"""
IS_OTHER_VERIFIER = """EXISTS (
    SELECT FROM jsonb_each(experiments.models -> arms.verifier -> 'facts' -> 'format') AS agreed (field, value)
    WHERE CAST(:verifier_formats AS jsonb) -> arms.verifier -> agreed.field <> agreed.value
)"""

# `line` holds the running experiments in the order in which they deserve the slot: priority, then the owner with the
# fewest jobs running on this model, then age. The first of them that has a ready job gives its oldest one. Jobs that
# another claim is just taking are skipped, not waited for. `terms` are looked at of those experiments alone that are
# reached: one that knows the model in another thinking format than this worker's registry is passed over, and so are
# the `unserved` arms, which ask a verifier that this worker does not serve, or in another format than when the
# experiment was expanded. OFFSET 0 keeps the planner from looking at the terms of each job. `busy` takes experiments of
# which no job runs along, so that it is one pass over all that are open, however few jobs the planner thinks run. Where
# it thinks that there are no jobs and problems at all, as after an ANALYZE while the first were being laid out, nothing
# is joined that could be read whole instead of by its key.
CLAIM = text(f"""
WITH busy AS MATERIALIZED (
    SELECT experiments.owner, CAST(sum(counted.jobs) AS bigint) AS jobs
    FROM experiments LEFT JOIN (
        SELECT experiment_id, count(*) AS jobs FROM jobs
        WHERE status = 'running' AND model = :model GROUP BY experiment_id
    ) AS counted ON counted.experiment_id = experiments.id
    WHERE experiments.status IN ('running', 'paused')
    GROUP BY experiments.owner
), line AS MATERIALIZED (
    SELECT experiments.id
    FROM experiments LEFT JOIN busy ON busy.owner = experiments.owner
    WHERE experiments.status = 'running'
      AND (CAST(:above AS integer) IS NULL OR experiments.priority > CAST(:above AS integer))
    ORDER BY experiments.priority DESC, coalesce(busy.jobs, 0), experiments.created_at, experiments.id
), chosen AS (
    SELECT ready.id
    FROM line CROSS JOIN LATERAL (
        SELECT ARRAY(SELECT arms.id FROM arms
                     WHERE arms.experiment_id = line.id AND arms.model = :model AND arms.verifier IS NOT NULL
                       AND (arms.verifier <> ALL (CAST(:verifiers AS text[]))
                            OR {IS_OTHER_VERIFIER})) AS unserved
        FROM experiments WHERE experiments.id = line.id AND NOT {IS_OTHER_MODEL}
        OFFSET 0
    ) AS terms
    CROSS JOIN LATERAL (
        SELECT jobs.id
        FROM jobs
        WHERE jobs.experiment_id = line.id AND jobs.model = :model AND jobs.status = 'queued'
          AND (jobs.not_before IS NULL OR jobs.not_before <= coalesce(CAST(:now AS timestamptz), now()))
          AND jobs.arm_id <> ALL (terms.unserved)
        ORDER BY jobs.id
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    ) AS ready
    LIMIT 1
), claimed AS (
    UPDATE jobs
    SET status = 'running', attempt = attempt + 1, worker = :worker, not_before = NULL, finished_at = NULL,
        heartbeat_at = coalesce(CAST(:now AS timestamptz), now()),
        started_at = coalesce(CAST(:now AS timestamptz), now())
    WHERE jobs.id = (SELECT id FROM chosen)
    RETURNING jobs.*
), opened AS (
    INSERT INTO attempts (job_id, attempt, worker, started_at, provenances, {", ".join(SPENDING_COLUMNS)})
    SELECT id, attempt, worker, started_at, CAST(:provenances AS integer[]),
        {", ".join("0" for _ in SPENDING_COLUMNS)} FROM claimed
)
SELECT claimed.id AS job_id, claimed.attempt, claimed.experiment_id, claimed.model, claimed.repeat,
    arms.id AS arm_id, arms.label AS arm_label, arms.strategy_spec AS strategy, arms.verifier,
    coalesce(to_jsonb(arms.seed), experiments.spec -> 'seed') AS seed,
    (experiments.spec -> 'sampling') || arms.sampling AS sampling,
    (experiments.spec -> 'prompt') || arms.prompt AS prompt, experiments.started_at IS NULL AS is_first,
    experiments.priority,
    experiments.models -> claimed.model -> 'thinking' AS thinking,
    problems.key, problems.question, problems.answer, problems.grader, problems.level, problems.subject,
    problems.options
FROM claimed
JOIN arms ON arms.id = claimed.arm_id
CROSS JOIN LATERAL (SELECT * FROM problems WHERE problems.id = claimed.problem_id OFFSET 0) AS problems
JOIN experiments ON experiments.id = claimed.experiment_id
""")

IN_ONE_TRIP = 8
"""Claims that are sent together: where the line ends among them, the others look in vain."""

START = text("""
UPDATE experiments SET started_at = coalesce(CAST(:now AS timestamptz), now())
WHERE id = :experiment_id AND started_at IS NULL
""")


def claim(
    database: Engine,
    model: str,
    worker: str,
    verifiers: Collection[str] = (),
    now: dt.datetime | None = None,
    provenance: int | None = None,
    formats: Formats = NO_FORMATS,
    above: int | None = None,
) -> ClaimedJob | None:
    """Leases the job that goes next on `model` to `worker`, which serves `verifiers`, and opens an attempt, which
    `provenance` tells what it is made by (see `provenance_id`).

    None if no job is ready that asks no verifier, or one of these, in the worker's `formats`; or none of a priority
    `above` that.
    """
    jobs = claim_several(database, 1, model, worker, verifiers, now, provenance, formats, above)
    return jobs[0] if jobs else None


def claim_several(
    database: Engine,
    number: int,
    model: str,
    worker: str,
    verifiers: Collection[str] = (),
    now: dt.datetime | None = None,
    provenance: int | None = None,
    formats: Formats = NO_FORMATS,
    above: int | None = None,
) -> tuple[ClaimedJob, ...]:
    """As many claims one behind the other, of the same jobs in the same order, in one transaction and few round trips.

    Fewer, if no more jobs are ready.
    """
    thinking = formats.thinking.get(model)
    values = {
        "model": model,
        "worker": worker,
        "verifiers": list(verifiers),
        "now": now,
        "provenances": [] if provenance is None else [provenance],
        "thinking": None if thinking is None else thinking.model_dump_json(),
        "verifier_formats": json.dumps(dict(formats.verifiers)),
        "above": above,
    }
    with at_once(database) if number <= IN_ONE_TRIP else database.begin() as connection:
        rows = claimed_rows(connection, number, values)
    for experiment_id in {row.experiment_id for row in rows if row.is_first}:
        mark_started(database, experiment_id, now)
    return tuple(claimed_job(row, provenance) for row in rows)


def claimed_rows(connection: Connection, number: int, values: Mapping[str, object]) -> list[Row[Any]]:
    rows: list[Row[Any]] = []
    asked = found = 0
    while asked == found and (asked := min(number - len(rows), IN_ONE_TRIP)):
        told = in_one_trip(connection, *[(CLAIM, values)] * asked)
        rows += chain.from_iterable(told)
        found = sum(map(len, told))
    return rows


def mark_started(database: Engine, experiment_id: int, now: dt.datetime | None) -> None:
    """After the claim, not in it: a cancel locks the experiment before its jobs, and the two would wait in a circle."""
    with database.begin() as connection:
        connection.execute(START, {"experiment_id": experiment_id, "now": now})


def claimed_job(row: Row[Any], provenance: int | None) -> ClaimedJob:
    return read(ClaimedJob, row, problem=problem_of(row), provenance=provenance)
