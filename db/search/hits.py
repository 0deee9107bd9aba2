"""Where what was looked for stands in a trace: a place in the step that has most of it, and what is written around."""

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
SELECT jobs.job_id, hit.path, hit.kind, hit.phase, hit.place, hit.said, hit.length,
    substr(hit.text, greatest(hit.place - {BEFORE}, 1), {AROUND}) AS around
FROM unnest(CAST(:job_ids AS bigint[])) AS jobs (job_id)
CROSS JOIN LATERAL (
    SELECT path, kind, phase, text, length(text) AS length, place, said
    FROM steps
    CROSS JOIN LATERAL (
        SELECT count(*) AS num_terms, count(*) FILTER (WHERE place > 0) AS num_places,
            (array_agg(place ORDER BY place = 0, number))[1] AS place,
            (array_agg(said ORDER BY place = 0, number))[1] AS said
        FROM (
            SELECT number, length(literal) AS said, regexp_instr(text, pattern, 1, 1, 0, 'i') AS place
            FROM unnest(CAST(:literals AS text[]), CAST(:patterns AS text[])) WITH ORDINALITY
                AS terms (literal, pattern, number)
            WHERE strpos(lower(text), lower(literal)) > 0
        ) AS places
    ) AS found
    WHERE steps.job_id = jobs.job_id AND kind <> 'prompt' AND num_terms > 0
    ORDER BY num_places DESC, position
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
    """Of each job the first step that has most of the terms, and the first place there of the first of those."""
    literals, patterns = [term.literal for term in terms], [term.pattern for term in terms]
    rows = connection.execute(HITS, {"job_ids": list(job_ids), "literals": literals, "patterns": patterns})
    return {row.job_id: hit_at(row, row.said if row.place else 0) for row in rows}


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
