"""JSON over HTTP to one model server: one shared session, retries on what can pass, a clear error on what cannot.

Here a request's cost becomes known, or is known to be unknown: so here it is charged, and its seconds are told apart.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from types import TracebackType

import aiohttp

from scaling.protocols import EngineUnavailableError, RequestRefusedError
from worker.account import Account, Charge, Size
from worker.engines.gate import Gate
from worker.engines.patience import Patience
from worker.engines.usage import Usage, usage_of

log = logging.getLogger(__name__)

OVERLOADED_STATUSES = frozenset({408, 425, 429, 502, 503, 504})
"""The server, or what stands before it, says that it may work later."""

REQUEST_TIMEOUT = 408
"""The only refusal that may come after the model has worked."""

MAX_INTERNAL_ERRORS = 5
"""A 500 may be an engine that is dying, and will be restarted, or a request that kills it: tried this often."""

KEEPALIVE_S = 3.0
"""Below the 5 s after which vLLM closes an idle connection, so that no request meets a closing one."""


class _TryAgainError(Exception):
    """The attempt failed in a way that may pass."""

    def __init__(self, reason: str, is_internal: bool = False) -> None:
        super().__init__(reason)
        self.is_internal = is_internal


@dataclass(frozen=True, slots=True)
class Passage:
    """How a request that costs something gets to the server: in turn, and charged to an account."""

    gate: Gate
    order: int
    account: Account
    size: Size


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered at last. Its own seconds, those in our gate, and those of tries that failed."""

    content: object
    told: Usage | None
    server_seconds: float
    gate_seconds: float
    retry_seconds: float

    @property
    def usage(self) -> Usage:
        """The server's own counts. Raises EngineUnavailableError if it does not tell them."""
        if self.told is None:
            raise EngineUnavailableError("the server's answer does not say how many tokens it took (usage)")
        return self.told


class _Watch:
    """Where the seconds of one request go, over all its tries."""

    def __init__(self) -> None:
        self._since = monotonic()
        self.gate_seconds = 0.0
        self.server_seconds = 0.0
        """Of the try that was answered; 0 if none was."""
        self.usage: Usage | None = None

    @property
    def retry_seconds(self) -> float:
        return monotonic() - self._since - self.gate_seconds - self.server_seconds


class JsonClient:
    """One server. What is asked is tried again with backoff; the parsed answer is returned.

    Raises EngineUnavailableError when patience ends, RequestRefusedError with the server's own words.
    """

    def __init__(self, endpoint: str, key: str | None, timeout_s: float, patience: Patience) -> None:
        self.endpoint = endpoint
        self._patience = patience
        self._is_away = False
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEPALIVE_S),
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

    async def get(self, path: str) -> object:
        """One try."""
        try:
            return await self._try("GET", path, None)
        except _TryAgainError as error:
            raise EngineUnavailableError(f"{self.endpoint}{path}: {error}") from error

    async def post(self, path: str, body: object) -> object:
        """What costs nothing and waits for nobody."""
        data = _encoded(body)
        return await self._patiently(path, lambda: self._try("POST", path, data))

    async def ask(self, path: str, body: object, passage: Passage) -> Reply:
        """What the model computes. Every try takes its turn and is charged, whatever comes of it."""
        data, watch = _encoded(body), _Watch()
        try:
            content = await self._patiently(path, lambda: self._in_turn(path, data, passage, watch))
            return Reply(content, watch.usage, watch.server_seconds, watch.gate_seconds, watch.retry_seconds)
        finally:
            passage.account.spend_seconds(
                server=watch.server_seconds,
                gate=watch.gate_seconds,
                retry=watch.retry_seconds,
                is_verifier=passage.size.is_verifier,
            )

    async def _in_turn(self, path: str, data: bytes, passage: Passage, watch: _Watch) -> object:
        since = monotonic()
        async with passage.gate.turn(passage.order):
            with await passage.account.begin(passage.size) as charge:
                sent = monotonic()
                watch.gate_seconds += sent - since
                answer = await self._try("POST", path, data, charge)
                watch.server_seconds, watch.usage = monotonic() - sent, charge.usage
                return answer

    async def _patiently(self, path: str, once: Callable[[], Awaitable[object]]) -> object:
        since, tries, internal_errors = monotonic(), 0, 0
        while True:
            try:
                answer = await once()
            except _TryAgainError as error:
                tries += 1
                self._say_away(error)
                internal_errors += error.is_internal
                if monotonic() - since > self._patience.give_up_after_s or internal_errors >= MAX_INTERNAL_ERRORS:
                    raise EngineUnavailableError(
                        f"{self.endpoint}{path}: {error}; gave up after {tries} tries in {monotonic() - since:.0f} s. "
                        "Is the model server running?"
                    ) from error
            else:
                self._say_back()
                return answer
            await asyncio.sleep(self._patience.pause_s(tries))

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
        status, content = await self._exchange(method, path, data, charge)
        answer = _parsed(content)
        if charge is not None:
            _settle(charge, status, answer)
        if status != 200:
            raise self._failure(status, content, path)
        if answer is _NOT_JSON:
            raise _TryAgainError("the answer is not JSON")
        return answer

    async def _exchange(self, method: str, path: str, data: bytes | None, charge: Charge | None) -> tuple[int, bytes]:
        try:
            async with self._session.request(method, self.endpoint + path, data=data) as response:
                return response.status, await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            if charge is not None:
                charge.nothing()
            raise _TryAgainError(str(error)) from error
        except TimeoutError as error:
            raise _TryAgainError(f"no answer within {self._session.timeout.total:.0f} s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise _TryAgainError(str(error) or type(error).__name__) from error

    def _failure(self, status: int, content: bytes, path: str) -> Exception:
        reason = f"HTTP {status}: {_message(content)}"
        if status in OVERLOADED_STATUSES or status >= 500:
            return _TryAgainError(reason, is_internal=status == 500)
        if status in (401, 403):
            reason += " Check api_key of this model in the registry."
        return RequestRefusedError(f"{self.endpoint}{path}: {reason}")


_NOT_JSON = object()


def _parsed(content: bytes) -> object:
    try:
        return json.loads(content)
    except ValueError:
        return _NOT_JSON


def _encoded(body: object) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()


def _settle(charge: Charge, status: int, answer: object) -> None:
    """Whatever came back: what it says that it cost, or nothing if the model did not see it. Else nobody knows."""
    if usage := usage_of(answer):
        charge.settle(usage)
    elif 400 <= status < 500 and status != REQUEST_TIMEOUT:
        charge.nothing()


def _message(content: bytes) -> str:
    """The server's own words: vLLM's error message, else the start of what it sent."""
    try:
        told = json.loads(content)
    except ValueError:
        return content[:500].decode("utf-8", "replace").strip() or "(no message)"
    error = told.get("error", told) if isinstance(told, dict) else told
    message = error.get("message", error.get("detail", error)) if isinstance(error, dict) else error
    return str(message)[:2000]
