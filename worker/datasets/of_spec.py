"""Where the problems that a spec asks for are: a registered name, a file on this machine, or one that was uploaded.

An upload is in the database, under its content's address: every worker reads the same, and so does the page that shows
it.
"""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from db.queries.data_sets import uploaded
from scaling.spec import DataSetSpec
from worker.datasets.loading import DataSet, content_of, named, read
from worker.datasets.rows import DataSetError
from worker.registry import DataSetEntry, Registry


@dataclass(frozen=True, slots=True)
class Source:
    """A file's content, how it is read and what it is called."""

    path: Path
    content: bytes
    entry: DataSetEntry


def load_data_set(source: DataSetSpec, registry: Registry, data_dir: Path, database: Engine | None = None) -> DataSet:
    """The problems that a spec asks for. Without a database no upload is known. Raises DataSetError."""
    found = opened(source, registry, data_dir, database)
    return read(found.path, found.content, found.entry, limit=source.limit, seed=source.seed)


def opened(source: DataSetSpec, registry: Registry, data_dir: Path, database: Engine | None) -> Source:
    """Raises DataSetError."""
    if source.upload is not None:
        name, content = _uploaded(source.upload, database)
        return Source(Path(name), content, _entry(Path(source.upload), source))
    entry = entry_of(source, registry)
    path = data_dir / entry.path.expanduser()
    return Source(path, content_of(path), entry)


def entry_of(source: DataSetSpec, registry: Registry) -> DataSetEntry:
    """Of a registered name, or of the spec's own path with its own column names. Raises DataSetError."""
    if source.name is not None:
        return named(source.name, registry)
    assert source.path is not None, "the spec was checked"
    return _entry(Path(source.path), source)


def _entry(path: Path, source: DataSetSpec) -> DataSetEntry:
    assert source.grader is not None, "the spec was checked"
    return DataSetEntry(
        path=path,
        question=source.question,
        answer=source.answer,
        id=source.id,
        level=source.level,
        subject=source.subject,
        options=source.options,
        incorrect=source.incorrect,
        grader=source.grader,
    )


def _uploaded(address: str, database: Engine | None) -> tuple[str, bytes]:
    found = None if database is None else uploaded(database, address)
    if found is None:
        raise DataSetError(
            f"no upload has the address {address} here; upload the file on the dashboard's page New, or give its path"
        )
    name, content = found
    return f"{Path(name).name}{_missing_suffix(name, address)}", content


def _missing_suffix(name: str, address: str) -> str:
    """A file that was uploaded before under another name is read as this address says."""
    suffix = address[64:]
    return "" if name.lower().endswith(suffix) else suffix
