"""Changing what an experiment does: cancel, pause, resume, retry, edit. All through `worker.submit`.

Each verb does it and tells how the experiment stands now, in words that go on from its name.
"""

from collections.abc import Callable

from pydantic import JsonValue
from sqlalchemy import Engine

from db import queries
from db.queries import ExperimentSummary
from overthink import embedded
from overthink.cli import terminal
from overthink.cli.harmless import harmless
from overthink.cli.terminal import print_document
from scaling.spec import Edit
from worker import submit

Document = dict[str, JsonValue]
Verb = Callable[[Engine, int], str]
"""Of the experiment with this id."""


def status_document(summary: ExperimentSummary) -> Document:
    return {"experiment": summary.id, "status": summary.status.value}


def editable_document(summary: ExperimentSummary) -> Document:
    edited: Document = {"priority": summary.priority, "token_cap": summary.token_cap}
    return {**status_document(summary), **edited, "tags": list(summary.tags), "notes": summary.notes}


def steer(
    reference: str, verb: Verb, as_json: bool, document: Callable[[ExperimentSummary], Document] = status_document
) -> None:
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        experiment_id = queries.experiment(database, reference).id
        said = verb(database, experiment_id)
        summary = queries.experiment(database, experiment_id).summary
    if as_json:
        print_document(document(summary))
    else:
        print(f"Experiment {summary.id} ({harmless(summary.name)}) {said}.")


def cancel(database: Engine, experiment_id: int) -> str:
    return "is cancelled" if submit.cancel(database, experiment_id) else "was cancelled before"


def pause(database: Engine, experiment_id: int) -> str:
    submit.pause(database, experiment_id)
    return f"is paused: what runs goes on. `overthink resume {experiment_id}` goes on with the rest"


def resume(database: Engine, experiment_id: int) -> str:
    submit.resume(database, experiment_id)
    return "goes on"


def retry(database: Engine, experiment_id: int) -> str:
    num_jobs = submit.retry(database, experiment_id)
    return f"goes on: {num_jobs:,} jobs are queued again" if num_jobs else "is queued again"


def retry_failures(said: str) -> Verb:
    """Those whose error has `said` in it, or that are alike; UnknownFailureError unless that is one kind."""

    def retried(database: Engine, experiment_id: int) -> str:
        alike = queries.failure_named(queries.failures(database, experiment_id), said)
        num_jobs = submit.retry_failures(database, experiment_id, alike.signature)
        return f"goes on: {num_jobs:,} jobs are queued again that failed with: {harmless(alike.signature)}"

    return retried


def edit(changes: Edit) -> Verb:
    def edited(database: Engine, experiment_id: int) -> str:
        submit.edit(database, experiment_id, changes)
        now = queries.experiment(database, experiment_id).summary
        cap = "" if now.token_cap is None else f", a cap of {now.token_cap:,} generated tokens"
        return f"has priority {now.priority}{cap}" + (f", tags {harmless(', '.join(now.tags))}" if now.tags else "")

    return edited
