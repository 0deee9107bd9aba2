"""The steps of a trace with their texts, pieces of texts, and token ids: each only where it is asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Engine, Row, text

from db.engine import reading
from db.paths import parse_path, path_text
from db.rows import read
from scaling.types import FinishReason, Ids, Path, Phase, StepKind

IDS = text("""
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


COLUMNS = {
    "text": "left(text, coalesce(CAST(:most_characters AS integer), char_length(text))) AS text",
    "num_ids": "cardinality(ids) AS num_ids",
    "num_dropped_ids": "cardinality(dropped_ids) AS num_dropped_ids",
}
STEPS = text(f"""
SELECT {", ".join(COLUMNS.get(field.name, field.name) for field in fields(StoredStep))}
FROM steps WHERE job_id = :job_id AND (CAST(:paths AS text[]) IS NULL OR path = ANY(:paths)) ORDER BY position
""")


@dataclass(frozen=True, slots=True)
class StepIds:
    """The ids of one step: those in the context, and those generated after them and dropped."""

    path: Path
    ids: Ids
    dropped_ids: Ids


PIECES = text("""
SELECT substring(steps.text FROM wanted.first + 1 FOR wanted.length)
FROM unnest(CAST(:paths AS text[]), CAST(:firsts AS integer[]), CAST(:lengths AS integer[]))
    WITH ORDINALITY AS wanted(path, first, length, number)
JOIN steps ON steps.job_id = :job_id AND steps.path = wanted.path
ORDER BY wanted.number
""")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of one step's text, from `first` on."""

    path: Path
    first: int
    length: int


def steps(
    database: Engine, job_id: int, paths: Iterable[Path] | None = None, most_characters: int | None = None
) -> tuple[StoredStep, ...]:
    """The steps at these paths with their texts, in the order of the trace; None: all of them, whole texts."""
    wanted = None if paths is None else [path_text(path) for path in paths]
    values = {"job_id": job_id, "paths": wanted, "most_characters": most_characters}
    with reading(database) as connection:
        return tuple(read(StoredStep, row, path=parse_path(row.path)) for row in connection.execute(STEPS, values))


def pieces(database: Engine, job_id: int, spans: Sequence[Span]) -> tuple[str, ...]:
    """A text for each span, in their order; shorter than asked for where the step's text ends."""
    values = {
        "job_id": job_id,
        "paths": [path_text(span.path) for span in spans],
        "firsts": [span.first for span in spans],
        "lengths": [span.length for span in spans],
    }
    with reading(database) as connection:
        return tuple(connection.execute(PIECES, values).scalars())


def trace_ids(database: Engine, job_id: int, paths: Iterable[Path] | None = None) -> tuple[StepIds, ...]:
    """The ids of the steps at these paths, in the order of the trace; None: of all of them."""
    wanted = None if paths is None else [path_text(path) for path in paths]
    with reading(database) as connection:
        return tuple(ids_of_step(row) for row in connection.execute(IDS, {"job_id": job_id, "paths": wanted}))


def ids_of_step(row: Row[Any]) -> StepIds:
    return StepIds(parse_path(row.path), tuple(row.ids), tuple(row.dropped_ids))
