"""JSONL and CSV files as rows of text, each with its line. Strict: what is malformed is refused with file and line."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MAX_FIELD_CHARACTERS = 64 * 1024 * 1024
"""Longest field of a CSV file; Python's own default is 128 KiB."""


class DataSetError(Exception):
    """The data set cannot be used: the message says where and what was expected. Mend the file and submit again."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row and where it stands: `file:line`."""

    place: str
    fields: dict[str, object]


def read_rows(path: Path, content: bytes) -> Iterator[Row]:
    """The file's rows by its suffix: .csv is CSV, anything else JSON Lines."""
    return _csv_rows(path, content) if path.suffix.lower() == ".csv" else _json_rows(path, content)


def _json_rows(path: Path, content: bytes) -> Iterator[Row]:
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if line.strip():
            yield Row(f"{path}:{number}", _json_object(f"{path}:{number}", line))


def _json_object(place: str, line: bytes) -> dict[str, object]:
    try:
        value = json.loads(_text(place, line))
    except json.JSONDecodeError as error:
        raise DataSetError(
            f"{place}: not a JSON object ({error.msg} at column {error.colno}); expected one object per line, "
            'like {"id": "1", "question": "...", "answer": "..."}'
        ) from error
    if not isinstance(value, dict):
        raise DataSetError(f"{place}: a JSON {type(value).__name__}; expected one object per line")
    return value


def _csv_rows(path: Path, content: bytes) -> Iterator[Row]:
    csv.field_size_limit(MAX_FIELD_CHARACTERS)
    text = _text(str(path), content.removeprefix(b"\xef\xbb\xbf"))
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        for fields in reader:
            yield Row(f"{path}:{reader.line_num}", _complete(f"{path}:{reader.line_num}", fields))
    except csv.Error as error:
        raise DataSetError(f"{path}:{reader.line_num}: malformed CSV ({error})") from error


def _complete(place: str, fields: dict[str | None, object]) -> dict[str, object]:
    """DictReader marks a row that is too long with the key None, one that is too short with values None."""
    if None in fields or None in fields.values():
        raise DataSetError(f"{place}: the row has not as many fields as the header; quote fields that hold commas")
    return {str(name): value for name, value in fields.items()}


def _text(place: str, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        place = place if content.count(b"\n") == 0 else f"{place}:{line}"
        raise DataSetError(f"{place}: byte {error.start} is not UTF-8; save the file as UTF-8") from error
