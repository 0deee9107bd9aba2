"""Overthink from Python: `import overthink`, then submit, wait and read results. The services must be running.

    import overthink

    experiment = overthink.submit("specs/demo.yaml")
    for arm in overthink.wait(experiment):
        print(arm.label, arm.estimate)

Each function finds PostgreSQL and Redis as the command does: in the environment, else in the live embedded stack.
"""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import JsonValue
from sqlalchemy import Engine

from db import queries
from db.search.found import find_traces
from db.search.terms import terms_of
from db.settings import Settings
from overthink import archiving, following, services
from overthink.specs import load_spec, load_specs
from results import ArmResult, Measurements, arm_results, question_named, together
from results.traces.found import table as found_table
from scaling.spec import Submission
from scaling.spec.several import submissions
from scaling.spec.text import Places, SpecText
from worker import submit as submitting

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0

Spec = Submission | Mapping[str, JsonValue] | str | Path
"""A submission, its plain values, or the path of a YAML file."""


def submit(spec: Spec, *, again: bool = False) -> int:
    """Queues an experiment and returns its id; a spec that was submitted before returns the id it has. One with a list
    of data sets is `submit_all`'s.

    Raises SpecError for a spec that cannot be run as written, or on the models that are known; one that nobody serves
    yet is waited for. NoServicesError or DatabaseUnavailableError if there is nowhere to submit to.
    """
    submission, text = _read(spec)
    found = services.require_services()
    with services.open_database(found) as database:
        return _queued(database, found, submission, text, again)


def submit_all(spec: Spec, *, again: bool = False) -> list[int]:
    """Queues an experiment of each data set that the spec lists, in their order, and returns their ids; of one, one.

    All are checked before the first is stored. Raises what `submit` raises.
    """
    found = services.require_services()
    with services.open_database(found) as database:
        read = _read_all(spec)
        for submission, _ in read:
            submitting.check(database, submission, found.lease_ttl_s).require_fit()
        return [_queued(database, found, each, text, again) for each, text in read]


def _queued(database: Engine, found: Settings, submission: Submission, text: str | None, again: bool) -> int:
    """The experiment's id; what is worth knowing of it, such as that nobody serves its model, is logged."""
    queued = submitting.submit(database, found, submission, owner=found.owner, again=again, spec_yaml=text)
    for note in queued.notes:
        log.warning("experiment %s: %s", queued.experiment_id, note)
    return queued.experiment_id


def wait(experiment: int | str, *, pause_s: float = LOOK_EVERY_S) -> tuple[ArmResult, ...]:
    """Blocks until the experiment, by its id or name, has ended; returns its results, failed jobs counted in them.

    Raises UnknownExperimentError.
    """
    found = services.require_services()
    with services.open_database(found) as database:
        experiment_id = queries.experiment(database, experiment).id
        for _ in following.follow(lambda: following.look(database, experiment_id, found), pause_s):
            pass
        return _measured(database, experiment_id)


def results(experiment: int | str) -> tuple[ArmResult, ...]:
    """What an experiment, by its id or name, has found so far. Raises UnknownExperimentError."""
    with services.open_database(services.require_services()) as database:
        return _measured(database, experiment)


def frame(
    experiment: int | str, view: str, *, others: Sequence[int | str] = (), **options: object
) -> list[dict[str, JsonValue]]:
    """The answer to a question about an experiment (`results.QUESTIONS`), a row each: what a `pandas.DataFrame` takes.

    Names and numbers are those of `overthink results EXPERIMENT --with OTHER --view VIEW --csv`; options are its own,
    as values or as text. Raises UnknownExperimentError, UnknownQuestionError, UnknownOptionError, and its own errors.
    """
    question = question_named(view)
    with services.open_database(services.require_services()) as database:
        asked = [queries.experiment(database, each) for each in (experiment, *others)]
        measurements = together([Measurements(database, each) for each in asked])
        return question.table(question.answer(measurements, **options)).flat


def search(text: str, *, within: int | str | None = None, limit: int = 20) -> list[dict[str, JsonValue]]:
    """The newest traces that say it, a row each, of one experiment or of all: as `overthink search TEXT --csv`.

    Raises SearchError, UnknownExperimentError.
    """
    with services.open_database(services.require_services()) as database:
        only = None if within is None else queries.experiment(database, within).id
        return found_table(find_traces(database, terms_of(text), only, limit=limit).traces).flat


def archive(experiment: int | str, folder: str | Path) -> None:
    """Writes an experiment that has ended to a folder that is not there yet. Raises ArchiveError, WrongStatusError."""
    found = services.require_services()
    with services.open_database(found) as database:
        archiving.archive(database, found, queries.experiment(database, experiment).id, Path(folder))


def restore(folder: str | Path, *, again: bool = False) -> int:
    """The id of the experiment that an archive becomes. Raises ArchiveError."""
    found = services.require_services()
    with services.open_database(found) as database:
        return archiving.restore(database, found, Path(folder), again=again).experiment_id


def _measured(database: Engine, experiment: int | str) -> tuple[ArmResult, ...]:
    return arm_results(Measurements(database, queries.experiment(database, experiment)))


def _read(spec: Spec) -> tuple[Submission, str | None]:
    """The submission, and its YAML if it came as a file."""
    if isinstance(spec, Submission):
        return spec, None
    if isinstance(spec, str | Path):
        loaded = load_spec(Path(spec))
        return loaded.submission, loaded.text
    return Submission.from_data(dict(spec)), None


def _read_all(spec: Spec) -> list[tuple[Submission, str | None]]:
    """Of each data set."""
    if isinstance(spec, Submission):
        return [(spec, None)]
    if isinstance(spec, str | Path):
        return [(loaded.submission, loaded.text) for loaded in load_specs(Path(spec)).specs]
    return [(each, None) for each in submissions(SpecText(dict(spec), Places()))]
