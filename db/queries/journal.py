"""What running jobs were told so far: for the attempt that goes on behind it, and for people who look on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Row, text

from db.engine import reading
from db.paths import parse_path
from db.text import storable
from scaling.journal.entries import words_of
from scaling.types import Path, total_if_known

KEPT = text("""
SELECT journal.keys, journal.responses, journal.cache_salt, attempts.attempt, attempts.provenances,
    CAST(extract(epoch FROM journal.kept_at - attempts.started_at) AS double precision) AS seconds
FROM journal JOIN attempts USING (job_id, attempt)
WHERE job_id = :job_id
ORDER BY journal.position
""")


@dataclass(frozen=True, slots=True)
class KeptJournal:
    """What earlier attempts at a job kept: responses by key, and the name of their prefixes in servers' caches.

    `seconds` are those that the attempts took until each kept its last; `provenances` what they were made by, in order.
    """

    responses: Mapping[bytes, bytes]
    cache_salt: str | None
    seconds: float
    provenances: tuple[int, ...]


NOTHING_KEPT = KeptJournal({}, None, 0.0, ())


def kept_journal(database: Engine, job_id: int) -> KeptJournal:
    """What a new attempt at the job goes on from."""
    with reading(database) as connection:
        rows = connection.execute(KEPT, {"job_id": job_id}).all()
    return kept(rows) if rows else NOTHING_KEPT


def kept(rows: Sequence[Row[Any]]) -> KeptJournal:
    last = {row.attempt: row.seconds for row in rows}
    return KeptJournal(
        responses={bytes(key): bytes(told) for row in rows for key, told in zip(row.keys, row.responses, strict=True)},
        cache_salt=rows[0].cache_salt,
        seconds=sum(last.values()),
        provenances=tuple(dict.fromkeys(number for row in rows for number in row.provenances)),
    )


WRITTEN = text("""
SELECT told.path, told.response
FROM (
    SELECT DISTINCT ON (told.key) position, told.*
    FROM journal, unnest(keys, paths, responses) WITH ORDINALITY AS told (key, path, response, place)
    WHERE job_id = :job_id AND told.path IS NOT NULL
    ORDER BY told.key, position, told.place
) AS told
ORDER BY position, place
""")


@dataclass(frozen=True, slots=True)
class GrowingStep:
    """A step of a job that runs, as far as it was told a second ago: with what may yet be dropped of it, and without
    what was forced. `generated_tokens` None: not reported."""

    path: Path
    text: str
    generated_tokens: int | None


def growing_steps(database: Engine, job_id: int) -> tuple[GrowingStep, ...]:
    """In path order. Empty for a job that has ended: its trace is stored."""
    with reading(database) as connection:
        rows = connection.execute(WRITTEN, {"job_id": job_id}).all()
    segments: dict[Path, list[tuple[str, int | None]]] = {}
    for row in rows:
        segments.setdefault(parse_path(row.path), []).append(words_of(bytes(row.response)))
    return tuple(
        GrowingStep(path, storable("".join(words for words, _ in told)), total_if_known(tokens for _, tokens in told))
        for path, told in sorted(segments.items())
    )
