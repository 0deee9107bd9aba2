"""What moves with every end of a job: the version of an experiment's results, and the tokens that it has spent.

Many jobs of one experiment end at the same moment. One row that all of them write to would let them end one after
another, so each session of PostgreSQL adds to a part of its own, and the experiment's number is the sum of its parts.
The sum grows with every commit, whatever their order: a number drawn from a sequence does not.

A transition adds to it last, when it has all other locks: nobody who waits here is waited for.
"""

from sqlalchemy import Connection, text

PARTS = 16
"""Sessions that share a part wait for one another's commits."""


def added(moved: str) -> str:
    """The statement that adds what the query `moved` (experiment_id, versions, tokens) tells. May stand in a WITH.

    Tokens that are not known, as of an engine that counts none, make the sum unknown.
    """
    return f"""
INSERT INTO tallies (experiment_id, part, results_version, spent_tokens)
SELECT experiment_id, pg_backend_pid() % {PARTS}, sum(versions),
    CASE WHEN bool_or(tokens IS NULL) THEN NULL ELSE sum(tokens) END
FROM ({moved}) AS moved
GROUP BY experiment_id
HAVING sum(versions) <> 0 OR bool_or(tokens IS DISTINCT FROM 0)
ORDER BY experiment_id
ON CONFLICT (experiment_id, part) DO UPDATE
SET results_version = tallies.results_version + excluded.results_version,
    spent_tokens = tallies.spent_tokens + excluded.spent_tokens
"""


RAISE = text(added("SELECT unnest(CAST(:experiment_ids AS bigint[])) AS experiment_id, 1 AS versions, 0 AS tokens"))


def raise_versions(connection: Connection, *experiment_ids: int) -> None:
    """Their results, or what is said beside them, are not what they were. The last statement of its transaction."""
    connection.execute(RAISE, {"experiment_ids": list(experiment_ids)})
