"""JSON over HTTP to one model server: one shared session, retries on what can pass, a clear error on what cannot."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from types import TracebackType
from typing import TypeVar

import aiohttp

from scaling.protocols import EngineUnavailableError, RequestRefusedError
from worker.engines.gate import Gate
from worker.engines.patience import Patience

T = TypeVar("T")

log = logging.getLogger(__name__)

OVERLOADED_STATUSES = frozenset({408, 425, 429, 502, 503, 504})
"""The server, or what stands before it, says that it may work later."""

MAX_INTERNAL_ERRORS = 5
"""A 500 may be an engine that is dying, and will be restarted, or a request that kills it; so may an answer that is
none: tried this often."""

KEEPALIVE_S = 3.0
"""Below the 5 s after which vLLM closes an idle connection, so that no request meets a closing one."""


class MalformedAnswerError(ValueError):
    """The server said 200 and sent what is no answer. The message says what is wrong with it."""


class _TryAgainError(Exception):
    """The attempt failed in a way that may pass, after `retry_after_s` if the server says when."""

    def __init__(self, reason: str, is_internal: bool = False, retry_after_s: float = 0.0) -> None:
        super().__init__(reason)
        self.is_internal = is_internal
        self.retry_after_s = retry_after_s


class JsonClient:
    """One server. `post` waits for a turn at the gate, tries again with backoff, and returns the answer as read."""

    def __init__(self, endpoint: str, key: str | None, timeout_s: float, patience: Patience) -> None:
        self.endpoint = endpoint
        self.num_lost = 0
        """How many connections broke or were refused."""
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

    async def post(
        self, path: str, body: object, read: Callable[[object], T], gate: Gate | None = None, order: int = 0
    ) -> T:
        """The answer as `read` understands it; where that raises MalformedAnswerError, this request is tried again.

        Raises EngineUnavailableError when patience ends, RequestRefusedError with the server's own words.
        """
        data = json.dumps(body, separators=(",", ":")).encode()
        since, tries, internal_errors = monotonic(), 0, 0
        while True:
            try:
                answer = read(await self._in_turn(path, data, gate, order))
            except (_TryAgainError, MalformedAnswerError) as failure:
                error = failure if isinstance(failure, _TryAgainError) else _TryAgainError(str(failure), True)
                tries += 1
                self._say_away(error)
                internal_errors += error.is_internal
                waited_s = monotonic() - since
                is_too_long = waited_s + error.retry_after_s > self._patience.give_up_after_s
                if is_too_long or internal_errors >= MAX_INTERNAL_ERRORS:
                    raise EngineUnavailableError(
                        f"{self.endpoint}{path}: {error}; gave up after {tries} tries in {waited_s:.0f} s. "
                        "Is the model server running?"
                    ) from failure
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

    async def _in_turn(self, path: str, data: bytes, gate: Gate | None, order: int) -> object:
        if gate is None:
            return await self._try("POST", path, data)
        async with gate.turn(order):
            return await self._try("POST", path, data)

    async def _try(self, method: str, path: str, data: bytes | None) -> object:
        try:
            async with self._session.request(method, self.endpoint + path, data=data) as response:
                content = await response.read()
                if response.status == 200:
                    return _answer(content)
                raise self._failure(response.status, content, path, response.headers)
        except TimeoutError as error:
            raise _TryAgainError(f"no answer within {self._session.timeout.total:.0f} s") from error
        except (aiohttp.ClientError, OSError) as error:
            self.num_lost += 1
            raise _TryAgainError(str(error) or type(error).__name__) from error

    def _failure(self, status: int, content: bytes, path: str, headers: Mapping[str, str]) -> Exception:
        reason = f"HTTP {status}: {_message(content)}"
        if status in OVERLOADED_STATUSES or status >= 500:
            return _TryAgainError(reason, status == 500, retry_after_s(headers.get("Retry-After"), datetime.now(UTC)))
        if status in (401, 403):
            reason += " Check api_key of this model in the registry."
        return RequestRefusedError(f"{self.endpoint}{path}: {reason}")


def retry_after_s(header: str | None, now: datetime) -> float:
    """What `Retry-After` asks for, in seconds or as a date (RFC 9110 §10.2.3); 0 if it says nothing that is one."""
    try:
        return max(0.0, float(int(header or "0")))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(header or "") - now).total_seconds())
    except (ValueError, TypeError):  # TypeError: a date without a zone
        return 0.0


def _answer(content: bytes) -> object:
    """The parsed answer. Raises _TryAgainError if it is not JSON, or an error that was sent as a success."""
    try:
        told = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _TryAgainError(f"the answer is not JSON ({error})", is_internal=True) from error
    if isinstance(told, dict) and (told.get("error") or told.get("object") == "error"):
        raise _TryAgainError(f"an error in a 200: {_message(content)}", is_internal=True)
    return told


def _message(content: bytes) -> str:
    """The server's own words: vLLM's error message, else the start of what it sent."""
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        return content[:500].decode("utf-8", "replace").strip() or "(no message)"
    error = told.get("error", told) if isinstance(told, dict) else told
    message = error.get("message", error.get("detail", error)) if isinstance(error, dict) else error
    return str(message)[:2000]
