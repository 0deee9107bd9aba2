"""Stands between a worker and vLLM, passes everything on unchanged, and keeps what was said about token ids.

Unless it is told to make trouble: some answers that vLLM has worked for then get lost, late or broken off.
"""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from aiohttp import ClientSession, ClientTimeout, TCPConnector, web

COMPLETIONS = "/v1/completions"
SESSION = web.AppKey("session", ClientSession)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One generation as it went over the wire."""

    seed: int
    prompt: tuple[int, ...]
    max_tokens: int
    token_ids: tuple[int, ...]
    body: dict[str, object]


class Trouble(Enum):
    """What becomes of a generation that vLLM has answered."""

    LOST = auto()  # the connection breaks
    LATE = auto()  # the worker's patience is over before the answer comes
    INTERNAL = auto()  # a 500 without a word on what it cost
    ABORTED = auto()  # a finish reason that makes it useless; its usage is told


@dataclass
class RecordingProxy:
    """`exchanges` are the generations that the server answered, in the order of its answers.

    `trouble` says what becomes of the n-th of them. `prompt_tokens` and `generated_tokens` are vLLM's of all of them.
    """

    upstream: str
    trouble: Callable[[int], Trouble | None] = lambda number: None
    late_s: float = 0.0
    prompt_tokens: int = 0
    generated_tokens: int = 0
    endpoint: str = ""
    exchanges: list[Exchange] = field(default_factory=list)
    failures: list[int] = field(default_factory=list)

    async def forward(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {"Content-Type": request.headers.get("Content-Type", "application/json")}
        session = request.app[SESSION]
        async with session.request(
            request.method, self.upstream + request.path_qs, data=body, headers=headers
        ) as reply:
            answer = await reply.read()
            if request.path == COMPLETIONS:
                self._keep(json.loads(body), reply.status, answer)
                answer = await self._troubled(request, answer)
            return web.Response(body=answer, status=reply.status, content_type="application/json")

    def _keep(self, asked: dict, status: int, answer: bytes) -> None:
        if status != 200:
            self.failures.append(status)
            return
        told = json.loads(answer)
        choice, usage = told["choices"][0], told["usage"]
        self.prompt_tokens += usage["prompt_tokens"]
        self.generated_tokens += usage["completion_tokens"]
        self.exchanges.append(
            Exchange(asked["seed"], tuple(asked["prompt"]), asked["max_tokens"], tuple(choice["token_ids"]), asked)
        )

    async def _troubled(self, request: web.Request, answer: bytes) -> bytes:
        match self.trouble(len(self.exchanges)):
            case Trouble.LOST:
                assert request.transport is not None
                request.transport.abort()
            case Trouble.LATE:
                await asyncio.sleep(self.late_s)
            case Trouble.INTERNAL:
                raise web.HTTPInternalServerError
            case Trouble.ABORTED:
                told = json.loads(answer)
                told["choices"][0]["finish_reason"] = "abort"
                return json.dumps(told).encode()
        return answer


@contextmanager
def recording(upstream: str, **options: Any) -> Iterator[RecordingProxy]:
    """A proxy on a free port of this machine, served by a thread of its own."""
    proxy = RecordingProxy(upstream, **options)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runner = asyncio.run_coroutine_threadsafe(_serve(proxy), loop).result(30)
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


async def _serve(proxy: RecordingProxy) -> web.AppRunner:
    app = web.Application(client_max_size=64 * 1024**2)
    app.cleanup_ctx.append(_session)
    app.router.add_route("*", "/{path:.*}", proxy.forward)
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    proxy.endpoint = f"http://{host}:{port}"
    return runner


async def _session(app: web.Application):
    async with ClientSession(
        connector=TCPConnector(limit=0, keepalive_timeout=3), timeout=ClientTimeout(total=600)
    ) as session:
        app[SESSION] = session
        yield
