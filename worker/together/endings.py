"""Successes of a worker's jobs on their way to the database: those that come at the same moment are stored together."""

import logging
from collections.abc import Sequence

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from db import transitions
from db.transitions import Success
from worker.database_outage import DATABASE_AWAY, first_line
from worker.together.turns import Together

log = logging.getLogger(__name__)

MOST = 32
"""Traces in one transaction."""
MOST_CHARACTERS = 16_000_000
"""Of them together; PostgreSQL holds them in memory."""

Stored = bool | DBAPIError
"""Whether the attempt still owned its job; or why its trace cannot be stored."""


class Endings:
    """Safe across threads."""

    def __init__(self, database: Engine) -> None:
        self._database = database
        self._together: Together[Success, Stored] = Together(self._store, MOST)

    def succeed(self, success: Success) -> None:
        """FencedOutError if the job is not the attempt's any more; DBAPIError if its trace cannot be stored."""
        stored = self._together.ask(success)
        if isinstance(stored, DBAPIError):
            raise stored
        transitions.require_owned(success.lease, frozenset([success.lease] if stored else ()))

    def _store(self, successes: Sequence[Success]) -> list[Stored]:
        """One that cannot be stored fails no other: they are stored one by one then."""
        if len(successes) > 1 and sum(each.characters for each in successes) > MOST_CHARACTERS:
            return self._one_by_one(successes)
        try:
            owned = transitions.succeed_together(self._database, successes)
        except DATABASE_AWAY:
            raise
        except DBAPIError as error:
            if len(successes) == 1:
                return [error]
            log.warning(
                "%s traces are stored one by one: together they cannot be (%s)", len(successes), first_line(error)
            )
            return self._one_by_one(successes)
        return [each.lease in owned for each in successes]

    def _one_by_one(self, successes: Sequence[Success]) -> list[Stored]:
        return [stored for each in successes for stored in self._store([each])]
