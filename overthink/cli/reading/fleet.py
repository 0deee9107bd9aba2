"""Models and verifiers that were ever announced, and the workers that are alive, for people and for machines."""

from typing import Any

from rich.console import Console

from db.queries import Fleet, Worker
from db.records import ServedModel, ServedVerifier
from overthink.cli.reading.tables import print_table
from results.columns import Column, Columns, Record, Table


def alive(fleet: Fleet) -> Column[Any]:
    """How many workers serve the model or verifier."""
    return Column("live_workers", lambda served: fleet.num_workers(served.name), "live workers")


def models(fleet: Fleet) -> Table[ServedModel]:
    columns: Columns[ServedModel] = (
        Column("name", lambda model: model.name, "model"),
        Column("engine", lambda model: model.engine, "engine", needed=lambda them: len({it.engine for it in them}) > 1),
        Column("context_length", lambda model: model.context_length, "context"),
        alive(fleet),
        Column("remark", lambda model: model.remark),
    )
    return Table(columns, fleet.models, [f"Model {each.name}: {each.remark}." for each in fleet.models if each.remark])


def verifiers(fleet: Fleet) -> Table[ServedVerifier]:
    columns: Columns[ServedVerifier] = (
        Column("name", lambda verifier: verifier.name, "verifier"),
        Column("kind", lambda verifier: verifier.kind, "kind"),
        Column(
            "scores_steps", lambda verifier: verifier.scores_steps, "scores",
            show=lambda scores_steps: "each step" if scores_steps else "whole solutions",
        ),
        alive(fleet),
    )  # fmt: skip
    return Table(columns, fleet.verifiers)


WORKERS: Columns[Worker] = (
    Column("id", lambda worker: worker.id),
    Column("models", lambda worker: worker.models),
    Column("verifiers", lambda worker: worker.verifiers),
    Column("slots", lambda worker: worker.slots),
    Column("running", lambda worker: worker.running),
)


def fleet_document(fleet: Fleet) -> dict[str, list[Record]]:
    return {
        "models": models(fleet).records,
        "verifiers": verifiers(fleet).records,
        "workers": Table(WORKERS, fleet.alive).records,
    }


def print_fleet(console: Console, fleet: Fleet) -> None:
    print_table(console, models(fleet))
    if fleet.verifiers:
        print_table(console, verifiers(fleet))
