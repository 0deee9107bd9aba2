"""What is there: experiments, models and workers; or everything about one experiment but its results."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Engine

from db import queries
from db.queries import ExperimentSummary
from overthink import embedded, following
from overthink.cli import terminal
from overthink.cli.reading.experiments import (
    experiment_card,
    experiment_document,
    experiments_table,
    provenance_document,
    spending_document,
)
from overthink.cli.reading.fleet import fleet_document, print_fleet
from overthink.cli.reading.report import print_failures
from overthink.cli.terminal import print_document
from results.progress.left import left as left_now
from results.progress.left import left_of
from results.waiting import sentence
from scaling.statistics.remaining import TimeLeft


def show_overview(limit: int, as_json: bool) -> None:
    with embedded.database_at_hand(terminal.standard_error()) as (found, database):
        experiments = queries.list_experiments(database, limit=limit)
        left = lefts(database, experiments)
        fleet = queries.fleet(database, found.lease_ttl_s)
        waiting = following.waiting(database, found)
    now = dt.datetime.now(dt.UTC)
    if as_json:
        listed = [experiment_document(each, left.get(each.id), now, waiting.get(each.id)) for each in experiments]
        print_document({"experiments": listed, **fleet_document(fleet)})
        return
    console = terminal.standard_output()
    if experiments:
        console.print(experiments_table(experiments, left, now))
    else:
        console.print("No experiments yet. Queue one: overthink submit specs/demo.yaml")
    print_fleet(console, fleet)
    for each in experiments:
        if reason := waiting.get(each.id):
            console.print(f"#{each.id} {each.name}: {sentence(reason)}", markup=False)


def show_experiment(reference: str, as_json: bool) -> None:
    now = dt.datetime.now(dt.UTC)
    with embedded.database_at_hand(terminal.standard_error()) as (found, database):
        experiment = queries.experiment(database, reference)
        seen = following.look(database, experiment.id, found)
        if as_json:
            document = experiment_document(experiment.summary, left_now(seen.progress), now, seen.waiting)
            made = provenance_document(experiment, queries.made_by(database, experiment.id))
            spending = spending_document(queries.arm_totals(database, experiment.id))
            more = {"spending": spending, "unserved_models": list(seen.unserved), "provenance": made}
            print_document({**document, **more})
            return
        console = terminal.standard_output()
        console.print(experiment_card(experiment, now))
        if not experiment.summary.status.is_closed:
            console.print(seen.sentence)
        for swap in queries.swaps(queries.made_by(database, experiment.id)):
            console.print(terminal.plain(swap))
        print_failures(console, database, experiment)


def lefts(database: Engine, experiments: Sequence[ExperimentSummary]) -> dict[int, TimeLeft | None]:
    """Of those that are open."""
    going_on = [each for each in experiments if not each.status.is_closed]
    paces = queries.paces(database, [each.id for each in going_on])
    return {each.id: left_of(each.status, each.jobs, paces.get(each.id)) for each in going_on}
