"""JSON over HTTP to one model server: one shared session, retries on what can pass, a clear error on what cannot."""

import asyncio
import json
import logging
from time import monotonic
from types import TracebackType

import aiohttp

from scaling.protocols import EngineUnavailableError, RequestRefusedError
from worker.engines.gate import Gate
from worker.engines.patience import Patience

log = logging.getLogger(__name__)

OVERLOADED_STATUSES = frozenset({408, 425, 429, 502, 503, 504})
"""The server, or what stands before it, says that it may work later."""

MAX_INTERNAL_ERRORS = 5
"""A 500 may be an engine that is dying, and will be restarted, or a request that kills it: tried this often."""

KEEPALIVE_S = 3.0
"""Below the 5 s after which vLLM closes an idle connection, so that no request meets a closing one."""


class _TryAgainError(Exception):
    """The attempt failed in a way that may pass."""

    def __init__(self, reason: str, is_internal: bool = False) -> None:
        super().__init__(reason)
        self.is_internal = is_internal


class JsonClient:
    """One server. `post` waits for a turn at the gate, tries again with backoff, and returns the parsed answer."""

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

    async def post(self, path: str, body: object, gate: Gate | None = None, order: int = 0) -> object:
        """Raises EngineUnavailableError when patience ends, RequestRefusedError with the server's own words."""
        data = json.dumps(body, separators=(",", ":")).encode()
        since, tries, internal_errors = monotonic(), 0, 0
        while True:
            try:
                answer = await self._in_turn(path, data, gate, order)
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
                    return json.loads(content)
                raise self._failure(response.status, content, path)
        except TimeoutError as error:
            raise _TryAgainError(f"no answer within {self._session.timeout.total:.0f} s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise _TryAgainError(str(error) or type(error).__name__) from error
        except json.JSONDecodeError as error:
            raise _TryAgainError(f"the answer is not JSON ({error})") from error

    def _failure(self, status: int, content: bytes, path: str) -> Exception:
        reason = f"HTTP {status}: {_message(content)}"
        if status in OVERLOADED_STATUSES or status >= 500:
            return _TryAgainError(reason, is_internal=status == 500)
        if status in (401, 403):
            reason += " Check api_key of this model in the registry."
        return RequestRefusedError(f"{self.endpoint}{path}: {reason}")


def _message(content: bytes) -> str:
    """The server's own words: vLLM's error message, else the start of what it sent."""
    try:
        told = json.loads(content)
    except ValueError:
        return content[:500].decode("utf-8", "replace").strip() or "(no message)"
    error = told.get("error", told) if isinstance(told, dict) else told
    message = error.get("message", error.get("detail", error)) if isinstance(error, dict) else error
    return str(message)[:2000]
