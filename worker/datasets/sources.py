"""The kinds of files that data sets come in, by suffix, each plain or gzipped. A new one is a file and a line here.

Strict: what is malformed is refused with file and line, and so is a column name that is given twice.
"""

import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from worker.datasets import delimited, json_lines, parquet
from worker.datasets.rows import DataSetError, Row

MAX_BYTES = 4 << 30
"""Of a file, unpacked: a small gzip may hold terabytes."""


RowReader = Callable[[Path, bytes], Iterator[Row]]
"""Gives the rows of a file's bytes; raises DataSetError with the place of what is wrong."""

DATA_SOURCES: Mapping[str, RowReader] = MappingProxyType(
    {
        ".jsonl": json_lines.rows,
        ".csv": delimited.csv_rows,
        ".tsv": delimited.tsv_rows,
        ".parquet": parquet.rows,
    }
)


def read_rows(path: Path, content: bytes) -> Iterator[Row]:
    """The file's rows by its suffix, .gz apart; a suffix that nobody knows is read as JSON Lines."""
    inner = path
    if path.suffix.lower() == ".gz":
        inner, content = path.with_suffix(""), _unpacked(path, content)
    return DATA_SOURCES.get(inner.suffix.lower(), json_lines.rows)(path, content)


def suffixes() -> str:
    """For messages: `.jsonl, .csv, .tsv or .parquet`."""
    *most, last = DATA_SOURCES
    return f"{', '.join(most)} or {last}"


def _unpacked(path: Path, content: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as file:
            unpacked = file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataSetError(f"{path}: not a whole gzip file ({error}); pack it again, or give it unpacked") from error
    if len(unpacked) > MAX_BYTES:
        raise DataSetError(f"{path}: more than {MAX_BYTES >> 30} GiB unpacked; expected a data set of questions")
    return unpacked
