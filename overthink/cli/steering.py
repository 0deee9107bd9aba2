"""Changing what an experiment does: cancel, pause, resume, retry. All through `worker.submit`.

Each verb does it and tells how the experiment stands now, in words that go on from its name.
"""

from collections.abc import Callable

from sqlalchemy import Engine

from db import queries
from overthink import embedded
from overthink.cli import terminal
from overthink.cli.harmless import harmless
from overthink.cli.terminal import print_document
from worker import submit

Verb = Callable[[Engine, int], str]
"""Of the experiment with this id."""


def steer(reference: str, verb: Verb, as_json: bool) -> None:
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        experiment_id = queries.experiment(database, reference).id
        said = verb(database, experiment_id)
        summary = queries.experiment(database, experiment_id).summary
    if as_json:
        print_document({"experiment": summary.id, "status": summary.status.value})
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
