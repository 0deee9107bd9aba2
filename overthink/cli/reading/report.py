"""Looking at one experiment: following it, and its results."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import TypedDict

from rich.console import Console
from sqlalchemy import Engine

from db import queries
from db.queries import ExperimentDetail
from db.settings import Settings
from db.status import ExperimentStatus, JobStatus
from overthink import embedded, following, services
from overthink.cli import terminal
from overthink.cli.exits import Exit
from overthink.cli.progress import display
from overthink.cli.reading.experiments import headline, jobs_document, seconds_of
from overthink.cli.reading.tables import print_table
from overthink.cli.terminal import print_document
from results import ArmResult, Measurements, arm_results, arms, comparisons
from results.columns import Record, record
from results.comparisons import worthwhile

LOOK_EVERY_S = 1.0
MOST_REASONS = 5
MOST_ERRORS = 200
"""How many failed jobs are looked at to name the most frequent reasons."""


class RunDocument(TypedDict):
    """One experiment: its id, and seconds from its first claimed job to its last."""

    experiment: int
    status: str
    seconds: float | None
    arms: list[Record]
    """`results.arms.DOCUMENT` says what is in it."""


class ResultsDocument(RunDocument):
    """A run's document and what identifies the experiment."""

    name: str
    owner: str
    digest: str
    jobs: dict[str, int]
    error: str | None


def watch_experiment(reference: str, as_json: bool) -> Exit:
    found = services.require_services()
    with services.open_database(found) as database:
        experiment = queries.experiment(database, reference)
        console = terminal.standard_error()
        try:
            follow(console, database, found, experiment.id)
        except KeyboardInterrupt:
            console.print(f"Stopped watching. Experiment {experiment.id} goes on.")
            return Exit.INTERRUPTED
        return report(database, [experiment.id], as_json)


def show_results(reference: str, as_json: bool) -> None:
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        experiment = queries.experiment(database, reference)
        if as_json:
            print_document(results_document(experiment, arm_results(Measurements(database, experiment))))
        else:
            print_results(database, experiment)


def follow(
    console: Console, database: Engine, found: Settings, experiment_id: int, check: Callable[[], None] = lambda: None
) -> ExperimentStatus:
    """Shows progress until the experiment is closed. `check` is called at each look and may raise."""

    def look_now() -> following.Look:
        check()
        return following.look(database, experiment_id, found)

    def on_outage() -> None:
        console.print("PostgreSQL is away; waiting for it ...", style="yellow")

    with display(console) as shown:
        for look in following.follow(look_now, LOOK_EVERY_S, on_outage):
            shown.show(look)
    return look.progress.status


def report(
    database: Engine, ids: Sequence[int], as_json: bool, listed: Callable[[Sequence[object]], object] = itemgetter(0)
) -> Exit:
    """Prints what closed experiments found, `listed` as one document; the exit code says whether all jobs succeeded."""
    experiments = [queries.experiment(database, each) for each in ids]
    if as_json:
        print_document(listed([run_document(each, arm_results(Measurements(database, each))) for each in experiments]))
    for each in experiments:
        if as_json:
            print_failures(terminal.standard_error(), database, each)
        else:
            print_results(database, each)
    is_well = all(each.summary.status is ExperimentStatus.SUCCEEDED for each in experiments)
    return Exit.OK if is_well else Exit.FAILURES


def print_results(database: Engine, experiment: ExperimentDetail) -> None:
    console = terminal.standard_output()
    measurements = Measurements(database, experiment)
    found = arm_results(measurements)
    console.print(headline(experiment))
    if found:
        print_table(console, arms.brief(found))
    if compared := worthwhile(measurements):
        print_table(console, comparisons.table(compared))
    print_failures(console, database, experiment)


def print_failures(console: Console, database: Engine, experiment: ExperimentDetail) -> None:
    """Why the experiment, or how many of its jobs, failed: the most frequent reasons."""
    if experiment.summary.error:
        console.print(f"It failed: {experiment.summary.error}")
    if experiment.summary.jobs.failed:
        console.print("Failed jobs:")
        failed = queries.TraceFilter(status=JobStatus.FAILED)
        page = queries.list_traces(database, experiment.id, failed, limit=MOST_ERRORS)
        for line in failure_lines([job.error for job in page.traces]):
            console.print(line)
        console.print(f"`overthink retry {experiment.id}` queues them again.")


def failure_lines(errors: Iterable[str | None]) -> Iterator[str]:
    """The most frequent reasons, each with how often it was given."""
    reasons = Counter((error or "no reason given").splitlines()[0][:300] for error in errors)
    for reason, times in reasons.most_common(MOST_REASONS):
        yield f"  {times} × {reason}"
    if len(reasons) > MOST_REASONS:
        yield f"  and {len(reasons) - MOST_REASONS} other reasons"


def run_document(experiment: ExperimentDetail, found: Sequence[ArmResult]) -> RunDocument:
    return {
        "experiment": experiment.id,
        "status": experiment.summary.status.value,
        "seconds": seconds_of(experiment.summary, dt.datetime.now(dt.UTC)),
        "arms": [record(arms.DOCUMENT, each) for each in found],
    }


def results_document(experiment: ExperimentDetail, found: Sequence[ArmResult]) -> ResultsDocument:
    summary = experiment.summary
    return {
        **run_document(experiment, found),
        "name": summary.name,
        "owner": summary.owner,
        "digest": summary.digest,
        "jobs": jobs_document(summary.jobs),
        "error": summary.error,
    }
