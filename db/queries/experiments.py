"""Experiments: the list, and one of them."""

import datetime as dt
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, Row, text

from db.engine import reading
from db.errors import UnknownExperimentError
from db.models import JsonObject
from db.status import ExperimentStatus, JobStatus
from db.text import storable, storable_or_none
from scaling.errors import nearest

STATUS_COUNTS = ", ".join(f"count(*) FILTER (WHERE status = '{status}') AS {status}" for status in JobStatus)

JOB_COUNTS = f"SELECT {STATUS_COUNTS} FROM jobs WHERE jobs.experiment_id = experiments.id"

# The page is cut first, then the jobs of just these experiments are counted.
LIST = text(f"""
SELECT experiments.*, counts.*
FROM (
    SELECT * FROM experiments
    WHERE (CAST(:status AS text) IS NULL OR status = :status)
      AND (CAST(:owner AS text) IS NULL OR owner = :owner)
      AND (CAST(:tag AS text) IS NULL OR :tag = ANY (tags))
      AND (CAST(:data_set_digest AS text) IS NULL OR data_set_digest = :data_set_digest)
      AND (CAST(:text AS text) IS NULL OR strpos(lower(name || ' ' || notes), lower(:text)) > 0)
    ORDER BY created_at DESC, id DESC
    LIMIT :limit OFFSET :offset
) AS experiments
CROSS JOIN LATERAL ({JOB_COUNTS}) AS counts
ORDER BY experiments.created_at DESC, experiments.id DESC
""")

ONE = text(f"""
SELECT experiments.*, counts.*,
    (SELECT count(*) FROM problems WHERE problems.experiment_id = experiments.id) AS num_problems
FROM experiments CROSS JOIN LATERAL ({JOB_COUNTS}) AS counts
WHERE experiments.id = :experiment_id
""")

ARMS = text("SELECT * FROM arms WHERE experiment_id = :experiment_id ORDER BY position")

BY_NAME = text("SELECT id FROM experiments WHERE name = :name ORDER BY created_at DESC, id DESC LIMIT 1")
NAMES = text("SELECT DISTINCT name FROM experiments")


@dataclass(frozen=True, slots=True)
class JobCounts:
    """How many jobs are in each status."""

    queued: int
    running: int
    succeeded: int
    failed: int
    cancelled: int

    @property
    def total(self) -> int:
        return self.queued + self.running + self.ended

    @property
    def ended(self) -> int:
        return self.succeeded + self.failed + self.cancelled

    @property
    def done(self) -> int:
        """Those that came to an end of their own."""
        return self.succeeded + self.failed

    @property
    def open(self) -> int:
        return self.queued + self.running


@dataclass(frozen=True, slots=True)
class ExperimentFilter:
    """Which experiments to list; None: any. `text` is looked for in name and notes, whatever the case."""

    status: ExperimentStatus | None = None
    owner: str | None = None
    tag: str | None = None
    text: str | None = None
    data_set_digest: str | None = None


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
    tags: tuple[str, ...]
    notes: str
    digest: str
    data_set_digest: str | None
    """None: not expanded yet."""
    jobs: JobCounts
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None


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


def list_experiments(
    database: Engine, matching: ExperimentFilter | None = None, limit: int = 50, offset: int = 0
) -> tuple[ExperimentSummary, ...]:
    """Newest first, with the jobs of each counted."""
    wanted = matching or ExperimentFilter()
    values = {
        "status": wanted.status,
        "owner": storable_or_none(wanted.owner),
        "tag": storable_or_none(wanted.tag),
        "text": storable_or_none(wanted.text),
        "data_set_digest": wanted.data_set_digest,
    }
    with reading(database) as connection:
        rows = connection.execute(LIST, {**values, "limit": limit, "offset": offset})
        return tuple(experiment_summary(row) for row in rows)


def experiment(database: Engine, id_or_name: int | str) -> ExperimentDetail:
    """By id (a number, or its digits), or the newest of that name. UnknownExperimentError suggests near names."""
    with reading(database) as connection:
        experiment_id = find_id(connection, id_or_name)
        row = connection.execute(ONE, {"experiment_id": experiment_id}).one_or_none()
        if row is None:
            raise unknown(connection, id_or_name)
        arms = connection.execute(ARMS, {"experiment_id": experiment_id})
        return ExperimentDetail(
            summary=experiment_summary(row),
            spec=row.spec,
            spec_yaml=row.spec_yaml,
            models=row.models,
            num_problems=row.num_problems,
            arms=tuple(arm(each) for each in arms),
            provenance=row.provenance,
        )


def find_id(connection: Connection, id_or_name: int | str) -> int:
    """An experiment may be named "2024": a name wins over an id only where no such id exists."""
    if isinstance(id_or_name, int) or id_or_name.isdecimal():
        known = connection.execute(ONE, {"experiment_id": int(id_or_name)}).one_or_none()
        if known is not None:
            return int(id_or_name)
    named = connection.execute(BY_NAME, {"name": storable(str(id_or_name))}).scalar_one_or_none()
    if named is None:
        raise unknown(connection, id_or_name)
    return int(named)


def unknown(connection: Connection, id_or_name: int | str) -> UnknownExperimentError:
    names = list(connection.execute(NAMES).scalars())
    near = nearest(id_or_name, names, most=3)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    return UnknownExperimentError(f"there is no experiment {id_or_name!r}; {hint}`overthink status` lists them")


def experiment_summary(row: Row[tuple[object, ...]]) -> ExperimentSummary:
    return ExperimentSummary(
        id=row.id,
        name=row.name,
        run=row.run,
        owner=row.owner,
        status=ExperimentStatus(row.status),
        error=row.error,
        priority=row.priority,
        tags=tuple(row.tags),
        notes=row.notes,
        digest=row.digest,
        data_set_digest=row.data_set_digest,
        jobs=job_counts(row),
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def job_counts(row: Row[tuple[object, ...]]) -> JobCounts:
    return JobCounts(row.queued, row.running, row.succeeded, row.failed, row.cancelled)


def arm(row: Row[tuple[object, ...]]) -> Arm:
    return Arm(
        row.id,
        row.position,
        row.label,
        row.model,
        row.strategy,
        row.params,
        row.strategy_spec,
        row.verifier,
        row.sampling,
        row.prompt,
    )
