"""Tells the database what running attempts have spent, every second and sooner where a request waits to be told of; and
every second, in the same transaction, what they were told for it: their journal.

One statement for all of them, in a thread beside the loop. What it tells is what an attempt has spent, and how much
more it may have spent before the next telling (see `worker.spending.account`): whenever the worker is killed, what is
stored is true. While PostgreSQL is away requests that were not told of wait for it.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import suppress
from time import monotonic

from sqlalchemy import Engine

from db import queries, transitions
from db.records import Lease
from scaling.journal.entries import Exchange
from worker.attempt import Attempt
from worker.database_outage import DATABASE_AWAY, first_line
from worker.spending.account import Telling
from worker.spending.cap import stop_at_cap

log = logging.getLogger(__name__)

PERIOD_S = 1.0
"""How old what is told of an attempt may be."""

PAUSE_S = 0.01
"""Between two tellings: what asks meanwhile is told of together."""

RETRY_S = 0.5


class Teller:
    """For one event loop: `want` and `run` belong to it. `attempts` are those that run, as of now; `stop` stops some,
    from any thread."""

    def __init__(
        self,
        database: Engine,
        attempts: Callable[[], Mapping[Lease, Attempt]],
        stop: Callable[[Set[Lease]], None],
    ) -> None:
        self._database = database
        self._attempts = attempts
        self._stop = stop
        self._wanted = asyncio.Event()
        self._last: dict[Lease, Telling] = {}
        self._told_all_at = monotonic()

    def want(self) -> None:
        """Some request waits to be told of."""
        self._wanted.set()

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await self._until_due()
            pause_s = PAUSE_S
            try:
                await self._tell(is_all=self._due_in_s <= 0.0)
            except DATABASE_AWAY as error:
                log.debug("spending is not told: PostgreSQL is away (%s)", first_line(error))  # the heartbeat warns
                self._wanted.set()
                pause_s = RETRY_S
            await asyncio.sleep(pause_s)

    @property
    def _due_in_s(self) -> float:
        return self._told_all_at + PERIOD_S - monotonic()

    async def _until_due(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wanted.wait(), max(0.0, self._due_in_s))
        self._wanted.clear()

    async def _tell(self, *, is_all: bool) -> None:
        """Of all whose spending has changed, or of those alone that wait for it."""
        attempts = self._attempts()
        self._last = {lease: last for lease, last in self._last.items() if lease in attempts}
        chosen = {lease: each for lease, each in attempts.items() if is_all or each.account.is_waiting}
        tellings = {lease: attempt.tell() for lease, attempt in chosen.items()}
        exchanges = {lease: attempt.untold() for lease, attempt in chosen.items()} if is_all else {}
        new = {
            lease: telling
            for lease, telling in tellings.items()
            if telling != self._last.get(lease) or exchanges.get(lease)
        }
        if new:
            for lease in await asyncio.to_thread(self._told, chosen, new, exchanges):
                self._last[lease] = new[lease]
                chosen[lease].account.told(new[lease])
                chosen[lease].journal.stored(len(exchanges.get(lease, ())))
        if is_all:
            self._told_all_at = monotonic()
            await asyncio.to_thread(self._stop_what_is_over, attempts)

    def _stop_what_is_over(self, attempts: Mapping[Lease, Attempt]) -> None:
        """Of experiments that have spent their cap, or were cancelled: sooner than the heartbeat would."""
        if not attempts:
            return
        stop_at_cap(self._database)
        over = queries.stopped(self._database, {each.job.experiment_id for each in attempts.values()})
        self._stop({lease for lease, each in attempts.items() if each.job.experiment_id in over})

    def _told(
        self,
        attempts: Mapping[Lease, Attempt],
        tellings: Mapping[Lease, Telling],
        exchanges: Mapping[Lease, Sequence[Exchange]],
    ) -> frozenset[Lease]:
        """In a thread of its own, as is the making of what is kept."""
        spent = {lease: (telling.counts, telling.unknown) for lease, telling in tellings.items()}
        journal = {lease: attempts[lease].journal.entries(each) for lease, each in exchanges.items() if each}
        return transitions.tell_spending(self._database, spent, journal)
