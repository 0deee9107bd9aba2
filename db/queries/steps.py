"""The steps of a trace with their texts, and their token ids: each only where it is asked for."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Engine, Row, text

from db.engine import reading
from db.paths import parse_path, path_text
from db.rows import read
from scaling.types import FinishReason, Ids, Path, Phase, StepKind

TRACE_IDS = text("""
SELECT path, ids, dropped_ids FROM steps
WHERE job_id = :job_id AND (CAST(:paths AS text[]) IS NULL OR path = ANY(:paths)) ORDER BY position
""")


@dataclass(frozen=True, slots=True)
class StoredStep:
    """A step without its ids. `num_ids` are those the model was conditioned on, `num_dropped_ids` those left out.
    A count is None if its engine did not report it."""

    path: Path
    kind: StepKind
    phase: Phase
    text: str
    num_ids: int
    num_dropped_ids: int
    prompt_tokens: int | None
    cached_tokens: int | None
    generated_tokens: int | None
    forced_tokens: int
    verifier_tokens: int | None
    requests: int
    seconds: float
    finish_reason: FinishReason | None
    kept: bool
    score: float | None
    verifier_cached_tokens: int | None = 0
    verifier_calls: int = 0
    verifier_seconds: float = 0.0
    queue_seconds: float | None = 0.0
    gate_seconds: float | None = 0.0
    retry_seconds: float | None = 0.0

    @property
    def is_forced(self) -> bool:
        return self.kind is StepKind.FORCED


LENGTHS = {"num_ids": "cardinality(ids) AS num_ids", "num_dropped_ids": "cardinality(dropped_ids) AS num_dropped_ids"}
STEPS = text(f"""
SELECT {", ".join(LENGTHS.get(field.name, field.name) for field in fields(StoredStep))}
FROM steps WHERE job_id = :job_id AND (CAST(:paths AS text[]) IS NULL OR path = ANY(:paths)) ORDER BY position
""")


@dataclass(frozen=True, slots=True)
class StepIds:
    """The ids of one step: those in the context, and those generated after them and dropped."""

    path: Path
    ids: Ids
    dropped_ids: Ids


def steps(database: Engine, job_id: int, paths: Iterable[Path] | None = None) -> tuple[StoredStep, ...]:
    """The steps at these paths with their texts, in the order of the trace; None: all of them."""
    wanted = None if paths is None else [path_text(path) for path in paths]
    with reading(database) as connection:
        return tuple(
            read(StoredStep, row, path=parse_path(row.path))
            for row in connection.execute(STEPS, {"job_id": job_id, "paths": wanted})
        )


def trace_ids(database: Engine, job_id: int, paths: Iterable[Path] | None = None) -> tuple[StepIds, ...]:
    """The ids of the steps at these paths, in the order of the trace; None: of all of them."""
    wanted = None if paths is None else [path_text(path) for path in paths]
    with reading(database) as connection:
        rows = connection.execute(TRACE_IDS, {"job_id": job_id, "paths": wanted})
        return tuple(ids_of_step(row) for row in rows)


def ids_of_step(row: Row[Any]) -> StepIds:
    return StepIds(parse_path(row.path), tuple(row.ids), tuple(row.dropped_ids))
