"""Taking an experiment out of the database, once it is certain that its archive holds all of it."""

import hashlib
from pathlib import Path
from typing import IO, cast

import pyarrow as pa
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from db.archive.manifest import ArchiveError, Manifest, read_manifest
from db.archive.numbers import ids_of
from db.archive.tables import TABLES
from db.archive.writing import closed_experiment, write_table

SERIALIZATION_FAILURE = "40001"
LOCK = text("SELECT id FROM experiments WHERE id = :id FOR UPDATE")
DELETE = text("DELETE FROM experiments WHERE id = :id")


class Hashing:
    """A file that keeps only the digest of what is written to it."""

    closed = False

    def __init__(self) -> None:
        self._digest, self._bytes = hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        self._bytes += len(data)
        return len(data)

    def tell(self) -> int:
        return self._bytes

    def flush(self) -> None: ...

    def close(self) -> None: ...

    def writable(self) -> bool:
        return True

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


def remove(database: Engine, experiment_id: int, folder: Path) -> None:
    """Deletes the experiment and all that hangs on it, if the files in `folder` are what an archive of it would be now.

    It is archived a second time for that, into a digest. Raises ArchiveError where something else stands there, or
    it changed meanwhile; then nothing is deleted.
    """
    manifest = read_manifest(folder)
    try:
        with database.connect().execution_options(isolation_level="REPEATABLE READ") as connection, connection.begin():
            connection.execute(LOCK, {"id": experiment_id})
            closed_experiment(connection, experiment_id)
            require_same(connection, experiment_id, folder, manifest)
            connection.execute(DELETE, {"id": experiment_id})
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != SERIALIZATION_FAILURE:
            raise
        raise changed(experiment_id, folder) from error


def require_same(connection: Connection, experiment_id: int, folder: Path, manifest: Manifest) -> None:
    ids = ids_of(connection, experiment_id)
    for table in TABLES:
        sink = Hashing()
        write_table(connection, table, ids, cast("IO[bytes]", pa.PythonFile(sink, mode="w")))
        told = manifest.tables.get(table.name)
        if told is None or sink.sha256 != told.sha256:
            raise changed(experiment_id, folder)


def changed(experiment_id: int, folder: Path) -> ArchiveError:
    return ArchiveError(
        f"experiment {experiment_id} is not deleted: it is not, or not any more, what stands in {folder}. "
        "Archive it again, into another folder"
    )
