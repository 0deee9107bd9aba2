"""Experiments: the list, and one of them."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, Row, text

from db.engine import reading
from db.errors import UnknownExperimentError
from db.models import JsonObject
from db.problems import NUM_PROBLEMS
from db.rows import read
from db.status import ExperimentStatus, JobStatus
from db.text import storable, storable_or_none
from scaling.errors import nearest
from scaling.spec.families import Families
from scaling.spec.verdict import VerdictSpec

STATUS_COUNTS = ", ".join(f"count(*) FILTER (WHERE status = '{status}') AS {status}" for status in JobStatus)

JOB_COUNTS = f"""
SELECT {STATUS_COUNTS}, coalesce(experiments.num_jobs - experiments.num_laid_out, 0) AS to_come
FROM jobs WHERE jobs.experiment_id = experiments.id
"""

TALLY = """
SELECT coalesce(sum(results_version), 0) AS results_version,
    CASE WHEN count(*) = count(spent_tokens) THEN coalesce(sum(spent_tokens), 0) END AS spent_tokens
FROM tallies WHERE tallies.experiment_id = experiments.id
"""

MATCHING = """
WHERE (CAST(:status AS text) IS NULL OR status = :status)
  AND (CAST(:owner AS text) IS NULL OR owner = :owner)
  AND (CAST(:tag AS text) IS NULL OR :tag = ANY (tags))
  AND (CAST(:model AS text) IS NULL OR spec -> 'models' ? :model)
  AND (CAST(:data_set_digest AS text) IS NULL OR data_set_digest = :data_set_digest)
  AND (CAST(:is_open AS boolean) IS NULL
       OR (status IN ('queued', 'expanding', 'running', 'paused')) = CAST(:is_open AS boolean))
  AND (CAST(:finished_since AS timestamptz) IS NULL OR finished_at > :finished_since)
  AND (CAST(:text AS text) IS NULL OR strpos(lower(name || ' ' || notes), lower(:text)) > 0)
"""

# The page is cut first, then the jobs of just these experiments are counted.
LIST = text(f"""
SELECT experiments.*, counts.*, tally.*
FROM (
    SELECT * FROM experiments
    {MATCHING}
    ORDER BY created_at DESC, id DESC
    LIMIT :limit OFFSET :offset
) AS experiments
CROSS JOIN LATERAL ({JOB_COUNTS}) AS counts
CROSS JOIN LATERAL ({TALLY}) AS tally
ORDER BY experiments.created_at DESC, experiments.id DESC
""")

TWIN = text(f"""
SELECT experiments.*, counts.*, tally.*
FROM (SELECT * FROM experiments WHERE digest = :digest ORDER BY run DESC LIMIT 1) AS experiments
CROSS JOIN LATERAL ({JOB_COUNTS}) AS counts
CROSS JOIN LATERAL ({TALLY}) AS tally
""")

ONE = text(f"""
SELECT experiments.*, counts.*, tally.*,
    coalesce({NUM_PROBLEMS}, 0) AS num_problems
FROM experiments CROSS JOIN LATERAL ({JOB_COUNTS}) AS counts CROSS JOIN LATERAL ({TALLY}) AS tally
WHERE experiments.id = :experiment_id
""")

ARMS = text("SELECT * FROM arms WHERE experiment_id = :experiment_id ORDER BY position")

STOPPED = text("SELECT id FROM experiments WHERE id = ANY (:experiment_ids) AND status IN ('cancelled', 'capped')")

BY_ID = text("SELECT id FROM experiments WHERE id = :experiment_id")
BY_NAME = text("SELECT id FROM experiments WHERE name = :name ORDER BY created_at DESC, id DESC LIMIT 1")
NAMES = text("SELECT DISTINCT name FROM experiments")

FAMILIES: TypeAdapter[Families] = TypeAdapter(Families)


@dataclass(frozen=True, slots=True)
class JobCounts:
    """How many jobs are in each status, and how many an experiment that is still expanding comes to besides."""

    queued: int
    running: int
    succeeded: int
    failed: int
    cancelled: int
    to_come: int = 0

    @property
    def total(self) -> int:
        return self.open + self.ended

    @property
    def ended(self) -> int:
        return self.succeeded + self.failed + self.cancelled

    @property
    def done(self) -> int:
        """Those that came to an end of their own."""
        return self.succeeded + self.failed

    @property
    def open(self) -> int:
        return self.queued + self.running + self.to_come


@dataclass(frozen=True, slots=True)
class ExperimentFilter:
    """Which experiments to list; None: any. `text` is looked for in name and notes, whatever the case.

    `model` is one of those that the spec names; `finished_since` leaves out what ended before, or is open.
    """

    status: ExperimentStatus | None = None
    owner: str | None = None
    tag: str | None = None
    text: str | None = None
    data_set_digest: str | None = None
    model: str | None = None
    finished_since: dt.datetime | None = None
    is_open: bool | None = None

    @property
    def values(self) -> dict[str, object]:
        """What `MATCHING` is asked with."""
        return {
            "status": self.status,
            "owner": storable_or_none(self.owner),
            "tag": storable_or_none(self.tag),
            "text": storable_or_none(self.text),
            "data_set_digest": self.data_set_digest,
            "model": storable_or_none(self.model),
            "finished_since": self.finished_since,
            "is_open": self.is_open,
        }


@dataclass(frozen=True, slots=True)
class ExperimentSummary:
    """One line of the list."""

    id: int
    name: str
    run: int
    owner: str
    status: ExperimentStatus
    error: str | None
    priority: int
    token_cap: int | None
    """Of what all its attempts generate; None: there is none."""
    tags: tuple[str, ...]
    notes: str
    digest: str
    data_set_digest: str | None
    """None: not expanded yet."""
    jobs: JobCounts
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    results_version: int
    """Grows with whatever its results are made of; what is computed from them is good for one version."""
    spent_tokens: int | None
    """Generated by all its attempts, those that run, and were lost or failed, too; None: some engine counts none."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One strategy with its numbers, on one model, as stored at expansion."""

    id: int
    position: int
    label: str
    model: str
    strategy: str
    params: JsonObject
    strategy_spec: JsonObject
    verifier: str | None = None
    """The verifier that it asks; None: it asks none."""
    sampling: JsonObject = field(default_factory=dict)
    """The fields that it has otherwise than the experiment; so too with the prompt."""
    prompt: JsonObject = field(default_factory=dict)
    seed: int | None = None
    """Of its own; None: the experiment's."""


