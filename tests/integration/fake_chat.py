"""A small server that speaks OpenAI's chat completions and nothing else: what a chat-only API is to us."""

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.integration.fake_vllm import FakeVllm


@dataclass
class FakeChat(FakeVllm):
    """Says `messages` in turn, the last of them for ever, and counts with `usage`; None: it tells no counts."""

    messages: list[dict[str, Any]] = field(default_factory=lambda: [{"content": r"so \boxed{12}"}])
    finish_reason: str = "stop"
    usage: dict[str, Any] | None = None
    cards: list[dict[str, Any]] = field(default_factory=lambda: [{"id": "fake", "object": "model"}])

    def _add_routes(self, app: web.Application) -> None:
        app.router.add_post("/v1/chat/completions", self._say)

    async def _say(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.json())
        self.num_asked += 1
        if self.failures:
            return self._failed(request, self.failures.pop(0))
        message = self.messages.pop(0) if len(self.messages) > 1 else self.messages[0]
        answer: dict[str, Any] = {"choices": [{"message": message, "finish_reason": self.finish_reason}]}
        self.num_answered += 1
        return web.json_response(answer if self.usage is None else answer | {"usage": self.usage})
