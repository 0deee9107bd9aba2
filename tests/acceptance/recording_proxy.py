"""Stands between a worker and vLLM, passes everything on unchanged, and keeps what was said about token ids."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

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


@dataclass
class RecordingProxy:
    """`exchanges` are the generations that the server answered, in the order of its answers."""

    upstream: str
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
            return web.Response(body=answer, status=reply.status, content_type="application/json")

    def _keep(self, asked: dict, status: int, answer: bytes) -> None:
        if status != 200:
            self.failures.append(status)
            return
        choice = json.loads(answer)["choices"][0]
        self.exchanges.append(
            Exchange(asked["seed"], tuple(asked["prompt"]), asked["max_tokens"], tuple(choice["token_ids"]), asked)
        )


@contextmanager
def recording(upstream: str) -> Iterator[RecordingProxy]:
    """A proxy on a free port of this machine, served by a thread of its own."""
    proxy = RecordingProxy(upstream)
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
