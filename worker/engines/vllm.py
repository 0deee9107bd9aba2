"""The adapter for vLLM's OpenAI-compatible server: token ids in, token ids out. CPU or GPU makes no difference to it.

It counts nothing itself: `usage` is the truth.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from scaling.abilities import ALL, Ability
from scaling.protocols import EngineUnavailableError
from scaling.scanners.id_chains import Told
from scaling.types import Completion, Ids, Request, Sampling, ThinkingFormat
from worker.engines.entry import ServerEntry
from worker.engines.patience import Patience
from worker.engines.served import ServedEngine
from worker.engines.vllm_connection import VllmConnection
from worker.engines.vllm_prompt import told_of
from worker.engines.vllm_thinks import thinking_remark
from worker.engines.vllm_wire import choice, completion, payload
from worker.spending.account import Size

GREEDY = Sampling(temperature=0.0)


@dataclass(frozen=True, slots=True)
class VllmEngine(ServedEngine):
    """One model behind one vLLM server, as `caller` asks it."""

    abilities: ClassVar[frozenset[Ability]] = ALL

    connection: VllmConnection

    @classmethod
    async def connect(
        cls, name: str, entry: ServerEntry, *, timeout_s: float, wait_s: float = 600.0, patience: Patience | None = None
    ) -> Self:
        return cls(await VllmConnection.open(name, entry, timeout_s=timeout_s, wait_s=wait_s, patience=patience))

    @classmethod
    def faults(cls, entry: ServerEntry, thinking: ThinkingFormat | None) -> Iterator[str]:
        if entry.context_length is not None:
            yield "context_length: vLLM tells it itself; drop it"

    async def remark(self, thinking: ThinkingFormat) -> str | None:
        """That it thinks though it is registered as one that does not."""
        return await thinking_remark(self.connection, thinking)

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

    async def log_probs(self, ids: Ids) -> tuple[Told, ...]:
        asked = ids[: self.context_length - 1]
        body = payload(Request(asked, 1, 0, GREEDY)) | {"prompt_logprobs": 0}
        size = Size(len(asked), 1, may_read_cache=False)
        reply = await self.connection.ask("/v1/completions", body, lambda said: told_of(said, asked), size, self.caller)
        return reply.content


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
