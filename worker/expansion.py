"""Expansion: a queued spec becomes arms, problems and jobs. Data sets are read here, on a worker's machine."""

import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Engine

from db import transitions
from db.errors import WrongStatusError
from db.queries.fleet import models, verifiers
from db.records import Expanding, NewArm
from db.settings import settings
from db.status import ExperimentStatus
from scaling.errors import BadInputError
from scaling.spec import ExperimentSpec
from scaling.spec.arms import ArmSpec
from scaling.spec.checks import misfits
from scaling.spec.errors import dotted
from worker.bells import BellError, Bells
from worker.bells.demand import ring_for_waiting
from worker.database_outage import DATABASE_AWAY, first_line, patiently
from worker.datasets.of_spec import load_data_set
from worker.datasets.rows import DataSetAwayError
from worker.events import Closed, Expanded
from worker.listeners import emit
from worker.provenance import of_experiment
from worker.registry import Registry

log = logging.getLogger(__name__)


class MisfitError(BadInputError):
    """What is served cannot do what the spec asks of it. Submit one that it can do, or serve something else."""


class Expander:
    """Expands experiments and rings for their jobs. Without PostgreSQL or Redis, the reconciler sees to it later."""

    def __init__(self, database: Engine, registry: Registry, data_dir: Path, bells: Bells, alive_s: float) -> None:
        self._database = database
        self._registry = registry
        self._data_dir = data_dir
        self._bells = bells
        self._alive_s = alive_s
        self._expanding: set[int] = set()
        self._unheard: set[int] = set()
        """Those of them that Redis was away for: the reconciler rings, and is not forestalled at each slice."""

    @property
    def expanding(self) -> frozenset[int]:
        """The experiments that this worker expands now. Safe across threads."""
        return frozenset(self._expanding)

    def hear(self, told: object) -> None:
        """What a bell says, which may be anything: only an experiment's number is heard."""
        if isinstance(told, int) and 0 < told < 2**63:
            self.expand(told)
        else:
            log.warning("a bell rang for %r, which is no number of an experiment", told)

    def expand(self, experiment_id: int) -> None:
        self._expanding.add(experiment_id)
        try:
            expand(self._database, experiment_id, self._registry, self._data_dir, lambda: self._ring(experiment_id))
        except (*DATABASE_AWAY, DataSetAwayError) as error:
            log.warning("experiment %s is left for now: %s", experiment_id, first_line(error))
            self._leave(experiment_id)
        finally:
            self._expanding.discard(experiment_id)
            self._unheard.discard(experiment_id)

    def _leave(self, experiment_id: int) -> None:
        """As soon as PostgreSQL is back; if that takes long, the experiment is taken for left anyway."""
        with suppress(*DATABASE_AWAY):
            patiently(lambda: transitions.leave_expansion(self._database, experiment_id), f"experiment {experiment_id}")

    def _ring(self, experiment_id: int) -> None:
        if experiment_id in self._unheard:
            return
        try:
            ring_for_waiting(self._database, self._bells, self._alive_s)
        except BellError as error:
            self._unheard.add(experiment_id)
            log.warning("experiment %s: %s The reconciler will ring.", experiment_id, error)


def expand(
    database: Engine,
    experiment_id: int,
    registry: Registry,
    data_dir: Path,
    after_slice: Callable[[], None] = lambda: None,
) -> bool:
    """Expands one experiment, unless another worker does; whether it did.

    `after_slice` is called whenever more jobs may be claimed.

    A data set that cannot be used fails the experiment, with the reason; so does a fault of ours, since it would
    happen again at each try and leave the experiment expanding for ever. A database that is away fails nothing, nor
    does a machine that can open no file now.
    """
    expanding = transitions.begin_expansion(database, experiment_id)
    if expanding is None:
        return False
    try:
        _store(database, expanding, registry, data_dir, after_slice)
        return True
    except (BadInputError, ValueError) as error:  # ValueError: a spec that this version does not understand
        _fail(database, experiment_id, str(error))
    except WrongStatusError as error:
        log.info("%s", error)
    except (*DATABASE_AWAY, DataSetAwayError):
        raise
    except Exception as error:
        log.exception("experiment %s cannot be expanded", experiment_id)
        _fail(database, experiment_id, f"{type(error).__name__}: {error}")
    return False


def _fail(database: Engine, experiment_id: int, reason: str) -> None:
    if transitions.fail_expansion(database, experiment_id, reason):
        emit(Closed(experiment_id, ExperimentStatus.FAILED, reason))


def _store(
    database: Engine, expanding: Expanding, registry: Registry, data_dir: Path, after_slice: Callable[[], None]
) -> None:
    spec = ExperimentSpec.model_validate(expanding.spec)
    _require_fit(database, spec)
    data_set = load_data_set(spec.data_set, registry, data_dir, database)
    arms = [new_arm(arm) for arm in spec.expand()]
    names = {arm.model for arm in arms}
    served = {model.name: model for model in models(database) if model.name in names}
    asked = {arm.verifier for arm in arms}
    judges = {verifier.name: verifier for verifier in verifiers(database) if verifier.name in asked}
    num_jobs = transitions.store_expansion(
        database,
        expanding.id,
        arms,
        data_set.problems,
        spec.repeats,
        data_set.digest,
        served,
        judges,
        of_experiment(settings()),
        after_slice,
    )
    emit(Expanded(expanding.id, expanding.name, num_jobs))


def _require_fit(database: Engine, spec: ExperimentSpec) -> None:
    """A model may have come after what was submitted for it. Raises MisfitError."""
    known = {model.name: model for model in models(database)}
    if found := misfits(spec, known, {verifier.name: verifier for verifier in verifiers(database)}):
        raise MisfitError("; ".join(f"{dotted(place)}: {message}" for place, message in found))


def new_arm(arm: ArmSpec) -> NewArm:
    strategy = arm.strategy
    written = strategy.model_dump(mode="json")
    return NewArm(
        label=arm.label,
        model=arm.model,
        strategy=strategy.strategy,
        params=arm.params,
        strategy_spec=written,
        verifier=strategy.verifier_name,
        sampling=dict(arm.own_sampling),
        prompt=dict(arm.own_prompt),
        seed=arm.own_seed,
    )
