"""What one attempt is charged, kept where answers arrive, or fail to: an answer that is of no use cost all the same.

Every request is opened here before it is sent, with a bound on what it may cost, and closed with what its server said
that it did cost. One that is closed without a word (the connection was lost, the time ran out, the job was cancelled)
is of unknown cost, and its bound is kept.

If somebody tells what was spent to the database (`worker.spending.teller`), no request begins before what it may cost
at most has been told. So what the database says holds whenever the worker dies: counted ≤ spent ≤ counted + unknown.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from time import monotonic
from types import TracebackType
from typing import Any

from scaling.compute.spending import NOTHING_UNKNOWN, Unknown
from scaling.types import Counts, total_if_known
from worker.spending.cost import Cost

NOTHING_SPENT = asdict(Counts.of(()))

ROOM_S = 0.1
"""A telling makes room for as much as was asked within so long before it: longer than it takes itself, journal and all.
Else requests to a quick server would wait for it."""


@dataclass(frozen=True, slots=True)
class Size:
    """What one request may cost at most. `may_read_cache` False: its server computes the whole prompt anew."""

    prompt_tokens: int
    generated_tokens: int
    may_read_cache: bool = True
    is_verifier: bool = False

    @property
    def bound(self) -> Unknown:
        if self.is_verifier:
            return Unknown(verifier_requests=1, verifier_tokens=self.prompt_tokens + self.generated_tokens)
        return Unknown(1, self.prompt_tokens, self.generated_tokens)


@dataclass(frozen=True, slots=True)
class Telling:
    """What the database is to say of an attempt from now on; `limit` is what it may then have cost at most."""

    counts: Counts
    unknown: Unknown
    limit: Unknown


class Charge:
    """One request between its beginning and its end. Sent, and left without a word, it is of unknown cost."""

    def __init__(self, account: "Account", size: Size) -> None:
        self.cost: Cost | None = None
        self._account = account
        self._size = size
        self._is_open = True
        self._is_sent = False

    def __enter__(self) -> "Charge":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._is_sent:
            self.nothing()
        elif self._close():
            self._account.leave_unknown(self._size.bound)

    def sent(self) -> "Charge":
        """From now on the server may work for it."""
        self._is_sent = True
        return self

    def settle(self, cost: Cost) -> None:
        """The server said what it cost."""
        if self._close():
            is_known_uncached = cost.cached_tokens is None and not self._size.may_read_cache
            self.cost = replace(cost, cached_tokens=0) if is_known_uncached else cost
            self._account.pay(self._size, self.cost)

    def nothing(self) -> None:
        """It never reached the server, or was refused before the model saw it."""
        if self._close():
            self._account.take_back(self._size.bound)

    def _close(self) -> bool:
        was_open, self._is_open = self._is_open, False
        return was_open


class Account:
    """For one event loop: nothing here is locked. `want_more` is called when a request waits to be told of.

    Without it nobody tells, and nothing waits.
    """

    def __init__(self, want_more: Callable[[], None] | None = None, clock: Callable[[], float] = monotonic) -> None:
        self._want_more = want_more
        self._clock = clock
        self._spent: dict[str, Any] = {**NOTHING_SPENT}  # by the names of Counts
        self._counted = Unknown()  # the same once more, in the numbers that bounds are made of
        self._unknown = Unknown()
        self._in_flight = Unknown()
        self._limit = Unknown()
        self._asked = Unknown()  # since the last telling
        self._lately: deque[tuple[float, Unknown]] = deque()  # asked before each telling of the last ROOM_S
        self._waiting: list[tuple[Unknown, asyncio.Future[None]]] = []

    @property
    def counts(self) -> Counts:
        """What servers told, of useless answers too. Which tokens were thinking is not known here."""
        return Counts(**self._spent)

    @property
    def is_untouched(self) -> bool:
        """Nothing was asked yet."""
        return not self._waiting and self._counted == self._unknown == self._in_flight == NOTHING_UNKNOWN

    @property
    def unknown(self) -> Unknown:
        """What was spent on top of the counts, at most."""
        return self._unknown + self._in_flight

    def begin_at_once(self, size: Size) -> Charge | None:
        """Opens a request of which the database knows what it may cost; None if it does not."""
        bound = size.bound
        if self._want_more is not None and (self._waiting or not self._has_room(bound)):
            return None
        self._asked += bound
        self._in_flight += bound
        return Charge(self, size)

    async def begin(self, size: Size) -> Charge:
        """Opens a request, once the database knows what it may cost."""
        if charge := self.begin_at_once(size):
            return charge
        self._asked += size.bound
        await self._told_of(size.bound)
        return Charge(self, size)

    def spend_seconds(self, *, server: float, gate: float, retry: float, is_verifier: bool) -> None:
        self._add(**{"verifier_seconds" if is_verifier else "seconds": server}, gate_seconds=gate, retry_seconds=retry)

    def pay(self, size: Size, cost: Cost) -> None:
        """What a server does not tell is in no count from then on, and is bounded as what nobody knows."""
        self._add(**(_of_verifier(cost) if size.is_verifier else _of_generator(cost)))
        if cost.prompt_tokens is None or cost.generated_tokens is None:
            self.leave_unknown(size.bound)
            return
        self._counted += replace(size, prompt_tokens=cost.prompt_tokens, generated_tokens=cost.generated_tokens).bound
        self.take_back(size.bound)

    def _add(self, **amounts: float | None) -> None:
        for name, amount in amounts.items():
            self._spent[name] = total_if_known((self._spent[name], amount))

    def take_back(self, bound: Unknown) -> None:
        self._in_flight -= bound
        self._let_in()

    def leave_unknown(self, bound: Unknown) -> None:
        self._in_flight -= bound
        self._unknown += bound

    def tell(self) -> Telling:
        """What to tell now: what is open and waits, and room for what follows it.

        Each of these requests may be followed by one that goes on where it ended; and at least as much is let in as was
        asked since the last telling, and within ROOM_S. The room beyond that is given up at once, since the database
        will not know of it any more.
        """
        waiting = sum((bound for bound, admitted in self._waiting if not admitted.done()), Unknown())
        open_now = self._in_flight + waiting
        following = open_now._replace(prompt_tokens=open_now.prompt_tokens + open_now.generated_tokens)
        limit = self._worst + waiting + following.at_least(self._asked_lately())
        self._limit = self._limit.at_most(limit)
        return Telling(self.counts, limit - self._counted, limit)

    def told(self, telling: Telling) -> None:
        """The database knows."""
        self._limit = telling.limit
        self._let_in()

    def _asked_lately(self) -> Unknown:
        now = self._clock()
        self._lately.append((now, self._asked))
        self._asked = Unknown()
        while self._lately[0][0] <= now - ROOM_S:
            self._lately.popleft()
        return sum((asked for _, asked in self._lately), Unknown())

    @property
    def is_waiting(self) -> bool:
        return any(not admitted.done() for _, admitted in self._waiting)

    @property
    def _worst(self) -> Unknown:
        return self._counted + self._unknown + self._in_flight

    def _has_room(self, bound: Unknown) -> bool:
        return (self._worst + bound).fits(self._limit)

    async def _told_of(self, bound: Unknown) -> None:
        admitted = asyncio.get_running_loop().create_future()
        self._waiting.append((bound, admitted))
        assert self._want_more is not None
        self._want_more()
        try:
            await admitted
        except asyncio.CancelledError:
            if admitted.done() and not admitted.cancelled():  # let in and cancelled in the same moment
                self.take_back(bound)
            raise

    def _let_in(self) -> None:
        while self._waiting and (self._waiting[0][1].done() or self._has_room(self._waiting[0][0])):
            bound, admitted = self._waiting.pop(0)
            if not admitted.done():
                self._in_flight += bound
                admitted.set_result(None)


def _of_generator(cost: Cost) -> dict[str, float | None]:
    return {
        "prompt_tokens": cost.prompt_tokens,
        "cached_tokens": cost.cached_tokens,
        "generated_tokens": cost.generated_tokens,
        "queue_seconds": cost.queue_seconds,
    }


def _of_verifier(cost: Cost) -> dict[str, float | None]:
    return {
        "verifier_tokens": total_if_known((cost.prompt_tokens, cost.generated_tokens)),
        "verifier_cached_tokens": cost.cached_tokens,
        "verifier_generated_tokens": cost.generated_tokens,
        "verifier_calls": 1,
    }
