"""Writing an archive: each table streamed into a file of its own, all from one snapshot of the database."""

import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, Engine, Table, select, text

from db.archive.columns import arrow_schema, numbered, readable
from db.archive.manifest import Archived, ArchiveError, Manifest, file_of, parquet
from db.archive.numbers import IdsOf, ids_of, is_archived
from db.archive.tables import TABLES
from db.engine import reading
from db.errors import WrongStatusError
from db.migrate import head, is_current
from db.models import JsonObject
from db.status import CLOSED_EXPERIMENTS, ExperimentStatus
from db.transitions.lifecycle import unknown

ROWS_AT_ONCE = 200
ROW_GROUP_BYTES = 16 << 20
ALL_OF_IT = text("SET LOCAL cursor_tuple_fraction = 1")  # PostgreSQL plans a cursor for its first rows
EXPERIMENT = text("SELECT name, owner, digest, run, status, created_at FROM experiments WHERE id = :id")


def archive(database: Engine, experiment_id: int, folder: Path, made_by: JsonObject) -> Manifest:
    """Writes a closed experiment to `folder`, which must not be there or be empty: whole, or not at all.

    Raises ArchiveError, UnknownExperimentError, and WrongStatusError for an experiment that is not closed.
    """
    require_current(database)
    require_free(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        with reading(database) as connection:
            manifest = write_tables(connection, experiment_id, partial, made_by)
        manifest.write(partial)
        synchronize(partial)
        partial.chmod(0o755)
        partial.replace(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return manifest


def write_tables(connection: Connection, experiment_id: int, folder: Path, made_by: JsonObject) -> Manifest:
    experiment = closed_experiment(connection, experiment_id)
    ids, tables = ids_of(connection, experiment_id), {}
    for table in TABLES:
        path = parquet(folder, table.name)
        with path.open("wb") as file:
            rows = write_table(connection, table, ids, file)
        tables[table.name] = file_of(path, rows)
    return Manifest(
        schema_version=head(),
        made_by=made_by,
        archived_at=dt.datetime.now(dt.UTC),
        experiment=experiment,
        tables=tables,
    )


def write_table(connection: Connection, table: Table, ids: IdsOf, file: IO[bytes]) -> int:
    """How many rows there were. The same rows make the same bytes."""
    rows = 0
    with pq.ParquetWriter(file, arrow_schema(table), compression="zstd") as writer:
        for group in row_groups(batches(connection, table, ids)):
            writer.write_table(group)
            rows += group.num_rows
    return rows


def row_groups(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Enough batches at a time to be worth compressing together, and few enough to hold."""
    held, size = list[pa.RecordBatch](), 0
    for batch in batches:
        held.append(batch)
        size += batch.nbytes
        if size >= ROW_GROUP_BYTES:
            yield pa.Table.from_batches(held)
            held, size = [], 0
    if held:
        yield pa.Table.from_batches(held)


def batches(connection: Connection, table: Table, ids: IdsOf) -> Iterator[pa.RecordBatch]:
    """The experiment's rows of a table, in the order of its primary key."""
    columns, schema = list(table.columns), arrow_schema(table)
    chosen = select(*map(readable, columns)).where(is_archived(table, ids)).order_by(*table.primary_key.columns)
    connection.execute(ALL_OF_IT)
    for rows in connection.execute(chosen, execution_options={"yield_per": ROWS_AT_ONCE}).partitions():
        values = zip(columns, zip(*rows, strict=True), strict=True)
        arrays = [pa.array(numbered(column, each, ids), schema.field(column.name).type) for column, each in values]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def closed_experiment(connection: Connection, experiment_id: int) -> Archived:
    row = connection.execute(EXPERIMENT, {"id": experiment_id}).one_or_none()
    if row is None:
        raise unknown(experiment_id)
    status = ExperimentStatus(row.status)
    if status not in CLOSED_EXPERIMENTS:
        raise WrongStatusError(
            f"experiment {experiment_id} is {status.shown}, and an archive is of one that has ended. Wait for its end, "
            f"or end it: `overthink cancel {experiment_id}` keeps what is done, and `overthink retry` goes on later"
        )
    return Archived.model_validate(row._mapping)


def require_current(database: Engine) -> None:
    if not is_current(database):
        raise ArchiveError(f"the database's tables are not those of schema version {head()}. Run: overthink migrate")


def require_free(folder: Path) -> None:
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise ArchiveError(f"{folder} is there already and not empty: name another folder with --to, or move it away")


def synchronize(folder: Path) -> None:
    """To the disk: what stands in the database may be deleted next."""
    for path in (*folder.iterdir(), folder):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
