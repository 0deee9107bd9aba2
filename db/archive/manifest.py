"""What an archive says of itself, `manifest.json`, and whether its files are those that it speaks of."""

import datetime as dt
import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue, NonNegativeInt, ValidationError

from db.archive.steps import FIRST, tables_since
from db.archive.tables import TABLES
from db.migrate import head, versions
from db.models import JsonObject
from scaling.errors import BadInputError

NAME = "manifest.json"


class ArchiveError(BadInputError):
    """An archive cannot be written there, or this folder cannot be restored. Nothing was changed; see the message."""


class File(BaseModel):
    """A table's rows."""

    model_config = ConfigDict(frozen=True)

    rows: NonNegativeInt
    bytes: NonNegativeInt
    sha256: str


class Archived(BaseModel):
    """The experiment, as it was."""

    model_config = ConfigDict(frozen=True)

    name: str
    owner: str
    digest: str
    run: int
    status: str
    created_at: dt.datetime


class Manifest(BaseModel):
    """Written last: a folder that has it is whole."""

    model_config = ConfigDict(frozen=True)

    schema_version: str
    """The latest migration of the database that it came from."""
    made_by: dict[str, JsonValue]
    """This Overthink, as provenance tells it: version and commit."""
    archived_at: dt.datetime
    experiment: Archived
    tables: dict[str, File]

    def write(self, folder: Path) -> None:
        (folder / NAME).write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")


def parquet(folder: Path, table: str) -> Path:
    return folder / f"{table}.parquet"


def file_of(path: Path, rows: int) -> File:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    return File(rows=rows, bytes=path.stat().st_size, sha256=digest.hexdigest())


def read_manifest(folder: Path) -> Manifest:
    """Of an undamaged archive of this schema, or of one that there are steps from. Raises ArchiveError."""
    try:
        manifest = Manifest.model_validate_json((folder / NAME).read_bytes())
    except (OSError, ValidationError) as error:
        raise ArchiveError(
            f"{folder} is no archive that can be read ({error}); `overthink archive` makes folders with a {NAME}"
        ) from error
    require_version(folder, manifest)
    require_undamaged(folder, manifest)
    return manifest


def require_version(folder: Path, manifest: Manifest) -> None:
    made, here = manifest.schema_version, head()
    if made in versions() and made >= FIRST:
        return
    said = f"{folder} is of schema version {made}, and this Overthink's is {here}"
    maker = _maker(manifest.made_by)
    if made not in versions():
        raise ArchiveError(f"{said}: a newer one made it. Update Overthink ({maker}), migrate, and restore again")
    raise ArchiveError(
        f"{said}. Restore it with the Overthink that made it ({maker}) into a database of its own, run this one's "
        "`overthink migrate` there, and archive it anew"
    )


def require_undamaged(folder: Path, manifest: Manifest) -> None:
    known = {table.name for table in TABLES}
    told = frozenset(manifest.tables)
    if not known - tables_since(manifest.schema_version) <= told <= known:
        raise ArchiveError(f"{folder / NAME} names the tables {sorted(told)}, not {sorted(known)}")
    for name, file in manifest.tables.items():
        path = parquet(folder, name)
        if not path.is_file():
            raise ArchiveError(f"{path} is missing: copy the archive's folder anew, whole")
        if (found := file_of(path, file.rows)) != file:
            raise ArchiveError(
                f"{path} is damaged: {found.bytes:,} bytes with SHA-256 {found.sha256}, and {NAME} says "
                f"{file.bytes:,} with {file.sha256}. Copy the archive's folder anew"
            )


def _maker(made_by: JsonObject) -> str:
    return f"version {made_by.get('overthink')}, commit {made_by.get('commit')}"
