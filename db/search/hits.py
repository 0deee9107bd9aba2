"""Where what was looked for stands in a trace: its first place there, with what is written around it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from db.paths import parse_path
from db.search.terms import Terms
from scaling.types import Path, Phase, StepKind

BEFORE = 60
AROUND = 240
"""Characters: before a place, and in all."""

# A place in the middle of a word is left for one at its start; where case folds otherwise than the database knows, the
# step begins what is shown.
HITS = text(f"""
SELECT jobs.job_id, hit.path, hit.kind, hit.phase, hit.place, hit.length,
    substr(hit.text, greatest(hit.place - {BEFORE}, 1), {AROUND}) AS around
FROM unnest(CAST(:job_ids AS bigint[])) AS jobs (job_id)
CROSS JOIN LATERAL (
    SELECT path, kind, phase, text, length(text) AS length, regexp_instr(text, :pattern, 1, 1, 0, 'i') AS place
    FROM steps
    WHERE steps.job_id = jobs.job_id AND kind <> 'prompt' AND strpos(lower(text), lower(:literal)) > 0
    ORDER BY regexp_instr(text, :pattern, 1, 1, 0, 'i') = 0, position
    LIMIT 1
) AS hit
""")


@dataclass(frozen=True, slots=True)
class Hit:
    """`said` is what was looked for, as it stands there; `before` and `after` stand around it, in the same step."""

    path: Path
    kind: StepKind
    phase: Phase
    before: str
    said: str
    after: str
    is_begun: bool
    """The step has more before `before`."""
    goes_on: bool
    """The step has more behind `after`."""


def hits_of(connection: Connection, job_ids: Sequence[int], terms: Terms) -> Mapping[int, Hit]:
    """Of each job the first place of the first term."""
    first = terms[0]
    values = {"job_ids": list(job_ids), "pattern": first.pattern, "literal": first.literal}
    rows = connection.execute(HITS, values)
    return {row.job_id: hit_at(row, len(first.literal) if row.place else 0) for row in rows}


def hit_at(row: Row[Any], num_characters: int) -> Hit:
    """So many characters from `row.place` on, counted from 1; of a long hit what stands in `row.around`."""
    starts_at = max(row.place - BEFORE, 1)
    begin = max(row.place - starts_at, 0)
    end = begin + num_characters
    return Hit(
        path=parse_path(row.path),
        kind=StepKind(row.kind),
        phase=Phase(row.phase),
        before=row.around[:begin],
        said=row.around[begin:end],
        after=row.around[end:],
        is_begun=starts_at > 1,
        goes_on=starts_at - 1 + len(row.around) < row.length,
    )
