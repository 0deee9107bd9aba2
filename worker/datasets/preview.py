"""A look at a data set before anything runs: the first problems that would be asked, and all that is wrong, by line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from db.problems import Fingerprints, fingerprints
from db.settings import settings
from scaling.spec import DataSetSpec
from scaling.types import Problem
from worker.datasets.loading import BUILT_IN, problem_of, subset, unreadable
from worker.datasets.of_spec import Source, opened
from worker.datasets.rows import DataSetError, Row
from worker.datasets.sources import read_rows
from worker.registry import Registry

MOST_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Preview:
    """`problems` are the first of the `asked`, which are drawn out of the file's `rows`; `columns` are those of its
    first row, `fingerprints` those of all that are asked. `faults` say file and line, the first MOST_FAULTS of the
    `num_faults`; a worker refuses a file that has any."""

    problems: tuple[Problem, ...]
    asked: int
    rows: int
    columns: tuple[str, ...]
    fingerprints: Fingerprints
    faults: tuple[str, ...]
    num_faults: int


def data_set_names() -> tuple[str, ...]:
    """Those that the registry of this machine knows; workers may know others."""
    return (*BUILT_IN, *Registry.load(settings().models).data_sets)


def preview(database: Engine, source: DataSetSpec, most: int) -> Preview:
    """What a worker would read, read here. Raises DataSetError where this machine has no such file."""
    chosen = settings()
    return look(opened(source, Registry.load(chosen.models), chosen.data_dir, database), source, most)


def look(found: Source, source: DataSetSpec, most: int) -> Preview:
    faults: list[str] = []
    rows = list(_rows(found, faults))
    problems = tuple(_problems(rows, found, faults))
    chosen = subset(problems, source.limit, source.seed)
    if not rows and not faults:
        faults.append(f"{found.path}: no rows; expected at least one question with its answer")
    if not faults:
        places = {problem.id: row.place for problem, row in zip(problems, rows, strict=True)}
        faults += filter(None, [unreadable(chosen, places)])
    columns = tuple(rows[0].fields) if rows else ()
    told = tuple(faults[:MOST_FAULTS])
    return Preview(chosen[:most], len(chosen), len(rows), columns, fingerprints(chosen), told, len(faults))


def _rows(found: Source, faults: list[str]) -> Iterator[Row]:
    """Up to the first that is malformed: what comes after it cannot be told."""
    try:
        yield from read_rows(found.path, found.content)
    except DataSetError as error:
        faults.append(str(error))


def _problems(rows: Sequence[Row], found: Source, faults: list[str]) -> Iterator[Problem]:
    place_of: dict[str, str] = {}
    for number, row in enumerate(rows, start=1):
        try:
            problem = problem_of(row, number, found.entry)
        except DataSetError as error:
            faults.append(str(error))
            continue
        if problem.id in place_of:
            faults.append(f"{row.place}: id {problem.id!r} was used before, at {place_of[problem.id]}")
        place_of.setdefault(problem.id, row.place)
        yield problem
