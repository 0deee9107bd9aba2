"""Experiments into archives and back, with what the database cannot know: by which code, and who is told of it."""

from pathlib import Path

from sqlalchemy import Engine

from db import archive as archives
from db.archive import Manifest, Restored
from db.settings import Settings
from worker import provenance
from worker.events import Steered, Verb
from worker.listeners import emit


def archive(database: Engine, found: Settings, experiment_id: int, folder: Path) -> Manifest:
    """See `db.archive.archive`."""
    return archives.archive(database, experiment_id, folder, provenance.build(found))


def delete(database: Engine, found: Settings, experiment_id: int, folder: Path) -> None:
    """Deletes an experiment that is archived in `folder`, after comparing the two. See `db.archive.remove`."""
    archives.remove(database, experiment_id, folder)
    emit(Steered(experiment_id, Verb.DELETE, found.owner))


def restore(database: Engine, found: Settings, folder: Path, *, again: bool = False) -> Restored:
    """See `db.archive.restore`."""
    restored = archives.restore(database, folder, again)
    emit(Steered(restored.experiment_id, Verb.RESTORE, found.owner))
    return restored
