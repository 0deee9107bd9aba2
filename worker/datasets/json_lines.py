"""JSON Lines: one object a line. What JSON does not have (NaN, Infinity) is refused, and a key that is given twice."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from worker.datasets.rows import DataSetError, Number, Row, text_of, twice

MAX_DIGITS = 1000
"""Of a number that is not in quotes."""


def rows(path: Path, content: bytes) -> Iterator[Row]:
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if line.strip():
            place = f"{path}:{number}"
            yield Row(place, _json_object(place, line))


def _json_object(place: str, line: bytes) -> dict[str, object]:
    text = text_of(place, line)
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        reason = f"{error.msg} at column {error.colno}" if isinstance(error, json.JSONDecodeError) else str(error)
        raise DataSetError(
            f"{place}: not a JSON object ({reason}); expected one object per line, "
            'like {"id": "1", "question": "...", "answer": "..."}'
        ) from error
    if not isinstance(value, dict):
        raise DataSetError(f"{place}: a JSON {_kind(value)}; expected one object per line")
    return value


def _kind(value: object) -> str:
    return "number" if isinstance(value, Number) else type(value).__name__


def _once_each(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError(f"the key {twice([key for key, _ in pairs])!r} is given twice; keep one")
    return fields


def _as_spelled(number: str) -> Number:
    if len(number) > MAX_DIGITS:
        raise ValueError(
            f"a number of {len(number):,} characters; at most {MAX_DIGITS:,} are read, or put it in quotes"
        )
    return Number(number)


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON; put it in quotes if it is meant as text")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_once_each, parse_int=_as_spelled, parse_float=_as_spelled, parse_constant=_no_number
)
