"""From a submitted spec to a worker that expands it; what it expands to is laid out by `db.transitions.layout`."""

import datetime as dt
from collections.abc import Collection

from sqlalchemy import Connection, Engine, text
from sqlalchemy.dialects import postgresql

from db.models import ExperimentRow
from db.records import Created, Expanding, NewExperiment
from db.text import require_storable, storable, storable_or_none

NEWEST = text("SELECT id FROM experiments WHERE digest = :digest ORDER BY run DESC LIMIT 1")
NEXT_RUN = text("SELECT coalesce(max(run) + 1, 0) FROM experiments WHERE digest = :digest")

PATIENCE_S = 60.0
"""An expansion that nobody has begun or renewed for longer is begun again: its worker has died."""

IS_PARTLY_LAID_OUT = "status IN ('expanding', 'running', 'paused') AND expanded_at IS NULL"
"""Somebody is at it, or was. Jobs of a running one are claimed meanwhile."""

IS_LEFT = f"""(status = 'queued' OR {IS_PARTLY_LAID_OUT} AND (expanding_since IS NULL
    OR expanding_since < coalesce(CAST(:now AS timestamptz), now()) - make_interval(secs => :patience_s)))
"""
"""Nobody is at it."""

BEGIN = text(f"""
UPDATE experiments SET status = CASE WHEN status = 'queued' THEN 'expanding' ELSE status END,
    expanding_since = coalesce(CAST(:now AS timestamptz), now())
WHERE id = :experiment_id AND {IS_LEFT}
RETURNING id, name, spec
""")

RENEW = text(f"""
UPDATE experiments SET expanding_since = coalesce(CAST(:now AS timestamptz), now())
WHERE id = ANY (:experiment_ids) AND {IS_PARTLY_LAID_OUT}
""")

LEAVE = text(f"UPDATE experiments SET expanding_since = NULL WHERE id = :experiment_id AND {IS_PARTLY_LAID_OUT}")


def create_experiment(database: Engine, new: NewExperiment, again: bool = False) -> Created:
    """Stores a submission as `queued`, unless its digest is known: then the newest experiment of that digest is meant.

    `again` makes another run of a known digest. Concurrent submissions of one digest make one experiment.
    """
    require_storable(new.spec)
    with database.begin() as connection:
        while True:
            known = connection.execute(NEWEST, {"digest": new.digest}).scalar_one_or_none()
            if known is not None and not again:
                return Created(known, is_new=False)
            run = connection.execute(NEXT_RUN, {"digest": new.digest}).scalar_one() if again else 0
            made = insert_experiment(connection, new, run)
            if made is not None:
                return Created(made, is_new=True)


def insert_experiment(connection: Connection, new: NewExperiment, run: int) -> int | None:
    """The new row's id; None if another submission took this run of the digest first."""
    statement = postgresql.insert(ExperimentRow).values(
        name=storable(new.name),
        owner=new.owner,
        spec=new.spec,
        spec_yaml=storable_or_none(new.spec_yaml),
        digest=new.digest,
        run=run,
        priority=new.priority,
        token_cap=new.token_cap,
        tags=[storable(tag) for tag in new.tags],
        notes=storable(new.notes),
    )
    unless_taken = statement.on_conflict_do_nothing(index_elements=["digest", "run"])
    return connection.execute(unless_taken.returning(ExperimentRow.id)).scalar_one_or_none()


def begin_expansion(database: Engine, experiment_id: int, now: dt.datetime | None = None) -> Expanding | None:
    """queued → expanding. One whose worker has died in the middle of it is begun again, and stays what it is.

    None if somebody is at it, or there is nothing to expand.
    """
    values = {"experiment_id": experiment_id, "now": now, "patience_s": PATIENCE_S}
    with database.begin() as connection:
        row = connection.execute(BEGIN, values).one_or_none()
    return None if row is None else Expanding(row.id, row.name, row.spec)


def renew_expansions(database: Engine, experiment_ids: Collection[int], now: dt.datetime | None = None) -> None:
    """Their worker lives, and is still at it: to be called well within PATIENCE_S of the last time."""
    with database.begin() as connection:
        connection.execute(RENEW, {"experiment_ids": list(experiment_ids), "now": now})


def leave_expansion(database: Engine, experiment_id: int) -> None:
    """Whoever was at it is not any more: it may be begun again at once, and goes on where it stopped."""
    with database.begin() as connection:
        connection.execute(LEAVE, {"experiment_id": experiment_id})
