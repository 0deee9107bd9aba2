"""Handing in a spec: checked, estimated, queued; or found to have been run before."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import JsonValue
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine

from db import queries
from db.queries import ExperimentSummary
from db.settings import Settings
from db.status import ExperimentStatus
from overthink import services
from overthink.cli import terminal
from overthink.cli.exits import Exit
from overthink.cli.reading.report import follow, report
from overthink.cli.terminal import plain, print_document, table
from overthink.estimate import Estimate, estimate, estimate_document
from overthink.specs import LoadedSpec, LoadedSpecs, load_specs
from results.forecast.words import bill_words
from results.wording import duration, power_words
from scaling.spec import Submission
from scaling.spec.arms import ArmSpec
from worker import submit
from worker.submit import Checked


@dataclass(frozen=True, slots=True)
class Sent:
    """The experiment that a spec led to, and what is worth saying about it."""

    experiment_id: int
    is_new: bool
    notes: tuple[str, ...]


def check_only(path: Path, overrides: list[str], as_json: bool) -> None:
    """Everything that submitting would do, short of storing it. Raises SpecError."""
    loaded = load_specs(path, overrides)
    submissions = [spec.submission for spec in loaded.specs]
    found = services.find_services()
    expected = [estimate(each) for each in submissions]
    if found is not None:
        with services.open_database(found) as database:
            expected = [_expected(database, found, each) for each in submissions]
    asked = list(zip(submissions, expected, strict=True))
    if as_json:
        print_document(loaded.listed([estimate_document(*each) for each in asked]))
        return
    console = terminal.standard_output()
    for submission, estimated in asked:
        if loaded.has_list:
            console.print(submission.name)
        _show(console, submission, estimated)
    if found is None:
        console.print("Not compared with what workers serve: no services are configured, and no stack is alive.")


def _expected(database: Engine, found: Settings, submission: Submission) -> Estimate:
    """With what workers serve, and what was submitted before. Raises SpecError."""
    checked = submit.check(database, submission, found.lease_ttl_s)
    checked.require_fit()
    known = queries.twin(database, submission.digest)
    before = _known_note(known) + (submit.kept_reading(database, known.id, submission) if known else ())
    expected = estimate(submission, checked.models, database)
    return replace(expected, notes=(*expected.notes, *checked.notes, *before))


def _show(console: Console, submission: Submission, expected: Estimate) -> None:
    console.print(arms_table(submission.expand()))
    console.print(expected.sentence)
    for words in bill_words(expected.bill) if expected.bill else ():
        console.print(words, markup=False)
    if expected.power is not None:
        console.print(power_words(expected.power))
    for note in expected.notes:
        console.print(note)


def arms_table(arms: Sequence[ArmSpec]) -> Table:
    """What a spec expands to."""
    made = table("", "arm", "model", "chains", "thinking limit", numbers=("", "chains", "thinking limit"))
    for number, arm in enumerate(arms, start=1):
        limit = arm.strategy.thinking_limit
        shown = "–" if limit is None else f"{limit:,}"
        made.add_row(str(number), plain(arm.label), plain(arm.model), str(arm.strategy.num_chains), shown)
    return made


def submit_spec(path: Path, overrides: list[str], *, wait: bool, again: bool, as_json: bool) -> Exit:
    loaded = load_specs(path, overrides)
    console = terminal.standard_error()
    found = services.require_services()
    with services.open_database(found) as database:
        sent = send_all(database, found, loaded, again=again)
        if as_json and not wait:
            print_document(loaded.listed([_sent_document(database, each) for each in sent]))
            return Exit.OK
        for each in sent:
            say_notes(console, each)
        if wait:
            return _wait(console, database, found, sent, loaded, as_json)
        for each in sent:
            status = queries.experiment(database, each.experiment_id).summary.status
            print(f"Experiment {each.experiment_id} is {status.shown}. Follow it: overthink watch {each.experiment_id}")
    return Exit.OK


def _sent_document(database: Engine, sent: Sent) -> dict[str, JsonValue]:
    status = queries.experiment(database, sent.experiment_id).summary.status
    document: dict[str, JsonValue] = {"experiment": sent.experiment_id, "is_new": sent.is_new, "status": status.value}
    return document | {"notes": list(sent.notes)}


def send_all(
    database: Engine,
    found: Settings,
    loaded: LoadedSpecs,
    *,
    again: bool,
    require: Callable[[Checked], None] = Checked.require_fit,
) -> list[Sent]:
    """All of a file, or none: of each the check is required before the first is stored. Raises SpecError."""
    for spec in loaded.specs:
        require(submit.check(database, spec.submission, found.lease_ttl_s))
    return [send(database, found, spec, again=again) for spec in loaded.specs]


def send(database: Engine, found: Settings, spec: LoadedSpec, *, again: bool) -> Sent:
    """Queues the spec. One whose expansion failed before (a data file was missing, say) is tried again."""
    submitted = submit.submit(database, found, spec.submission, owner=found.owner, again=again, spec_yaml=spec.text)
    if submitted.is_new:
        return Sent(submitted.experiment_id, True, submitted.notes)
    known = queries.experiment(database, submitted.experiment_id).summary
    if known.status is ExperimentStatus.FAILED:
        submit.retry(database, known.id)
        note = f"Experiment {known.id} could not be expanded before ({known.error}); it is tried again."
        return Sent(known.id, False, (note, *submitted.notes))
    return Sent(known.id, False, _known_note(known) + submitted.notes)


def say_notes(console: Console, sent: Sent) -> None:
    for note in sent.notes:
        console.print(note)


def say_run_before(console: Console, database: Engine, known: ExperimentSummary, spec: LoadedSpec) -> None:
    for note in _known_note(known) + submit.kept_reading(database, known.id, spec.submission):
        console.print(note)


def _known_note(known: ExperimentSummary | None) -> tuple[str, ...]:
    """What to say of a spec that was submitted before."""
    if known is None:
        return ()
    age = duration((dt.datetime.now(dt.UTC) - known.created_at).total_seconds())
    if not known.status.is_closed:
        return (f"Experiment {known.id}, submitted {age} ago, is this spec: going on with it ({known.status.shown}).",)
    was = f"This spec was submitted before, {age} ago, as experiment {known.id}: {known.status.shown}."
    if known.status is ExperimentStatus.SUCCEEDED:
        return (f"{was} --again runs it anew.",)
    return (f"{was} `overthink retry {known.id}` runs what is missing, --again all of it.",)


def _wait(
    console: Console, database: Engine, found: Settings, sent: Sequence[Sent], loaded: LoadedSpecs, as_json: bool
) -> Exit:
    for each in sent:
        try:
            follow(console, database, found, each.experiment_id)
        except KeyboardInterrupt:
            console.print(f"Stopped waiting. The experiment goes on: overthink watch {each.experiment_id}")
            return Exit.INTERRUPTED
    return report(database, [each.experiment_id for each in sent], as_json, loaded.listed)
