"""JSON over HTTP to one model server: one shared session, retries on what can pass, a clear error on what cannot.

Here a request's cost becomes known, or is known to be unknown: so here it is charged, and its seconds are told apart.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from types import TracebackType
from typing import Generic, TypeVar

import aiohttp

from scaling.protocols import EngineAwayError, EngineUnavailableError, RequestRefusedError
from worker.engines.caller import Passage
from worker.engines.patience import Patience
from worker.engines.responses import MalformedAnswerError, NotJson, encoded, own_words, parsed, retry_after_s
from worker.events import RequestFailed
from worker.listeners import emit
from worker.spending.account import Charge
from worker.spending.cost import UNTOLD, Cost, cost_of

T = TypeVar("T")

log = logging.getLogger(__name__)

OVERLOADED_STATUSES = frozenset({408, 425, 429, 502, 503, 504})
"""The server, or what stands before it, says that it may work later."""

HAVING_NO_TIME = frozenset({429, 503})
"""Said of the server, whatever was asked of it, and however late. The others may be said of a request that took longer
than what stands before the server waits."""

REQUEST_TIMEOUT = 408
"""The only refusal that may come after the model has worked."""

MAX_INTERNAL_ERRORS = 5
"""A 500 may be an engine that is dying, and will be restarted, or a request that kills it; so may an answer that is
none: tried this often."""

BEGUN_S = 1.0
"""A server that dies over a request has had it for a while. What stands before one that is away (a tunnel, a load
balancer) takes a connection, too, and hangs up at once."""

KEEPALIVE_S = 3.0
"""Below the 5 s after which vLLM closes an idle connection, so that no request meets a closing one."""


class _TryAgainError(Exception):
    """The attempt failed in a way that may pass, after `retry_after_s` if the server says when.

    `is_internal`: the server broke down over it. `is_away`: the server has not looked at it.
    """

    def __init__(
        self, reason: str, is_internal: bool = False, retry_after_s: float = 0.0, is_away: bool = False
    ) -> None:
        super().__init__(reason)
        self.is_internal = is_internal
        self.is_away = is_away
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """What a server answered at last, as read, and what that cost: seconds of its own, in our gate, and of failures."""

    content: T
    cost: Cost
    server_seconds: float
    gate_seconds: float
    retry_seconds: float


class _Watch:
    """Where the seconds of one request go, over all its tries."""

    def __init__(self) -> None:
        self._since = monotonic()
        self.gate_seconds = 0.0
        self.server_seconds = 0.0
        """Of the try that was answered; 0 if none was."""
        self.retry_seconds = 0.0

    def stop(self) -> None:
        self.retry_seconds = monotonic() - self._since - self.gate_seconds - self.server_seconds


class JsonClient:
    """One server. What is asked is tried again with backoff, and returned as `read` understands it; where that raises
    MalformedAnswerError, it is tried again too.

    Raises EngineUnavailableError when patience ends: EngineAwayError where the server looked at the request once at
    most. RequestRefusedError with the server's own words.
    """

    def __init__(
        self, endpoint: str, key: str | None, timeout_s: float, patience: Patience, *, tells_costs: bool = True
    ) -> None:
        """`tells_costs` False: an answer need not say how many tokens it took."""
        self.endpoint = endpoint
        self._tells_costs = tells_costs
        self.num_lost = 0
        """How many connections broke or were refused."""
        self._patience = patience
        self._is_away = False
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEPALIVE_S),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=timeout_s, sock_connect=10.0),
            headers={"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {}),
        )

    async def __aenter__(self) -> "JsonClient":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._session.close()

    async def post(self, path: str, body: object, read: Callable[[object], T]) -> T:
        """What costs nothing and waits for nobody."""
        data = encoded(body)

        async def once() -> T:
            return read(await self._try("POST", path, data))

        return await self._patiently(path, once)

    async def glance(self, path: str, timeout_s: float) -> str | None:
        """The text that stands there, asked for once; None: it does not answer so."""
        timeout = aiohttp.ClientTimeout(total=timeout_s)
        try:
            async with self._session.get(self.endpoint + path, timeout=timeout) as answer:
                return await answer.text() if answer.status == 200 else None
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return None

    async def ask(self, path: str, body: object, read: Callable[[object], T], passage: Passage) -> Reply[T]:
        """What the model computes. Every try takes its turn and is charged, whatever comes of it."""
        data, watch = encoded(body), _Watch()
        try:
            content, cost = await self._patiently(path, lambda: self._in_turn(path, data, read, passage, watch))
        finally:
            watch.stop()
            passage.caller.account.spend_seconds(
                server=watch.server_seconds,
                gate=watch.gate_seconds,
                retry=watch.retry_seconds,
                is_verifier=passage.size.is_verifier,
            )
        return Reply(content, cost, watch.server_seconds, watch.gate_seconds, watch.retry_seconds)

    async def _in_turn(
        self, path: str, data: bytes, read: Callable[[object], T], passage: Passage, watch: _Watch
    ) -> tuple[T, Cost]:
        since = monotonic()
        async with passage.turn() as charge:
            sent = monotonic()
            watch.gate_seconds += sent - since
            answer = await self._try("POST", path, data, charge)
            ended = monotonic()
        if charge.cost is None:
            raise MalformedAnswerError("the answer does not say how many tokens it took (usage)")
        content = read(answer)
        watch.server_seconds = ended - sent
        return content, charge.cost

    async def _patiently(self, path: str, once: Callable[[], Awaitable[T]]) -> T:
        since, tries, looks, internal_errors = monotonic(), 0, 0, 0
        while True:
            try:
                answer = await once()
            except (_TryAgainError, MalformedAnswerError) as failure:
                error = failure if isinstance(failure, _TryAgainError) else _TryAgainError(str(failure), True)
                tries += 1
                self._say_away(error)
                emit(RequestFailed(self.endpoint, path, str(error)))
                looks += not error.is_away
                internal_errors += error.is_internal
                waited_s = monotonic() - since
                is_too_long = waited_s + error.retry_after_s > self._patience.give_up_after_s
                if is_too_long or internal_errors >= MAX_INTERNAL_ERRORS:
                    said = (
                        f"{self.endpoint}{path}: {error}; gave up after {tries} tries in {waited_s:.0f} s. "
                        "Is the model server running?"
                    )
                    if error.is_away and looks <= 1:
                        raise EngineAwayError(said, error.retry_after_s) from failure
                    raise EngineUnavailableError(said) from failure
            else:
                self._say_back()
                return answer
            await asyncio.sleep(max(self._patience.pause_s(tries), error.retry_after_s))

    async def get(self, path: str) -> object:
        """One try. Raises like `post`."""
        try:
            return await self._try("GET", path, None)
        except _TryAgainError as error:
            raise EngineUnavailableError(f"{self.endpoint}{path}: {error}") from error

    def _say_away(self, error: _TryAgainError) -> None:
        """Once, not for each of a hundred requests in flight."""
        if not self._is_away:
            log.warning("%s: %s; trying again for up to %.0f s", self.endpoint, error, self._patience.give_up_after_s)
        self._is_away = True

    def _say_back(self) -> None:
        if self._is_away:
            log.warning("%s answers again", self.endpoint)
        self._is_away = False

    async def _try(self, method: str, path: str, data: bytes | None, charge: Charge | None = None) -> object:
        sent = monotonic()
        status, headers, content = await self._exchange(method, path, data, charge)
        is_at_once = monotonic() - sent < BEGUN_S
        told = parsed(content)
        if charge is not None:
            self._settle(charge, status, told)
        if status != 200:
            raise self._failure(status, content, path, headers, is_at_once)
        if isinstance(told, NotJson):
            raise _TryAgainError(f"the answer is not JSON ({told.why})", is_internal=True)
        if isinstance(told, dict) and (told.get("error") or told.get("object") == "error"):
            raise _TryAgainError(f"an error in a 200: {own_words(content)}", is_internal=True)
        return told

    def _settle(self, charge: Charge, status: int, told: object) -> None:
        """Whatever came back: what it says that it cost, or nothing if the model did not see it. Else nobody knows."""
        if cost := cost_of(told):
            charge.settle(cost)
        elif status == 200 and not self._tells_costs:
            charge.settle(UNTOLD)
        elif 400 <= status < 500 and status != REQUEST_TIMEOUT:
            charge.nothing()

    async def _exchange(
        self, method: str, path: str, data: bytes | None, charge: Charge | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        sent = monotonic()
        try:
            async with self._session.request(method, self.endpoint + path, data=data) as response:
                return response.status, response.headers, await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            self.num_lost += 1
            if charge is not None:
                charge.nothing()
            raise _TryAgainError(str(error), is_away=True) from error
        except TimeoutError as error:
            raise _TryAgainError(f"no answer within {self._session.timeout.total:.0f} s") from error
        except (aiohttp.ClientError, OSError) as error:
            self.num_lost += 1
            is_away = monotonic() - sent < BEGUN_S
            raise _TryAgainError(str(error) or type(error).__name__, is_away=is_away) from error

    def _failure(
        self, status: int, content: bytes, path: str, headers: Mapping[str, str], is_at_once: bool
    ) -> Exception:
        reason = f"HTTP {status}: {own_words(content)}"
        if status in OVERLOADED_STATUSES or status >= 500:
            when_s = retry_after_s(headers.get("Retry-After"), datetime.now(UTC))
            is_away = status in HAVING_NO_TIME or (is_at_once and status in OVERLOADED_STATUSES)
            return _TryAgainError(reason, status == 500, when_s, is_away=is_away)
        if status in (401, 403):
            reason += " Check api_key of this model in the registry."
        return RequestRefusedError(f"{self.endpoint}{path}: {reason}")
