"""An archive back into a database: in one transaction, under new ids, everything else as it was."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from sqlalchemy import Connection, Engine, Table, select, text
from sqlalchemy.dialects.postgresql import insert

from db.archive.columns import storable, with_ids, written
from db.archive.manifest import Archived, ArchiveError, Manifest, parquet, read_manifest
from db.archive.numbers import Ids, IdsOf, draw
from db.archive.steps import columns_since
from db.archive.tables import OWNED, ROOT, SHARED, UPLOADS
from db.archive.writing import require_current
from db.copying import copy_into

ROWS_AT_ONCE = 1000
RESTORE_LOCK = 0x0EC2  # any number but that of migrations: restores take turns

LOCK = text("SELECT pg_advisory_xact_lock(:key)")
SAME = text("SELECT min(id) FROM experiments WHERE digest = :digest AND created_at = :created_at")
RUN = text("""
SELECT CASE WHEN bool_or(run = :run) THEN max(run) + 1 ELSE :run END FROM experiments WHERE digest = :digest
""")


@dataclass(frozen=True, slots=True)
class Restored:
    """The experiment's id in this database, and what it was made from."""

    experiment_id: int
    manifest: Manifest


def restore(database: Engine, folder: Path, again: bool = False) -> Restored:
    """Everything or nothing. Raises ArchiveError: of a damaged file, another schema, an experiment that is there.

    `again` restores one that is there, as another run of its spec.
    """
    manifest = read_manifest(folder)
    require_current(database)
    with database.begin() as connection:
        connection.execute(LOCK, {"key": RESTORE_LOCK})
        require_new(connection, folder, manifest.experiment, again)
        ids: dict[str, Ids] = {}
        for table in SHARED:
            ids[table.name] = join_shared(connection, table, folder)
        if UPLOADS.name in manifest.tables:
            join_upload(connection, folder)
        for table in OWNED:
            if table.name in manifest.tables:
                ids[table.name] = restore_table(connection, table, folder, manifest, ids)
    return Restored(ids[ROOT.name][0], manifest)


def require_new(connection: Connection, folder: Path, archived: Archived, again: bool) -> None:
    values = {"digest": archived.digest, "created_at": archived.created_at}
    known = connection.execute(SAME, values).scalar_one()
    if known is not None and not again:
        raise ArchiveError(
            f"experiment {known} is the one in {folder}: of the same spec, and created at the same moment. "
            "--again restores it beside that one, as another run"
        )


def free_run(connection: Connection, archived: Archived) -> int:
    """The run that it was, unless another experiment of its spec is that here."""
    found = connection.execute(RUN, {"digest": archived.digest, "run": archived.run}).scalar_one()
    return archived.run if found is None else int(found)


def restore_table(connection: Connection, table: Table, folder: Path, manifest: Manifest, ids: IdsOf) -> Ids:
    """The ids of its rows here, by their numbers; none where a row is called by others' ids."""
    has_ids = table.columns[0].identity is not None
    own = draw(connection, table, manifest.tables[table.name].rows) if has_ids else ()
    changed = dict(columns_since(manifest.schema_version, table.name))
    if table is ROOT:
        changed["run"] = free_run(connection, manifest.experiment)
    names = [each.name for each in table.columns]
    copy_into(connection, table.name, names, rows(table, folder, {**ids, table.name: own}, changed))
    return own


def rows(table: Table, folder: Path, ids: IdsOf, changed: Mapping[str, object]) -> Iterator[Sequence[Any]]:
    """A table's rows, under the ids that they get here; `changed` are columns that are not read from its file."""
    columns = list(table.columns)
    names = [each.name for each in columns if each.name not in changed]
    for batch in pq.ParquetFile(parquet(folder, table.name)).iter_batches(ROWS_AT_ONCE, columns=names):
        values = [
            [changed[each.name]] * batch.num_rows
            if each.name in changed
            else written(each, with_ids(each, batch.column(each.name).to_pylist(), ids))
            for each in columns
        ]
        yield from zip(*values, strict=True)


def join_upload(connection: Connection, folder: Path) -> None:
    """The file that its problems were read from, unless it is here."""
    for row in pq.read_table(parquet(folder, UPLOADS.name)).to_pylist():
        connection.execute(insert(UPLOADS).values(row).on_conflict_do_nothing())


def join_shared(connection: Connection, table: Table, folder: Path) -> Ids:
    """The rows of a table that experiments share, each put there unless it is; their ids here, by their numbers."""
    key = next(each for each in table.columns if each.unique)
    own, *others = table.columns
    found = array("q")
    for row in pq.read_table(parquet(folder, table.name)).to_pylist():
        values = {each.name: storable(each, row[each.name]) for each in others}
        connection.execute(insert(table).values(values).on_conflict_do_nothing(index_elements=[key]))
        found.append(connection.execute(select(own).where(key == row[key.name])).scalar_one())
    return found
