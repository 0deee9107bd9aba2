"""Handing experiments in and steering them: the one module of `worker` that others may call.

PostgreSQL must answer (DatabaseUnavailableError otherwise). Redis need not: what is stored is found by the reconciler.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine

from db import queries, transitions
from db.queries.fleet import fleet
from db.records import NewExperiment, ServedModel
from db.settings import Settings, settings
from db.transitions import Need
from scaling.spec import Edit, Submission, reading
from scaling.spec.errors import SpecError, SpecFault
from worker.bells import BellError, Bells
from worker.bells.demand import serves
from worker.datasets.preview import Preview as Preview
from worker.datasets.preview import data_set_names as data_set_names
from worker.datasets.preview import preview as preview
from worker.datasets.rows import DataSetError as DataSetError
from worker.events import Steered, Verb
from worker.listeners import emit
from worker.scanning.handing_in import HandedIn as HandedIn
from worker.scanning.handing_in import cancel_scan as cancel_scan
from worker.scanning.handing_in import delete_scan as delete_scan
from worker.scanning.handing_in import scan as scan

log = logging.getLogger(__name__)

WAITS = "If that is right, its jobs wait for a worker that does; whether they fit is seen then."


@dataclass(frozen=True, slots=True)
class Checked:
    """What a submission meets: `faults` keep it from running, `notes` are worth knowing.

    `unknown` are the models and verifiers that nobody has served yet: a queue takes work for those that are still to
    come, and whoever will wait for the end may rather have them refused. `silent` says what nobody serves now.
    """

    faults: tuple[SpecFault, ...]
    unknown: tuple[SpecFault, ...]
    silent: tuple[str, ...]
    models: Mapping[str, ServedModel]
    """What was known of models, by name."""

    @property
    def notes(self) -> tuple[str, ...]:
        """All of it would have to wait anyway if it cannot run at all."""
        return () if self.faults else (*self.silent, *(f"{fault}. {WAITS}" for fault in self.unknown))

    def require_fit(self) -> None:
        """Raises SpecError."""
        if self.faults:
            raise SpecError(self.faults)

    def require_known(self) -> None:
        """Raises SpecError, too, for what nobody serves."""
        if self.faults or self.unknown:
            raise SpecError((*self.faults, *self.unknown))


@dataclass(frozen=True, slots=True)
class Submitted:
    """The experiment that a submission led to. `is_new` False: the same spec was submitted before, and this is it.

    `notes` say what the submitter should know: that nobody serves the model now, that Redis is away, that the rule for
    its verdict was fixed before.
    """

    experiment_id: int
    is_new: bool
    notes: tuple[str, ...] = ()


def check(database: Engine, submission: Submission, alive_s: float) -> Checked:
    """Compares the submission with the models and verifiers that workers have announced. Stores nothing.

    It is worth knowing that no worker which was silent for less than `alive_s` serves what an arm needs.
    """
    found = fleet(database, alive_s)
    models = {model.name: model for model in found.models}
    verifiers = {verifier.name: verifier for verifier in found.verifiers}
    faults, unknown = submission.check_against(models, verifiers), submission.unknown(models, verifiers)
    needs = {Need(arm.model, arm.strategy.verifier_name) for arm in submission.expand()}
    unserved = [need for need in needs if not any(serves(worker, need) for worker in found.alive)]
    silent = [need for need in unserved if need.model in models and need.verifier in (None, *verifiers)]
    return Checked(faults, unknown, tuple(sorted(map(_silent, silent))), models)


def submit(
    database: Engine,
    found: Settings,
    submission: Submission,
    *,
    owner: str,
    again: bool = False,
    spec_yaml: str | None = None,
) -> Submitted:
    """Stores the experiment and wakes a worker to expand it. Raises SpecError if it does not fit what is known.

    `found` says where Redis is, and for how long a worker may be silent. The same scientific spec leads to the
    experiment that exists, unless `again` asks for another run.
    """
    redis_url = found.require_redis_url()
    checked = check(database, submission, found.lease_ttl_s)
    checked.require_fit()
    created = transitions.create_experiment(database, _new(submission, owner, spec_yaml), again)
    if not created.is_new:
        return Submitted(created.id, is_new=False, notes=kept_reading(database, created.id, submission))
    emit(Steered(created.id, Verb.SUBMIT, owner))
    return Submitted(created.id, is_new=True, notes=checked.notes + _ring_expand(redis_url, created.id))


def kept_reading(database: Engine, experiment_id: int, submission: Submission) -> tuple[str, ...]:
    """Where the same spec is submitted with other families or another verdict: that the first ones stay."""
    if reading(queries.experiment(database, experiment_id).spec) == reading(submission.scientific):
        return ()
    return (
        f"The families or the verdict given now are not those of experiment {experiment_id}'s first submission, which "
        "stay: a rule is fixed before anybody looks. --again runs all of it anew, to be judged by those given now.",
    )


def redis_problem(redis_url: str) -> str | None:
    """Why Redis does not answer, and the remedy; None if it does."""
    bells = Bells(redis_url)
    try:
        bells.check()
    except BellError as error:
        return str(error)
    finally:
        bells.close()
    return None


def cancel(database: Engine, experiment_id: int) -> bool:
    """Running jobs stop with their worker's next heartbeat. False if it was cancelled before."""
    is_new = transitions.cancel_experiment(database, experiment_id)
    if is_new:
        _steered(experiment_id, Verb.CANCEL)
    return is_new


