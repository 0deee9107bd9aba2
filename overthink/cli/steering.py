"""Changing what an experiment does: cancel, pause, resume, retry, edit. All through `worker.submit`."""

from sqlalchemy import Engine

from db import queries
from overthink import embedded
from overthink.cli import terminal
from overthink.cli.documents import print_document
from overthink.cli.harmless import harmless
from scaling.spec import Edit
from worker import submit


def cancel_experiment(reference: str, as_json: bool) -> None:
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        experiment = queries.experiment(database, reference)
        is_new = submit.cancel(database, experiment.id)
        say(database, experiment.id, "is cancelled" if is_new else "was cancelled before", as_json)


def pause_experiment(reference: str, as_json: bool) -> None:
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        experiment = queries.experiment(database, reference)
        submit.pause(database, experiment.id)
        said = f"is paused: what runs goes on. `overthink resume {experiment.id}` goes on with the rest"
        say(database, experiment.id, said, as_json)


def resume_experiment(reference: str, as_json: bool) -> None:
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        experiment = queries.experiment(database, reference)
        submit.resume(database, experiment.id)
        say(database, experiment.id, "goes on", as_json)


def retry_experiment(reference: str, as_json: bool) -> None:
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        experiment = queries.experiment(database, reference)
        num_jobs = submit.retry(database, experiment.id)
        said = f"goes on: {num_jobs:,} jobs are queued again" if num_jobs else "is queued again"
        say(database, experiment.id, said, as_json)


def edit_experiment(reference: str, changes: Edit, as_json: bool) -> None:
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        experiment = queries.experiment(database, reference)
        submit.edit(database, experiment.id, changes)
        now = queries.experiment(database, experiment.id).summary
        if as_json:
            edited = {"priority": now.priority, "tags": list(now.tags), "notes": now.notes}
            print_document({"experiment": now.id, "status": now.status.value, **edited})
            return
        tags = f", tags {harmless(', '.join(now.tags))}" if now.tags else ""
        print(f"Experiment {now.id} ({harmless(now.name)}) has priority {now.priority}{tags}.")


def say(database: Engine, experiment_id: int, said: str, as_json: bool) -> None:
    summary = queries.experiment(database, experiment_id).summary
    if as_json:
        print_document({"experiment": summary.id, "status": summary.status.value})
    else:
        print(f"Experiment {summary.id} ({harmless(summary.name)}) {said}.")
