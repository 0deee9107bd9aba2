"""Traces that were found by their words in everything that is stored, as a table; each with its place."""

from collections.abc import Sequence

from db.search.found import FoundTrace
from results.columns import Column, Columns, Table, lifted
from results.traces.places import PLACE

COLUMNS: Columns[FoundTrace] = (
    Column("job", lambda it: it.job_id, "job", show=str),
    Column("experiment", lambda it: it.experiment_id, "experiment", show=str),
    Column("name", lambda it: it.experiment),
    Column("arm", lambda it: it.arm, "arm"),
    Column("problem", lambda it: it.problem, "problem"),
    Column("repeat", lambda it: it.repeat),
    Column("verdict", lambda it: it.verdict, "verdict"),
    Column("answer", lambda it: it.answer, "answer"),
    *lifted("", PLACE, lambda it: it.hit),
)


def table(found: Sequence[FoundTrace]) -> Table[FoundTrace]:
    return Table(COLUMNS, found)
