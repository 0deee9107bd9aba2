"""What stands in the queue now, read at one moment: open experiments, what their jobs need, who serves it, who is next.

Facts only; `db.queries.waiting` says what follows from them.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text

from db.engine import reading
from db.queries.fleet import Fleet, read_fleet
from db.rows import read
from db.status import ExperimentStatus

OPEN = text("""
SELECT id, name, owner, status, priority, created_at, expanded_at IS NOT NULL AS is_laid_out FROM experiments
WHERE status IN ('queued', 'expanding', 'running', 'paused') ORDER BY id
""")

# Counted from the index alone where no arm of the experiment asks a verifier; else each job's arm is looked at.
DEMANDS = text("""
WITH judged AS (
    SELECT DISTINCT experiment_id FROM arms
    WHERE experiment_id = ANY (CAST(:experiments AS bigint[])) AND verifier IS NOT NULL
)
SELECT experiment_id, model, NULL AS verifier,
    count(*) FILTER (WHERE status = 'queued') AS queued, count(*) FILTER (WHERE status = 'running') AS running
FROM jobs
WHERE experiment_id = ANY (CAST(:experiments AS bigint[])) AND status IN ('queued', 'running')
  AND experiment_id NOT IN (SELECT experiment_id FROM judged)
GROUP BY experiment_id, model
UNION ALL
SELECT jobs.experiment_id, arms.model, arms.verifier,
    count(*) FILTER (WHERE jobs.status = 'queued'), count(*) FILTER (WHERE jobs.status = 'running')
FROM jobs JOIN arms ON arms.id = jobs.arm_id
WHERE jobs.experiment_id IN (SELECT experiment_id FROM judged) AND jobs.status IN ('queued', 'running')
GROUP BY jobs.experiment_id, arms.model, arms.verifier
""")

LAST_SEEN = text("""
SELECT name, extract(epoch FROM now() - max(heartbeat_at)) AS silent_s
FROM workers CROSS JOIN LATERAL unnest(models || verifiers) AS served (name) GROUP BY name
""")

# By the latest announcement; see `db.transitions.claim` for what a worker does not claim.
ALTERED = text("""
SELECT experiments.id, models.name
FROM experiments JOIN models ON experiments.models ? models.name
WHERE experiments.id = ANY (CAST(:experiments AS bigint[])) AND EXISTS (
    SELECT FROM jsonb_each(experiments.models -> models.name -> 'thinking') AS agreed (field, value)
    WHERE models.thinking -> agreed.field <> agreed.value
)
""")

LAST_WORKER = text("SELECT extract(epoch FROM now() - max(heartbeat_at)) FROM workers")


@dataclass(frozen=True, slots=True)
class OpenExperiment:
    """One that is not closed."""

    id: int
    name: str
    owner: str
    status: ExperimentStatus
    priority: int
    created_at: dt.datetime
    is_laid_out: bool = True
    """All its jobs are there."""


@dataclass(frozen=True, slots=True)
class Demand:
    """The open jobs of one experiment that need the same: a model, and a verifier where their arms ask one."""

    experiment_id: int
    model: str
    verifier: str | None
    queued: int
    running: int


@dataclass(frozen=True, slots=True)
class Standing:
    """The queue at one moment. `last_seen_s` is how long ago a worker last served each model or verifier."""

    experiments: Mapping[int, OpenExperiment]
    demands: tuple[Demand, ...]
    fleet: Fleet
    last_seen_s: Mapping[str, float]
    last_worker_s: float | None
    """None: there never was a worker."""
    altered: frozenset[tuple[int, str]] = frozenset()
    """Experiments, by id, and models of theirs that are announced with another thinking format than they know."""

    def of(self, experiment_id: int) -> tuple[Demand, ...]:
        return tuple(each for each in self.demands if each.experiment_id == experiment_id)

    @property
    def waiting_jobs(self) -> int:
        """All that are queued, paused ones too."""
        return sum(each.queued for each in self.demands)

    @property
    def paused_jobs(self) -> int:
        paused = {each.id for each in self.experiments.values() if each.status is ExperimentStatus.PAUSED}
        return sum(each.queued for each in self.demands if each.experiment_id in paused)

    def is_served(self, demand: Demand) -> bool:
        """By one living worker, all of it."""
        wanted = {demand.model, *([demand.verifier] if demand.verifier else [])}
        return any(wanted <= {*each.models, *each.verifiers} for each in self.fleet.alive)

    def free_slots(self, model: str) -> int:
        return sum(max(0, each.slots - each.running) for each in self.fleet.alive if model in each.models)

    def line(self) -> tuple[int, ...]:
        """Running experiments in the order in which they are given slots; see `db.transitions.claim`."""
        busy: dict[str, int] = {}
        for each in self.demands:
            owner = self.experiments[each.experiment_id].owner
            busy[owner] = busy.get(owner, 0) + each.running
        running = [each for each in self.experiments.values() if each.status is ExperimentStatus.RUNNING]
        running.sort(key=lambda each: (-each.priority, busy.get(each.owner, 0), each.created_at, each.id))
        return tuple(each.id for each in running)


def standing(database: Engine, alive_s: float) -> Standing:
    """A worker that was silent for `alive_s` does not count."""
    with reading(database) as connection:
        return read_standing(connection, alive_s)


def read_standing(connection: Connection, alive_s: float) -> Standing:
    experiments = {row.id: read(OpenExperiment, row) for row in connection.execute(OPEN)}
    demands = connection.execute(DEMANDS, {"experiments": list(experiments)})
    last_worker_s = connection.execute(LAST_WORKER).scalar_one()
    return Standing(
        experiments=experiments,
        demands=tuple(read(Demand, row) for row in demands),
        fleet=read_fleet(connection, alive_s),
        last_seen_s={row.name: float(row.silent_s) for row in connection.execute(LAST_SEEN)},
        last_worker_s=None if last_worker_s is None else float(last_worker_s),
        altered=frozenset(
            (row.id, row.name) for row in connection.execute(ALTERED, {"experiments": list(experiments)})
        ),
    )
