"""Files of rows: JSON Lines, CSV, TSV and Parquet, each plain or gzipped, as fields with the place of each row.

Strict: what is malformed is refused with file and line. Numbers of JSON stay as they are spelled (0.00001 does not
become 1e-05); what JSON does not have (NaN, Infinity), and a key or column name that is given twice, are refused.
"""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import NoReturn

from scaling.errors import BadInputError

MAX_FIELD_CHARACTERS = 64 * 1024 * 1024
"""Longest field of a CSV file; Python's own default is 128 KiB."""

MAX_BYTES = 4 << 30
"""Of a file, unpacked: a small gzip may hold terabytes."""

MAX_DIGITS = 1000
"""Of a number in JSON that is not in quotes."""


class DataSetError(BadInputError):
    """The data set cannot be used: the message says where and what was expected. Mend the file and submit again."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row and where it begins: `file:line`, or `file, row N` where a file has no lines."""

    place: str
    fields: dict[str, object]


def read_rows(path: Path, content: bytes) -> Iterator[Row]:
    """The file's rows by its suffix, .gz apart; a suffix that is not in FORMATS is read as JSON Lines."""
    inner = path
    if path.suffix.lower() == ".gz":
        inner, content = path.with_suffix(""), _unpacked(path, content)
    return FORMATS.get(inner.suffix.lower(), _json_rows)(path, content)


def _unpacked(path: Path, content: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as file:
            unpacked = file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataSetError(f"{path}: not a whole gzip file ({error}); pack it again, or give it unpacked") from error
    if len(unpacked) > MAX_BYTES:
        raise DataSetError(f"{path}: more than {MAX_BYTES >> 30} GiB unpacked; expected a data set of questions")
    return unpacked


def _json_rows(path: Path, content: bytes) -> Iterator[Row]:
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if line.strip():
            yield Row(f"{path}:{number}", _json_object(f"{path}:{number}", line))


def _json_object(place: str, line: bytes) -> dict[str, object]:
    text = _text(place, line)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_once_each,
            parse_int=_as_spelled,
            parse_float=_as_spelled,
            parse_constant=_no_number,
        )
    except (ValueError, RecursionError) as error:
        reason = f"{error.msg} at column {error.colno}" if isinstance(error, json.JSONDecodeError) else str(error)
        raise DataSetError(
            f"{place}: not a JSON object ({reason}); expected one object per line, "
            'like {"id": "1", "question": "...", "answer": "..."}'
        ) from error
    if not isinstance(value, dict):
        raise DataSetError(f"{place}: a JSON {_kind(value)}; expected one object per line")
    return value


class _Number(str):
    """A number as it is spelled in JSON."""

    __slots__ = ()


def _kind(value: object) -> str:
    return "number" if isinstance(value, _Number) else type(value).__name__


def _once_each(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError(f"the key {_twice([key for key, _ in pairs])!r} is given twice; keep one")
    return fields


def _as_spelled(number: str) -> _Number:
    if len(number) > MAX_DIGITS:
        raise ValueError(
            f"a number of {len(number):,} characters; at most {MAX_DIGITS:,} are read, or put it in quotes"
        )
    return _Number(number)


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON; put it in quotes if it is meant as text")


def _twice(names: Sequence[str]) -> str:
    """The first name that occurs again."""
    return next(name for index, name in enumerate(names) if name in names[:index])


def _csv_rows(path: Path, content: bytes) -> Iterator[Row]:
    return _delimited_rows(path, content, ",")


def _tsv_rows(path: Path, content: bytes) -> Iterator[Row]:
    return _delimited_rows(path, content, "\t")


def _delimited_rows(path: Path, content: bytes, delimiter: str) -> Iterator[Row]:
    """The first row is the header. Blank lines are skipped. A row's place is the line on which it begins."""
    header: list[str] | None = None
    for place, values in _records(path, content, delimiter):
        if header is None:
            header = _header(place, values)
        elif len(values) != len(header):
            raise DataSetError(
                f"{place}: the row has not as many fields as the header ({len(values)}, expected {len(header)}); quote "
                "fields that hold the delimiter"
            )
        else:
            yield Row(place, dict(zip(header, values, strict=True)))


def _records(path: Path, content: bytes, delimiter: str) -> Iterator[tuple[str, list[str]]]:
    csv.field_size_limit(MAX_FIELD_CHARACTERS)
    text = _text(str(path), content.removeprefix(b"\xef\xbb\xbf"))
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    while True:
        place = f"{path}:{reader.line_num + 1}"
        try:
            values = next(reader, None)
        except csv.Error as error:
            raise DataSetError(f"{place}: malformed CSV in the row that begins here ({error})") from error
        if values is None:
            return
        if values:
            yield place, values


def _header(place: str, names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        raise DataSetError(f"{place}: two columns are called {_twice(names)!r}; rename one")
    return names


def _parquet_rows(path: Path, content: bytes) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        _header(str(path), file.schema_arrow.names)
        rows = (fields for batch in file.iter_batches() for fields in batch.to_pylist())
        for number, fields in enumerate(rows, start=1):
            yield Row(f"{path}, row {number}", {name: _plain(value) for name, value in fields.items()})
    except (pa.ArrowException, OSError) as error:
        raise DataSetError(f"{path}: not a Parquet file that can be read ({error})") from error


def _plain(value: object) -> object:
    """A number without an exponent, as people write answers."""
    if isinstance(value, Decimal):
        return _Number(format(value, "f"))
    return _Number(format(Decimal(repr(value)), "f")) if isinstance(value, float) and isfinite(value) else value


def _text(place: str, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        place = place if content.count(b"\n") == 0 else f"{place}:{line}"
        raise DataSetError(f"{place}: byte {error.start} is not UTF-8; save the file as UTF-8") from error


FORMATS: Mapping[str, Callable[[Path, bytes], Iterator[Row]]] = {
    ".jsonl": _json_rows,
    ".csv": _csv_rows,
    ".tsv": _tsv_rows,
    ".parquet": _parquet_rows,
}
"""How a file is read, by its suffix."""
