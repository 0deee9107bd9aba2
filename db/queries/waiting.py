"""Why jobs wait: one answer for the CLI, the list of experiments, an experiment and a job alike.

Nothing is said of what goes on as it should. The words are `results.waiting`'s; Redis is the caller's to ask.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, TextClause, text

from db.engine import reading
from db.queries.standing import Demand, OpenExperiment, Standing, read_standing
from db.status import ExperimentStatus, JobStatus

LEAST_STALL_S = 60.0
"""Nothing is called stalled before; nor before three times what the slowest of the last hundred jobs took."""
STALL_FACTOR = 3.0
FIRST_STALL_S = 600.0
"""As long as one request may take: where no job has ended yet, there is nothing to compare with."""

RETRY = text("""
SELECT extract(epoch FROM min(not_before) - now()) AS retry_in_s, min(error) AS error
FROM jobs WHERE experiment_id = :experiment_id AND status = 'queued'
HAVING bool_and(not_before IS NOT NULL AND not_before > now())
""")

IS_ANY_READY = text("""
SELECT EXISTS (SELECT FROM jobs WHERE experiment_id = :experiment_id AND status = 'queued'
    AND (not_before IS NULL OR not_before <= now()))
""")

OLDEST_RUNNING = text("""
SELECT extract(epoch FROM now() - min(started_at)) FROM jobs
WHERE experiment_id = :experiment_id AND status = 'running'
""")

PACE = text("""
SELECT extract(epoch FROM now() - max(finished_at)) AS since_s,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - started_at)) AS usual_s,
    max(extract(epoch FROM finished_at - started_at)) AS slowest_s
FROM (
    SELECT started_at, finished_at FROM jobs
    WHERE experiment_id = :experiment_id AND status IN ('succeeded', 'failed') AND started_at IS NOT NULL
    ORDER BY finished_at DESC LIMIT 100
) AS last
""")

JOB = text("""
SELECT jobs.experiment_id, jobs.status, jobs.model, arms.verifier, jobs.error,
    extract(epoch FROM jobs.not_before - now()) AS retry_in_s,
    (SELECT count(*) FROM jobs AS others WHERE others.experiment_id = jobs.experiment_id AND others.status = 'queued'
        AND others.model = jobs.model AND others.id < jobs.id) AS before
FROM jobs JOIN arms ON arms.id = jobs.arm_id WHERE jobs.id = :job_id
""")


class Why(StrEnum):
    """What jobs wait for."""

    PAUSED = "paused"  # a person paused the experiment
    NO_WORKER = "no worker"  # nobody is alive
    UNSERVED = "unserved"  # no living worker serves their model, or their verifier, or both at once
    ALTERED = "altered"  # their model is served in another thinking format than their experiment was laid out with
    REDIS_AWAY = "redis away"  # nobody is woken
    LAYING_OUT = "laying out"  # a worker has yet to load the data set, or is at it
    RETRY = "retry"  # each has failed, or was given back, and is tried again later
    BEHIND = "behind"  # other experiments are given slots first
    SLOT = "slot"  # every slot is busy
    STARTING = "starting"  # there is a slot: a moment
    STALLED = "stalled"  # jobs run, and none has ended for unusually long


TROUBLES = frozenset({Why.NO_WORKER, Why.UNSERVED, Why.ALTERED, Why.REDIS_AWAY, Why.STALLED})
"""What does not mend itself."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A model or a verifier that no living worker serves; or a model with its verifier that none serves together."""

    names: tuple[str, ...]
    last_seen_s: float | None
    """How long ago a worker served it; None: none ever did, or not known of two together."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why `jobs` jobs wait. The fields below belong to some reasons only."""

    why: Why
    jobs: int
    running: int = 0
    """Those of the experiment that go on meanwhile."""
    missing: tuple[Missing, ...] = ()
    ahead: tuple[OpenExperiment, ...] = ()
    before: int | None = None
    """How many of its own experiment's jobs are taken before this one; None: it is not of one job."""
    seconds: float | None = None
    """Until the next retry; since a worker was last seen; since a job last ended."""
    usual_s: float | None = None
    """What a job of it usually takes."""
    error: str | None = None

    @property
    def is_trouble(self) -> bool:
        return self.why in TROUBLES


