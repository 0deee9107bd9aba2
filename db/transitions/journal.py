"""The journal of running jobs: what servers responded to them, kept with what it has cost, and gone with the job's end.

All of it is written in transactions that hold the attempt's row, or have ended the attempt: so nothing is kept for an
attempt that does not own its job any more, and nothing is left of a job that has ended.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, text

from db.paths import path_text
from db.records import Lease
from scaling.journal.entries import Entry

# A row for each telling: rows cost more than what is in them. A telling of whose commit nobody heard is told again, and
# then stands there twice.
KEEP = text("""
INSERT INTO journal (job_id, attempt, keys, paths, responses, cache_salt)
SELECT job_id, attempt, array_agg(kept.key ORDER BY kept.place), array_agg(kept.path ORDER BY kept.place),
    array_agg(kept.response ORDER BY kept.place), kept.cache_salt
FROM unnest(CAST(:job_ids AS bigint[]), CAST(:attempts AS integer[]), CAST(:keys AS bytea[]), CAST(:paths AS text[]),
    CAST(:responses AS bytea[]), CAST(:cache_salts AS text[])) WITH ORDINALITY
    AS kept (job_id, attempt, key, path, response, cache_salt, place)
JOIN attempts USING (job_id, attempt)
WHERE attempts.outcome = 'running'
GROUP BY job_id, attempt, kept.cache_salt
""")

ERASE_CANCELLED = text("""
DELETE FROM journal USING jobs
WHERE jobs.id = journal.job_id AND jobs.experiment_id = :experiment_id AND jobs.status = 'cancelled'
""")

ENDED = "('succeeded', 'failed')"
"""Jobs that will not run again."""

ERASE = text(f"""
DELETE FROM journal USING jobs
WHERE journal.job_id = ANY (CAST(:job_ids AS bigint[])) AND jobs.id = journal.job_id AND jobs.status IN {ENDED}
""")


def erased(ended: str) -> str:
    """The DELETE for jobs of the query `ended` (job_id) that will not run again. May stand in a WITH."""
    return f"""
DELETE FROM journal USING {ended} AS gone JOIN jobs ON jobs.id = gone.job_id
WHERE journal.job_id = gone.job_id AND jobs.status IN {ENDED}
"""


def keep(connection: Connection, entries: Mapping[Lease, Sequence[Entry]]) -> None:
    """What attempts were told, in order, whose rows this transaction has locked."""
    kept = [(lease, entry) for lease, each in entries.items() for entry in each]
    if not kept:
        return
    values = {
        "job_ids": [lease.job_id for lease, _ in kept],
        "attempts": [lease.attempt for lease, _ in kept],
        "keys": [entry.key for _, entry in kept],
        "paths": [None if entry.path is None else path_text(entry.path) for _, entry in kept],
        "responses": [entry.response for _, entry in kept],
        "cache_salts": [entry.cache_salt for _, entry in kept],
    }
    connection.execute(KEEP, values)
