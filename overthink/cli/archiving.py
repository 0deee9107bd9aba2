"""`overthink archive` and `overthink restore`: an experiment out of the database and back."""

import re
import sys
from pathlib import Path

import typer
from pydantic import JsonValue

from db import queries
from db.archive import Manifest
from db.queries import ExperimentSummary
from overthink import archiving, embedded
from overthink.cli import terminal
from overthink.cli.harmless import harmless
from overthink.cli.terminal import print_document

UNSAFE = re.compile("[^a-z0-9]+")
LONGEST_NAME = 60


def archive(reference: str, to: Path | None, *, delete: bool, yes: bool, as_json: bool) -> None:
    if delete and not yes and not sys.stdin.isatty():
        raise typer.BadParameter("--delete asks first, and there is nobody here to ask: add --yes")
    with embedded.database_at_hand(terminal.standard_error()) as (found, database):
        summary = queries.experiment(database, reference).summary
        folder = to or Path(folder_name(summary))
        manifest = archiving.archive(database, found, summary.id, folder)
        is_deleted = delete and (yes or is_confirmed(summary, folder))
        if is_deleted:
            archiving.delete(database, found, summary.id, folder)
    if as_json:
        print_document({**document(summary.id, folder, manifest), "deleted": is_deleted})
    else:
        print(f"Experiment {summary.id} ({harmless(summary.name)}) is archived in {folder}: {contents(manifest)}.")
        print(f"It is {'deleted' if is_deleted else 'still in the database'}. Back: overthink restore {folder}")


def restore(folder: Path, *, again: bool, as_json: bool) -> None:
    with embedded.database_at_hand(terminal.standard_error()) as (found, database):
        restored = archiving.restore(database, found, folder, again=again)
    number, manifest = restored.experiment_id, restored.manifest
    if as_json:
        print_document(document(number, folder, manifest))
    else:
        name = harmless(manifest.experiment.name)
        print(f"{folder} is experiment {number} ({name}): {contents(manifest)}. Look: overthink results {number}")


def folder_name(summary: ExperimentSummary) -> str:
    """In the current folder, whatever the experiment is called."""
    plain = UNSAFE.sub("-", summary.name.lower())[:LONGEST_NAME].strip("-")
    return "-".join(filter(None, ("experiment", str(summary.id), plain)))


def is_confirmed(summary: ExperimentSummary, folder: Path) -> bool:
    name = harmless(summary.name)
    return typer.confirm(f"Archived in {folder}. Delete experiment {summary.id} ({name}) from the database?", err=True)


def document(experiment_id: int, folder: Path, manifest: Manifest) -> dict[str, JsonValue]:
    return {"experiment": experiment_id, "folder": str(folder), "manifest": manifest.model_dump(mode="json")}


def contents(manifest: Manifest) -> str:
    tables = manifest.tables
    size = sum(each.bytes for each in tables.values()) / 1e6
    return f"{tables['jobs'].rows:,} jobs, {tables['traces'].rows:,} traces, {size:,.1f} MB"