@dataclass
class Inquiry:
    """The questions of one moment, with their answers from the queue as it stands."""

    connection: Connection
    standing: Standing
    redis_problem: Callable[[], str | None]
    line: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.line = self.standing.line()

    def experiment(self, asked: OpenExperiment) -> Waiting | None:
        """None: it goes on."""
        demands = self.standing.of(asked.id)
        queued, running = sum(each.queued for each in demands), sum(each.running for each in demands)
        if asked.status is ExperimentStatus.PAUSED:
            return Waiting(Why.PAUSED, queued, running)
        if hindered := self._hindered(asked, demands):
            return hindered
        if running:
            return self._stalled(asked, queued, running)
        if self.redis_problem():
            return Waiting(Why.REDIS_AWAY, queued)
        if not (asked.is_laid_out or queued):
            return Waiting(Why.LAYING_OUT, 0)
        return self._queued(asked, demands, queued) if queued else None

    def _hindered(self, asked: OpenExperiment, demands: tuple[Demand, ...]) -> Waiting | None:
        """By nobody being there who could do it."""
        jobs = sum(each.queued + each.running for each in demands)
        if not self.standing.fleet.alive:
            return Waiting(Why.NO_WORKER, jobs, seconds=self.standing.last_worker_s)
        running = sum(each.running for each in demands)
        if unserved := [each for each in demands if each.queued and not self.standing.is_served(each)]:
            return Waiting(Why.UNSERVED, sum(each.queued for each in unserved), running, self._missing(unserved))
        altered = {each.model for each in demands if each.queued and (asked.id, each.model) in self.standing.altered}
        if altered and not running:
            return Waiting(Why.ALTERED, jobs, missing=tuple(Missing((name,), None) for name in sorted(altered)))
        return None

    def _missing(self, unserved: list[Demand]) -> tuple[Missing, ...]:
        """Each name that nobody serves; a model with its verifier where nobody serves both at once."""
        served = {name for each in self.standing.fleet.alive for name in (*each.models, *each.verifiers)}
        found: dict[tuple[str, ...], Missing] = {}
        for demand in unserved:
            needed = (demand.model, *([demand.verifier] if demand.verifier else []))
            alone: list[tuple[str, ...]] = [(name,) for name in needed if name not in served]
            for names in alone or [needed]:
                found[names] = Missing(names, self.standing.last_seen_s.get(names[0]) if alone else None)
        return tuple(found.values())

    def _stalled(self, asked: OpenExperiment, queued: int, running: int) -> Waiting | None:
        oldest_s = float(self._scalar(OLDEST_RUNNING, asked) or 0.0)
        if oldest_s < LEAST_STALL_S:
            return None
        pace = self.connection.execute(PACE, {"experiment_id": asked.id}).one()
        if pace.since_s is None:
            is_stalled, silent_s = oldest_s > FIRST_STALL_S, oldest_s
        else:
            silent_s = min(oldest_s, float(pace.since_s))
            is_stalled = silent_s > max(LEAST_STALL_S, STALL_FACTOR * float(pace.slowest_s))
        usual_s = None if pace.usual_s is None else float(pace.usual_s)
        return Waiting(Why.STALLED, queued, running, seconds=silent_s, usual_s=usual_s) if is_stalled else None

    def _queued(self, asked: OpenExperiment, demands: tuple[Demand, ...], queued: int) -> Waiting:
        if not self._scalar(IS_ANY_READY, asked):
            retry = self.connection.execute(RETRY, {"experiment_id": asked.id}).one_or_none()
            if retry is not None:
                return Waiting(Why.RETRY, queued, seconds=float(retry.retry_in_s), error=retry.error)
        return self._in_line(asked, {each.model for each in demands if each.queued}, queued)

    def _in_line(self, asked: OpenExperiment, models: set[str], queued: int, before: int | None = None) -> Waiting:
        ahead = tuple(self.standing.experiments[each] for each in self.line[: self.line.index(asked.id)])
        with_jobs = tuple(each for each in ahead if self._wants(each, models))
        if with_jobs:
            return Waiting(Why.BEHIND, queued, ahead=with_jobs, before=before)
        is_free = any(self.standing.free_slots(model) for model in models)
        return Waiting(Why.STARTING if is_free else Why.SLOT, queued, before=before)

    def _wants(self, other: OpenExperiment, models: set[str]) -> bool:
        return any(each.queued and each.model in models for each in self.standing.of(other.id))

    def job(self, job_id: int) -> Waiting | None:
        """Why this one job waits; None: it does not, or there is none."""
        row = self.connection.execute(JOB, {"job_id": job_id}).one_or_none()
        if row is None or JobStatus(row.status) is not JobStatus.QUEUED:
            return None
        asked = self.standing.experiments.get(row.experiment_id)
        if asked is None:
            return None
        if asked.status is ExperimentStatus.PAUSED:
            return Waiting(Why.PAUSED, 1)
        if hindered := self._hindered(asked, (Demand(asked.id, row.model, row.verifier, 1, 0),)):
            return hindered
        if row.retry_in_s is not None and row.retry_in_s > 0:
            return Waiting(Why.RETRY, 1, seconds=float(row.retry_in_s), error=row.error)
        if not sum(each.running for each in self.standing.of(asked.id)) and self.redis_problem():
            return Waiting(Why.REDIS_AWAY, 1)
        return self._in_line(asked, {row.model}, 1, row.before)

    def _scalar(self, query: TextClause, asked: OpenExperiment) -> Any:
        return self.connection.execute(query, {"experiment_id": asked.id}).scalar_one()


def waiting(
    database: Engine, alive_s: float, redis_problem: Callable[[], str | None] = lambda: None
) -> Mapping[int, Waiting]:
    """Why each open experiment waits, by its id; those that go on are not in it.

    A worker that was silent for `alive_s` does not count. `redis_problem` is asked only where it may be the reason.
    """
    with reading(database) as connection:
        asked = Inquiry(connection, read_standing(connection, alive_s), redis_problem)
        found = {each.id: asked.experiment(each) for each in asked.standing.experiments.values()}
    return {experiment_id: each for experiment_id, each in found.items() if each is not None}


def waiting_of_job(
    database: Engine, job_id: int, alive_s: float, redis_problem: Callable[[], str | None] = lambda: None
) -> Waiting | None:
    """Why a queued job waits; None: it is not queued."""
    with reading(database) as connection:
        return Inquiry(connection, read_standing(connection, alive_s), redis_problem).job(job_id)
