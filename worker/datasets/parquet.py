"""Parquet. It has no lines: a row's place is its number."""

from collections.abc import Iterator
from decimal import Decimal
from math import isfinite
from pathlib import Path

from worker.datasets.rows import DataSetError, Number, Row, header


def rows(path: Path, content: bytes) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        header(str(path), file.schema_arrow.names)
        rows = (fields for batch in file.iter_batches() for fields in batch.to_pylist())
        for number, fields in enumerate(rows, start=1):
            yield Row(f"{path}, row {number}", {name: _plain(value) for name, value in fields.items()})
    except (pa.ArrowException, OSError) as error:
        raise DataSetError(f"{path}: not a Parquet file that can be read ({error})") from error


def _plain(value: object) -> object:
    """A number without an exponent, as people write answers."""
    if isinstance(value, Decimal):
        return Number(format(value, "f"))
    return Number(format(Decimal(repr(value)), "f")) if isinstance(value, float) and isfinite(value) else value
