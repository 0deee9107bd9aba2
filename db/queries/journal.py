"""What running jobs were told so far: for the attempt that goes on from it, and for people who look on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Row, text

from db.engine import reading

KEPT = text("""
SELECT journal.key, journal.response, journal.cache_salt, attempts.attempt, attempts.provenances,
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
        responses={bytes(row.key): bytes(row.response) for row in rows},
        cache_salt=rows[0].cache_salt,
        seconds=sum(last.values()),
        provenances=tuple(dict.fromkeys(number for row in rows for number in row.provenances)),
    )
