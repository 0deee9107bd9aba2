"""Rows of a file: fields with their place, and what every kind of file has to see to. Which kinds there are is in
`worker.datasets.sources`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from scaling.errors import BadInputError, UnreachableError


class DataSetError(BadInputError):
    """The data set cannot be used: the message says where and what was expected. Mend the file and submit again."""


class DataSetAwayError(UnreachableError):
    """The file cannot be read at the moment, whatever is in it: see to the machine that it is read on."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row and where it begins: `file:line`, or `file, row N` where a file has no lines."""

    place: str
    fields: dict[str, object]


class Number(str):
    """A number as it is spelled in the file: 0.00001 does not become 1e-05."""

    __slots__ = ()


def header(place: str, names: Sequence[str]) -> list[str]:
    """The columns' names. Raises DataSetError if two are the same."""
    if len(set(names)) < len(names):
        raise DataSetError(f"{place}: two columns are called {twice(names)!r}; rename one")
    return list(names)


def twice(names: Sequence[str]) -> str:
    """The first name that occurs again."""
    return next(name for index, name in enumerate(names) if name in names[:index])


def text_of(place: str, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        place = place if content.count(b"\n") == 0 else f"{place}:{line}"
        raise DataSetError(f"{place}: byte {error.start} is not UTF-8; save the file as UTF-8") from error
