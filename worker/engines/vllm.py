"""The adapter for vLLM's OpenAI-compatible server: token ids in, token ids out. CPU or GPU makes no difference to it.

It counts nothing itself: `usage` is the truth.
"""

from dataclasses import dataclass, field, replace

from scaling.protocols import EngineUnavailableError
from scaling.types import Completion, Ids, Request
from worker.engines.caller import Caller
from worker.engines.connection import Connection, ModelNotServedError, ServerReport
from worker.engines.patience import Patience
from worker.engines.wire import choice, completion, payload
from worker.registry import ServerEntry
from worker.spending.account import Size

__all__ = ["ModelNotServedError", "VllmEngine"]


@dataclass(frozen=True, slots=True)
class VllmEngine:
    """One model behind one server, as `caller` asks it. Jobs share the connection, each as a caller of its own."""

    connection: Connection
    caller: Caller = field(default_factory=Caller)

    @classmethod
    async def connect(
        cls, name: str, entry: ServerEntry, *, timeout_s: float, wait_s: float = 600.0, patience: Patience | None = None
    ) -> "VllmEngine":
        """An engine with a connection of its own: see `Connection.open`."""
        return cls(await Connection.open(name, entry, timeout_s=timeout_s, wait_s=wait_s, patience=patience))

    async def close(self) -> None:
        await self.connection.close()

    def for_job(self, caller: Caller) -> "VllmEngine":
        """The same model, asked by a job."""
        return replace(self, caller=caller)

    @property
    def server(self) -> ServerReport:
        return self.connection.report

    @property
    def context_length(self) -> int:
        return self.server.context_length

    async def render(self, messages: list[dict[str, str]]) -> Ids:
        return await self.connection.render(messages)

    async def tokenize(self, text: str) -> Ids:
        return await self.connection.tokenize(text)

    async def detokenize(self, ids: Ids) -> str:
        return await self.connection.detokenize(ids)

    async def complete(self, request: Request) -> Completion:
        size = Size(len(request.prompt), request.max_tokens)
        reply = await self.connection.ask("/v1/completions", payload(request), choice, size, self.caller)
        return _require_logprobs(completion(reply.content, reply), request)


def _require_logprobs(answer: Completion, request: Request) -> Completion:
    """vLLM 0.32 tells fewer log-probs than asked for while another request asks for some by id: then, try again."""
    told = answer.logprobs or ()
    if request.top_logprobs and any(len(of_token) < request.top_logprobs for of_token in told):
        raise EngineUnavailableError(
            f"the server tells fewer than {request.top_logprobs} log-probs for some of the {len(told)} tokens, as vLLM "
            "does while another request asks for log-probs by id (logprob_token_ids); serve a verifier that asks for "
            "them elsewhere"
        )
    return answer
