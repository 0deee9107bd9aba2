"""Data sets: a file of questions with reference answers as Problems, checked line by line, with a digest.

Every column can be named; `id` (default: the row's number), `level` and `subject` are optional, and so are the options
of a choice. A reference that its grader cannot read is refused with its line. Loaded by a worker, never by the page
that submits.
"""

import errno
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from math import isfinite
from pathlib import Path

from db.settings import CHECKOUT
from scaling.answers.choices import LETTERS
from scaling.answers.graders import GRADERS
from scaling.storable import is_storable
from scaling.types import GraderName, Problem
from worker.datasets.options import require_distinct, shown, shuffled, wrong_columns
from worker.datasets.references import first_unreadable
from worker.datasets.rows import DataSetAwayError, DataSetError, Row
from worker.datasets.sources import read_rows, suffixes
from worker.engines.entry import alternatives
from worker.registry import DataSetEntry, Registry

PASSING = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.ESTALE, errno.ETIMEDOUT, errno.EHOSTDOWN}
"""What may keep a machine from opening any file, or one of another machine's, for a while."""

BUILT_IN = {
    "ladder-test": DataSetEntry(path=CHECKOUT / "demo" / "data" / "ladder-test.jsonl", grader=GraderName.INTEGER),
}
"""The data sets that come with Overthink; the registry may add names, and may not take these."""


MOST_ID_CHARACTERS = 500
"""Of a problem: PostgreSQL has an index of them, whose rows hold 2,704 bytes."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """Problems in file order, and the SHA-256 of the whole file they came from."""

    problems: tuple[Problem, ...]
    digest: str


def named(name: str, registry: Registry) -> DataSetEntry:
    """The file behind a name. Raises DataSetError with the nearest names."""
    known = BUILT_IN | registry.data_sets
    if name not in known:
        raise DataSetError(f"no data set is called {name!r}{alternatives(name, list(known))} Or give a path.")
    return known[name]


def load(entry: DataSetEntry, *, data_dir: Path, limit: int | None = None, seed: int = 0) -> DataSet:
    """Reads the file; relative paths are looked up in `data_dir`. Raises DataSetError."""
    path = data_dir / entry.path.expanduser()
    return read(path, content_of(path), entry, limit=limit, seed=seed)


def read(path: Path, content: bytes, entry: DataSetEntry, *, limit: int | None = None, seed: int = 0) -> DataSet:
    """Of a file's content; `path` says how it is read, and stands in messages. Raises DataSetError."""
    whole, place_of = _problems(path, content, entry)
    problems = subset(whole, limit, seed)
    _require_readable(problems, place_of)
    return DataSet(problems, sha256(content).hexdigest())


def subset(problems: Sequence[Problem], limit: int | None, seed: int) -> tuple[Problem, ...]:
    """A sample without replacement, in file order; all of them if `limit` is None.

    Samples of one seed are nested: the first 10 drawn are among the first 20 drawn.
    """
    if limit is None or limit >= len(problems):
        return tuple(problems)
    order = list(range(len(problems)))
    random.Random(seed).shuffle(order)
    return tuple(problems[index] for index in sorted(order[:limit]))


def content_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        if error.errno in PASSING:
            raise DataSetAwayError(f"{path}: {error.strerror}") from error
        raise DataSetError(
            f"{path}: {error.strerror}. Expected a {suffixes()} file (or .gz of one) that the worker can read; "
            "relative paths are looked up in OVERTHINK_DATA_DIR."
        ) from error


def _require_readable(problems: Sequence[Problem], place_of: Mapping[str, str]) -> None:
    """Raises DataSetError with the place of a reference that its grader cannot read."""
    if (fault := unreadable(problems, place_of)) is not None:
        raise DataSetError(fault)


def unreadable(problems: Sequence[Problem], place_of: Mapping[str, str]) -> str | None:
    """What is wrong with the first reference that its grader cannot read; None: it can read them all."""
    if (found := first_unreadable(problems)) is None:
        return None
    problem, told = found
    why = "" if told.unread is None else f" ({told.unread.label})"
    return (
        f"{place_of[problem.id]}: answer {problem.answer[:200]!r} is none that the grader {problem.grader.value!r} can "
        f"read{why}; choose another grader ({', '.join(GraderName)}), or mend the answer"
    )


def _problems(path: Path, content: bytes, entry: DataSetEntry) -> tuple[list[Problem], dict[str, str]]:
    """And the file and line of each, by its id."""
    problems: list[Problem] = []
    place_of: dict[str, str] = {}
    for row in read_rows(path, content):
        problem = problem_of(row, len(problems) + 1, entry)
        if len(problem.id) > MOST_ID_CHARACTERS:
            raise DataSetError(
                f"{row.place}: an id of {len(problem.id):,} characters; at most {MOST_ID_CHARACTERS} are read"
            )
        if problem.id in place_of:
            raise DataSetError(f"{row.place}: id {problem.id!r} was used before, at {place_of[problem.id]}")
        place_of[problem.id] = row.place
        problems.append(problem)
    if not problems:
        raise DataSetError(f"{path}: no rows; expected at least one question with its answer")
    return problems, place_of


def problem_of(row: Row, number: int, entry: DataSetEntry) -> Problem:
    problem = Problem(
        id=_optional(row, entry.id, "id") or str(number),
        question=_text(row, entry.question),
        answer=_text(row, entry.answer),
        grader=entry.grader,
        level=_optional(row, entry.level, "level"),
        subject=_optional(row, entry.subject, "subject"),
    )
    return _with_options(problem, row, entry) if GRADERS[entry.grader].takes_options else problem


def _with_options(problem: Problem, row: Row, entry: DataSetEntry) -> Problem:
    """The options lettered and shown; the reference becomes a letter. Without columns of options, as it stands."""
    if entry.options:
        listed = tuple(_text(row, column) for column in entry.options)
    elif wrong := wrong_columns(entry.incorrect, list(row.fields)):
        listed = shuffled(problem.answer, [_text(row, column) for column in wrong], problem.id)
    else:
        return problem
    require_distinct(listed, row.place)
    answer = problem.answer if entry.options else LETTERS[listed.index(problem.answer)]
    return replace(problem, question=shown(problem.question, listed), answer=answer, options=listed)


def _text(row: Row, column: str) -> str:
    """The column as text that can be sent and stored."""
    if column not in row.fields:
        raise DataSetError(f"{row.place}: no column {column!r}{alternatives(column, list(row.fields))}")
    value = row.fields[column]
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise DataSetError(f"{row.place}: {column} is a JSON {type(value).__name__}; expected text or a number")
    if isinstance(value, float) and not isfinite(value):
        raise DataSetError(f"{row.place}: {column} is {value}, which is no number; mend it, or make it text")
    text = str(value)
    if not text.strip():
        raise DataSetError(f"{row.place}: {column} is empty")
    if not is_storable(text):
        raise DataSetError(f"{row.place}: {column} holds a NUL or half a surrogate pair, which no model can be sent")
    return text


def _optional(row: Row, column: str | None, usual: str) -> str | None:
    """The column that was asked for, which must be there; or the usual one, if it is there and says something."""
    if column is not None:
        return _text(row, column)
    return _text(row, usual) if row.fields.get(usual) not in (None, "") else None
