"""CSV and TSV. The first row is the header; blank lines are skipped. A row's place is the line on which it begins."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from worker.datasets.rows import DataSetError, Row, header, text_of

MAX_FIELD_CHARACTERS = 64 * 1024 * 1024
"""Longest field; Python's own default is 128 KiB."""


TAB = "\t"


def csv_rows(path: Path, content: bytes) -> Iterator[Row]:
    return _delimited_rows(path, content, ",")


def tsv_rows(path: Path, content: bytes) -> Iterator[Row]:
    return _delimited_rows(path, content, TAB)


def _delimited_rows(path: Path, content: bytes, delimiter: str) -> Iterator[Row]:
    columns: list[str] | None = None
    for place, values in _records(path, content, delimiter):
        if columns is None:
            columns = header(place, values)
            if len(columns) == 1:
                raise DataSetError(
                    f"{place}: one column only, {columns[0]!r}; expected a question and its answer, parted by "
                    f"{'a tab' if delimiter == TAB else 'a comma'}"
                )
        elif len(values) != len(columns):
            raise DataSetError(
                f"{place}: the row has not as many fields as the header ({len(values)}, expected {len(columns)}); "
                "quote fields that hold the delimiter"
            )
        else:
            yield Row(place, dict(zip(columns, values, strict=True)))


def _records(path: Path, content: bytes, delimiter: str) -> Iterator[tuple[str, list[str]]]:
    csv.field_size_limit(MAX_FIELD_CHARACTERS)
    text = text_of(str(path), content.removeprefix(b"\xef\xbb\xbf"))
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
