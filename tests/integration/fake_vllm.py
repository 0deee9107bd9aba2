"""A small server that speaks vLLM's protocol, for tests of what can go wrong. One character is one token.

It answers every prompt with `answer`, after `delay_s`. It can refuse, fail, hang up, spoil what it has worked for, stop
and come back on its port. Like vLLM it counts what it has computed, whether anybody got it or not (half of the answer
halfway through the delay), and with `block_size` it caches prompts in blocks, each salt's apart.
"""

import asyncio
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import web

EOS = 0
CONTEXT_LENGTH = 512


Answer = dict[str, Any]
Spoiler = Callable[[Answer], tuple[int, Any]]
"""Makes another status and body of an answer that was worked for."""


@dataclass
class FakeVllm:
    """Counts what it was asked for; `failures` are statuses for the next generations, 0 to hang up instead.

    `spoilers` are for the next ones that are worked for; None hangs up.
    `malformed` are what it sends with a 200 instead of the next answers: bytes as they stand, all else as JSON.
    `doors` are other paths, each with what it tells there.
    `most_answered`: so many are answered, and the others stay in flight until it is more.
    """

    answer: str = r"so \boxed{12}"
    template_end: str = ""
    """What the chat template writes behind the question."""
    chat: dict[str, str] | None = None
    """The message that a chat client gets; None: no chat is served."""
    delay_s: float = 0.0
    most_answered: float = math.inf
    context_length: int = CONTEXT_LENGTH
    failures: list[int] = field(default_factory=list)
    spoilers: list[Spoiler | None] = field(default_factory=list)
    block_size: int | None = None
    prompt_tokens: int = 0
    generated_tokens: int = 0
    malformed: list[object] = field(default_factory=list)
    retry_after: str | None = None
    version: str = "fake"
    fingerprint: str | None = None
    doors: dict[str, object] = field(default_factory=dict)
    cards: list[dict[str, Any]] = field(default_factory=lambda: [{"id": "fake", "max_model_len": CONTEXT_LENGTH}])
    num_asked: int = 0
    num_answered: int = 0
    num_aborted: int = 0
    most_at_once: int = 0
    num_tokenized: int = 0
    num_decoded: int = 0
    bodies: list[dict[str, Any]] = field(default_factory=list)
    port: int = 0
    metrics: str = ""
    """What stands at /metrics; empty: no such door."""
    _at_once: int = 0
    _blocks: set[tuple[str | None, tuple[int, ...]]] = field(default_factory=set)
    _runner: web.AppRunner | None = None
    _loop: asyncio.AbstractEventLoop | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listens, on the port it had before if it had one."""
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)

    def stop(self) -> None:
        """Hangs up on everybody."""
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)

    async def _start(self) -> None:
        app = web.Application(client_max_size=64 * 1024**2)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/version", self._version)
        app.router.add_get("/tokenizer_info", self._door)
        app.router.add_get("/server_info", self._door)
        app.router.add_get("/metrics", self._metrics)
        app.router.add_post("/tokenize", self._tokenize)
        app.router.add_post("/detokenize", self._detokenize)
        app.router.add_post("/v1/completions", self._complete)
        if self.chat is not None:
            app.router.add_post("/v1/chat/completions", self._chat)
        self._add_routes(app)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    def _add_routes(self, app: web.Application) -> None:
        """For servers that do more."""

    async def _models(self, request: web.Request) -> web.Response:
        return web.json_response({"data": self.cards})

    async def _version(self, request: web.Request) -> web.Response:
        return web.json_response({"version": self.version})

    async def _metrics(self, request: web.Request) -> web.Response:
        return web.Response(text=self.metrics, status=200 if self.metrics else 404)

    async def _door(self, request: web.Request) -> web.Response:
        if request.path not in self.doors:
            return web.json_response({"detail": "Not Found"}, status=404)
        return web.json_response(self.doors[request.path])

    async def _tokenize(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.num_tokenized += 1
        asked = f"user: {body['messages'][-1]['content']}\n{self.template_end}" if "messages" in body else ""
        text = body.get("prompt", asked)
        return web.json_response({"tokens": [ord(character) for character in text]})

    async def _detokenize(self, request: web.Request) -> web.Response:
        ids = (await request.json())["tokens"]
        self.num_decoded += 1
        return web.json_response({"prompt": "".join(map(chr, ids))})

    async def _chat(self, request: web.Request) -> web.Response:
        usage = {"prompt_tokens": 9, "completion_tokens": 16}
        return web.json_response({"choices": [{"message": self.chat}], "usage": usage})

    async def _complete(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.bodies.append(body)
        self.num_asked += 1
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            if self.malformed:
                return _as_it_stands(self.malformed.pop(0))
            return await self._answered(request, body)
        except asyncio.CancelledError:
            self.num_aborted += 1
            raise
        finally:
            self._at_once -= 1

    async def _answered(self, request: web.Request, body: dict[str, Any]) -> web.Response:
        if self.failures:
            return self._failed(request, self.failures.pop(0))
        if len(body["prompt"]) + body["max_tokens"] > self.context_length:
            return web.json_response({"error": {"message": "the prompt is too long"}}, status=400)
        cached = self._cached(body)
        ids = [*map(ord, self.answer), EOS][: body["max_tokens"]]
        await self._work(len(body["prompt"]), len(ids))
        await until(lambda: self.num_answered < self.most_answered)
        self.num_answered += 1
        choice = {
            "token_ids": ids,
            "text": "".join(map(chr, ids)),
            "finish_reason": "stop" if ids[-1] == EOS else "length",
        }
        if "prompt_logprobs" in body:
            choice["prompt_logprobs"] = _told_of(body["prompt"])
        usage = {"prompt_tokens": len(body["prompt"]), "completion_tokens": len(ids), **cached}
        self._keep(body, ids)
        answer = {"choices": [choice], "usage": usage, "system_fingerprint": self.fingerprint}
        return self._spoiled(request, answer)

    async def _work(self, prompt_tokens: int, generated_tokens: int) -> None:
        self.prompt_tokens += prompt_tokens
        half = generated_tokens // 2
        for generated in (half, generated_tokens - half):
            await asyncio.sleep(self.delay_s / 2)
            self.generated_tokens += generated

    def _spoiled(self, request: web.Request, answer: Answer) -> web.Response:
        if not self.spoilers:
            return web.json_response(answer)
        spoiler = self.spoilers.pop(0)
        if spoiler is None:
            return self._failed(request, 0)
        status, body = spoiler(answer)
        return web.json_response(body, status=status)

    def _prefixes(self, ids: list[int]) -> list[tuple[int, ...]]:
        size = self.block_size or CONTEXT_LENGTH
        return [tuple(ids[:end]) for end in range(size, len(ids) + 1, size)]

    def _cached(self, body: dict[str, Any]) -> dict[str, Any]:
        """What a prompt finds of whole blocks; its last token is always computed."""
        if self.block_size is None:
            return {}
        salt, count = body.get("cache_salt"), 0
        for prefix in self._prefixes(body["prompt"][:-1]):
            if (salt, prefix) not in self._blocks:
                break
            count = len(prefix)
        self._keep(body, [])
        return {"prompt_tokens_details": {"cached_tokens": count}}

    def _keep(self, body: dict[str, Any], generated: list[int]) -> None:
        if self.block_size is not None:
            self._blocks |= {(body.get("cache_salt"), prefix) for prefix in self._prefixes(body["prompt"] + generated)}

    def _failed(self, request: web.Request, status: int) -> web.Response:
        if status == 0:
            assert request.transport is not None
            request.transport.abort()
        headers = {"Retry-After": self.retry_after} if self.retry_after else None
        said = {"error": {"message": f"told to say {status}"}}
        return web.json_response(said, status=status or 500, headers=headers)


def _told_of(prompt: list[int]) -> list[dict[str, Any] | None]:
    """A token is a character, and its log-prob half its number's last digit."""
    told = [{str(each): {"logprob": -(each % 10) / 2, "rank": 1, "decoded_token": chr(each)}} for each in prompt]
    return [None, *told[1:]]


def _as_it_stands(answer: object) -> web.Response:
    if isinstance(answer, bytes):
        return web.Response(body=answer, content_type="application/json")
    return web.json_response(answer)


Fake = TypeVar("Fake", bound=FakeVllm)


@contextmanager
def fake_vllm(**options: Any) -> Iterator[FakeVllm]:
    """A server on a free port, in a thread of its own."""
    with running(FakeVllm(**options)) as fake:
        yield fake


@contextmanager
def running(fake: Fake) -> Iterator[Fake]:
    """The server on a free port, in a thread of its own."""
    fake._loop = asyncio.new_event_loop()
    thread = threading.Thread(target=fake._loop.run_forever, daemon=True)
    thread.start()
    fake.start()
    try:
        yield fake
    finally:
        fake.stop()
        fake._loop.call_soon_threadsafe(fake._loop.stop)
        thread.join(10)
        fake._loop.close()


async def until(is_so: Callable[[], bool]) -> None:
    """Waits for a state, however long it takes; pytest's time-out ends what never comes."""
    while not is_so():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