@dataclass(frozen=True, slots=True)
class ExperimentDetail:
    """Everything about an experiment but its results. No arms and no problems before it is expanded."""

    summary: ExperimentSummary
    spec: JsonObject
    spec_yaml: str | None
    models: JsonObject | None
    num_problems: int
    arms: tuple[Arm, ...]
    provenance: JsonObject | None = None
    """Code, graders and seeds as they were at expansion; None: not expanded, or before this was kept."""

    @property
    def id(self) -> int:
        return self.summary.id

    @property
    def families(self) -> Families:
        """Those that its spec names; empty: it names none."""
        return FAMILIES.validate_python(self.spec.get("families", {}))

    @property
    def verdict(self) -> VerdictSpec | None:
        """The rule that its spec fixed; None: it fixed none."""
        given = self.spec.get("verdict")
        return None if given is None else VerdictSpec.model_validate(given)


def list_experiments(
    database: Engine, matching: ExperimentFilter | None = None, limit: int = 50, offset: int = 0
) -> tuple[ExperimentSummary, ...]:
    """Newest first, with the jobs of each counted."""
    wanted = matching or ExperimentFilter()
    with reading(database) as connection:
        rows = connection.execute(LIST, {**wanted.values, "limit": limit, "offset": offset})
        return tuple(experiment_summary(row) for row in rows)


def experiment(database: Engine, id_or_name: int | str) -> ExperimentDetail:
    """By id (a number, or its digits), or the newest of that name. UnknownExperimentError suggests near names."""
    with reading(database) as connection:
        experiment_id = find_id(connection, id_or_name)
        row = connection.execute(ONE, {"experiment_id": experiment_id}).one_or_none()
        if row is None:
            raise unknown(connection, id_or_name)
        arms = connection.execute(ARMS, {"experiment_id": experiment_id})
        summary, found = experiment_summary(row), tuple(read(Arm, each) for each in arms)
        return read(ExperimentDetail, row, summary=summary, arms=found)


def twin(database: Engine, digest: str) -> ExperimentSummary | None:
    """The latest run of the spec with this digest; None: it was never submitted."""
    with reading(database) as connection:
        row = connection.execute(TWIN, {"digest": digest}).one_or_none()
    return None if row is None else experiment_summary(row)


def stopped(database: Engine, experiment_ids: Collection[int]) -> frozenset[int]:
    """Which of them were cancelled, or have spent their cap."""
    with reading(database) as connection:
        return frozenset(connection.execute(STOPPED, {"experiment_ids": list(experiment_ids)}).scalars())


def find_id(connection: Connection, id_or_name: int | str) -> int:
    """An experiment may be named "2024": a name wins over an id only where no such id exists."""
    if isinstance(id_or_name, int) or id_or_name.isdecimal():
        known = connection.execute(BY_ID, {"experiment_id": int(id_or_name)}).scalar_one_or_none()
        if known is not None:
            return int(known)
    named = connection.execute(BY_NAME, {"name": storable(str(id_or_name))}).scalar_one_or_none()
    if named is None:
        raise unknown(connection, id_or_name)
    return int(named)


def unknown(connection: Connection, id_or_name: int | str) -> UnknownExperimentError:
    names = list(connection.execute(NAMES).scalars())
    near = nearest(id_or_name, names, most=3)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    return UnknownExperimentError(f"there is no experiment {id_or_name!r}; {hint}`overthink status` lists them")


def experiment_summary(row: Row[Any]) -> ExperimentSummary:
    return read(ExperimentSummary, row, jobs=read(JobCounts, row))
