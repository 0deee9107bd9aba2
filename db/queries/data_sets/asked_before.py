"""The problems of a data set as an earlier experiment asked them: what is known of a file that only workers have."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue
from sqlalchemy import Engine, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from db.engine import reading
from db.problems import problem_of
from scaling.types import Problem

LATEST = text("""
SELECT id FROM experiments
WHERE expanded_at IS NOT NULL AND spec -> 'data_set' = :data_set
ORDER BY id DESC LIMIT 1
""").bindparams(bindparam("data_set", type_=JSONB))

FIRST = text("""
SELECT * FROM problems WHERE experiment_id = :experiment_id ORDER BY position LIMIT :most
""")

COUNT = text("SELECT count(*) FROM problems WHERE experiment_id = :experiment_id")


@dataclass(frozen=True, slots=True)
class AskedBefore:
    """The first of an experiment's problems, and how many it has."""

    experiment_id: int
    problems: tuple[Problem, ...]
    count: int


def asked_before(database: Engine, data_set: Mapping[str, JsonValue], most: int) -> AskedBefore | None:
    """By the latest experiment whose spec has this very data set; None: there is none."""
    with reading(database) as connection:
        experiment_id = connection.execute(LATEST, {"data_set": dict(data_set)}).scalar_one_or_none()
        if experiment_id is None:
            return None
        rows = connection.execute(FIRST, {"experiment_id": experiment_id, "most": most})
        problems = tuple(map(problem_of, rows))
        count = connection.execute(COUNT, {"experiment_id": experiment_id}).scalar_one()
    return AskedBefore(experiment_id, problems, count)
