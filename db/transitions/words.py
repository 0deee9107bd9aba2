"""The words of traces are read after their jobs have ended, so that no end waits for them.

Nobody says which are to be read: they are the succeeded jobs without words, of experiments whose results have another
version than when all of them had some. So what was restored, or was there before there were words, is read as well.
"""

import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from sqlalchemy import Connection, Engine, text

from db.search.words import different_words

TRACES_AT_ONCE = 20
STEPS_AT_ONCE = 20
MOST_TRACES = 20_000

# The newest first: what people look at.
UNREAD_EXPERIMENTS = text("""
SELECT tallies.experiment_id, CAST(sum(tallies.results_version) AS bigint) AS results_version
FROM tallies LEFT JOIN words_read ON words_read.experiment_id = tallies.experiment_id
GROUP BY tallies.experiment_id, words_read.results_version
HAVING sum(tallies.results_version) IS DISTINCT FROM words_read.results_version
ORDER BY tallies.experiment_id DESC
""")
UNREAD_JOBS = text("""
SELECT id FROM jobs
WHERE experiment_id = :experiment_id AND status = 'succeeded'
  AND NOT EXISTS (SELECT FROM trace_words WHERE trace_words.job_id = jobs.id)
ORDER BY id LIMIT :most
""")
TEXTS = text("""
SELECT job_id, text FROM steps WHERE job_id = ANY (:job_ids) AND kind <> 'prompt' ORDER BY job_id, position
""")
# A trace that went meanwhile, with its experiment, is not missed.
STORE = text("""
INSERT INTO trace_words (job_id, words)
SELECT traces.job_id, array_to_tsvector(string_to_array(told.words, ' '))
FROM unnest(CAST(:job_ids AS bigint[]), CAST(:words AS text[])) AS told (job_id, words)
JOIN traces ON traces.job_id = told.job_id
FOR KEY SHARE OF traces
ON CONFLICT (job_id) DO NOTHING
""")
MARK = text("""
INSERT INTO words_read (experiment_id, results_version)
SELECT id, :results_version FROM experiments WHERE id = :experiment_id FOR KEY SHARE
ON CONFLICT (experiment_id) DO UPDATE SET results_version = excluded.results_version
""")


def read_words(database: Engine, within_s: float) -> bool:
    """Reads until all are read, or the time is over: at least some. Whether all are."""
    ends_at = time.monotonic() + within_s
    with database.connect() as connection:
        experiments = connection.execute(UNREAD_EXPERIMENTS).all()
    return all(_read_experiment(database, each.experiment_id, each.results_version, ends_at) for each in experiments)


def _read_experiment(database: Engine, experiment_id: int, results_version: int, ends_at: float) -> bool:
    wanted = {"experiment_id": experiment_id, "most": MOST_TRACES}
    with database.connect() as connection:
        job_ids = connection.execute(UNREAD_JOBS, wanted).scalars().all()
    for start in range(0, len(job_ids), TRACES_AT_ONCE):
        _read_traces(database, job_ids[start : start + TRACES_AT_ONCE])
        if time.monotonic() > ends_at:
            return False
    if len(job_ids) == MOST_TRACES:
        return False
    with database.begin() as connection:
        connection.execute(MARK, {"experiment_id": experiment_id, "results_version": results_version})
    return True


def _read_traces(database: Engine, job_ids: Sequence[int]) -> None:
    """A trace whose steps have no text has no words, and is read all the same."""
    with database.begin() as connection:
        words = dict.fromkeys(job_ids, "") | dict(_words_by_job(connection, job_ids))
        connection.execute(STORE, {"job_ids": list(words), "words": list(words.values())})


def _words_by_job(connection: Connection, job_ids: Sequence[int]) -> Iterator[tuple[int, str]]:
    rows = connection.execute(TEXTS, {"job_ids": list(job_ids)}, execution_options={"yield_per": STEPS_AT_ONCE})
    for job_id, steps in groupby(rows, key=itemgetter(0)):
        yield job_id, " ".join(different_words(step.text for step in steps))
