"""What moves with every end of a job: the version of an experiment's results, and the tokens that it has spent.

Many jobs of one experiment end at the same moment. One row that all of them write to would let them end one after
another, so each session of PostgreSQL adds to a part of its own, and the experiment's number is the sum of its parts.
The sum grows with every commit, whatever their order: a number drawn from a sequence does not.

A transition adds to it last, when it has all other locks: nobody who waits here is waited for.
"""

from sqlalchemy import Connection, text

from db.errors import WrongStatusError

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


# Tokens that an engine does not count are in no sum.
SPENT = "(SELECT coalesce(sum(spent_tokens), 0) FROM tallies WHERE tallies.experiment_id = experiments.id)"

ROOM = text(f"SELECT token_cap, {SPENT} AS spent FROM experiments WHERE id = :experiment_id")


def require_room(connection: Connection, experiment_id: int) -> None:
    """Raises WrongStatusError if there is nothing left of its cap: whatever ran would be stopped at once."""
    row = connection.execute(ROOM, {"experiment_id": experiment_id}).one()
    if row.token_cap is not None and row.spent >= row.token_cap:
        raise WrongStatusError(
            f"experiment {experiment_id} has spent {row.spent:,} of the {row.token_cap:,} tokens that it may generate: "
            f"raise its cap first, as by `overthink edit {experiment_id} --token-cap {2 * row.spent}`"
        )