def pause(database: Engine, experiment_id: int) -> None:
    """What runs goes on; nothing more is claimed."""
    transitions.pause_experiment(database, experiment_id)
    _steered(experiment_id, Verb.PAUSE)


def resume(database: Engine, experiment_id: int) -> None:
    """Its jobs are claimed again, within seconds: the reconciler rings."""
    transitions.resume_experiment(database, experiment_id)
    _steered(experiment_id, Verb.RESUME)


def retry(database: Engine, experiment_id: int) -> int:
    """Queues what failed or was cancelled again; returns how many jobs. The reconciler rings."""
    num_jobs = transitions.retry_experiment(database, experiment_id)
    _steered(experiment_id, Verb.RETRY)
    return num_jobs


def retry_failures(database: Engine, experiment_id: int, signature: str) -> int:
    """Queues what failed with an error of this signature again; returns how many jobs. The reconciler rings."""
    num_jobs = transitions.retry_failures(database, experiment_id, signature)
    if num_jobs:
        _steered(experiment_id, Verb.RETRY)
    return num_jobs


def edit(database: Engine, experiment_id: int, changes: Edit) -> None:
    """Its priority, cap, notes or tags. A priority counts from the next claim on."""
    transitions.edit_experiment(database, experiment_id, changes)
    _steered(experiment_id, Verb.EDIT)


def _steered(experiment_id: int, verb: Verb) -> None:
    """Told once it is done, and by whom."""
    emit(Steered(experiment_id, verb, settings().owner))


def _new(submission: Submission, owner: str, spec_yaml: str | None) -> NewExperiment:
    return NewExperiment(
        name=submission.name,
        owner=owner,
        spec=submission.scientific,
        digest=submission.digest,
        spec_yaml=spec_yaml,
        priority=submission.priority,
        token_cap=submission.token_cap,
        tags=submission.tags,
        notes=submission.notes,
    )


def _ring_expand(redis_url: str, experiment_id: int) -> tuple[str, ...]:
    bells = Bells(redis_url)
    try:
        bells.ring_expand(experiment_id)
    except BellError as error:
        return (f"{error} The experiment is stored, and starts when Redis is back.",)
    finally:
        bells.close()
    return ()


def _silent(need: Need) -> str:
    name = repr(need.model) if need.verifier is None else f"{need.model!r} and the verifier {need.verifier!r}"
    return f"no worker that serves {name} is alive now: its jobs wait for one. Start it: `overthink worker`."
