"""Following an experiment until it is closed: what is seen at each look, said in one line. Draws nothing."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Engine

from db import queries
from db.settings import Settings
from db.status import ExperimentStatus
from results.progress.left import left, left_words
from results.waiting import sentence
from results.wording import UNKNOWN, shown
from worker import submit
from worker.database_outage import DATABASE_AWAY

OBVIOUS = frozenset({queries.Why.PAUSED, queries.Why.LAYING_OUT, queries.Why.STARTING})
"""Reasons that the status says already, or that are over in a moment."""
LOST_PATIENCE_S = 120.0
"""How long PostgreSQL may be away while somebody watches."""


@dataclass(frozen=True, slots=True)
class Look:
    """How far an experiment is at one moment."""

    name: str
    progress: queries.Progress
    unserved: tuple[str, ...]
    """Models and verifiers that its jobs wait for and no live worker serves."""
    waiting: queries.Waiting | None = None
    """Why its jobs wait; None: they go on."""

    @property
    def sentence(self) -> str:
        """Everything but the name, in one line."""
        jobs = self.progress.jobs
        if not jobs.total:
            return " · ".join([self.progress.status.shown, *self._trouble()])
        parts = [f"{jobs.succeeded + jobs.failed:,}/{jobs.total:,} jobs", f"{shown(self.progress.spent_tokens)} tokens"]
        if jobs.failed:
            parts.insert(1, f"{jobs.failed:,} failed")
        return " · ".join([*parts, *self._pace(), *self._trouble()])

    def _pace(self) -> Iterator[str]:
        if self.progress.status is not ExperimentStatus.RUNNING:
            yield self.progress.status.shown
            return
        if self.progress.generated_tokens_per_s:
            yield f"{self.progress.generated_tokens_per_s:,.0f} tokens/s"
        if (said := left_words(left(self.progress))) != UNKNOWN:
            yield f"{said} left"

    def _trouble(self) -> Iterator[str]:
        if self.waiting and self.waiting.why not in OBVIOUS:
            yield sentence(self.waiting)


def look(database: Engine, experiment_id: int, found: Settings) -> Look:
    """One look. `found` says how long a worker may be silent and still counts as alive, and where Redis is."""
    experiment = queries.experiment(database, experiment_id)
    progress = queries.progress(database, experiment_id)
    wanted = set() if progress.status.is_closed else wanted_models(experiment)
    unserved = unserved_models(queries.fleet(database, found.lease_ttl_s), wanted)
    waits = waiting(database, found).get(experiment_id)
    return Look(experiment.summary.name, progress, tuple(unserved), waits)


def waiting(database: Engine, found: Settings) -> Mapping[int, queries.Waiting]:
    """Why each open experiment waits, by its id."""
    url = found.redis_url
    return queries.waiting(database, found.lease_ttl_s, lambda: None if url is None else submit.redis_problem(url))


def wanted_models(experiment: queries.ExperimentDetail) -> set[str]:
    """With the verifiers that its arms ask. By its arms; before it is expanded, by its spec."""
    if experiment.arms:
        verifiers = {arm.verifier for arm in experiment.arms if arm.verifier is not None}
        return {arm.model for arm in experiment.arms} | verifiers
    named = experiment.spec.get("models")
    return {str(name) for name in named} if isinstance(named, list) else set()


def unserved_models(fleet: queries.Fleet, wanted: set[str]) -> list[str]:
    """Which of the models and verifiers no live worker serves."""
    return sorted(model for model in wanted if not fleet.num_workers(model))


def follow(
    look_now: Callable[[], Look], pause_s: float, on_outage: Callable[[], None] = lambda: None
) -> Iterator[Look]:
    """Looks until the experiment is closed; that look is the last. PostgreSQL may be away for a while."""
    lost_since: float | None = None
    while True:
        try:
            seen = look_now()
        except DATABASE_AWAY:
            if lost_since is None:
                lost_since = time.monotonic()
                on_outage()
            if time.monotonic() - lost_since > LOST_PATIENCE_S:
                raise
        else:
            lost_since = None
            yield seen
            if seen.progress.status.is_closed:
                return
        time.sleep(pause_s)
