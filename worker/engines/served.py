"""What every engine is to a worker: a model behind a server, as somebody asks it. A new engine is a subclass in a file
of its own, and a line in `worker.engines.kinds.ENGINES`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

from scaling.abilities import Ability
from scaling.protocols import RequestRefusedError
from scaling.scanners.id_chains import Told
from scaling.types import Completion, Ids, Request, ThinkingFormat
from worker.engines.caller import Caller
from worker.engines.connection import Connection, ServerReport
from worker.engines.entry import ServerEntry
from worker.engines.patience import Patience


@dataclass(frozen=True, slots=True)
class ServedEngine(ABC):
    """Implements `scaling.protocols.Engine`. Jobs share the connection, each as a caller of its own."""

    abilities: ClassVar[frozenset[Ability]]
    """What servers of its kind can do."""

    connection: Connection
    caller: Caller = field(default_factory=Caller)

    @classmethod
    @abstractmethod
    async def connect(
        cls, name: str, entry: ServerEntry, *, timeout_s: float, wait_s: float = 600.0, patience: Patience | None = None
    ) -> Self:
        """With a connection of its own. Waits up to `wait_s` for a server that is loading, and checks that it serves
        the model. Raises EngineError."""

    @classmethod
    def faults(cls, entry: ServerEntry, thinking: ThinkingFormat | None) -> Iterator[str]:
        """What the registry says of such a server, and should not; `thinking` None: of a verifier's."""
        yield from ()

    async def remark(self, thinking: ThinkingFormat) -> str | None:
        """What is amiss with how the model is registered, and the remedy; None: nothing is known to be."""
        return None

    async def close(self) -> None:
        await self.connection.close()

    def for_job(self, caller: Caller) -> Self:
        """The same model, asked by a job."""
        return replace(self, caller=caller)

    @property
    def server(self) -> ServerReport:
        return self.connection.report

    @property
    def context_length(self) -> int:
        return self.server.context_length

    @abstractmethod
    async def render(self, messages: list[dict[str, str]]) -> Ids: ...

    @abstractmethod
    async def tokenize(self, text: str) -> Ids: ...

    @abstractmethod
    async def detokenize(self, ids: Ids) -> str: ...

    async def log_probs(self, ids: Ids) -> tuple[Told, ...]:
        """Of each of these ids, given all before it; of as many as fit its context beside one token. Raises
        EngineUnavailableError, and RequestRefusedError, as where its servers tell none."""
        raise RequestRefusedError(f"{self.server.served_as} {Ability.PROMPT_LOGPROBS.words}")

    @abstractmethod
    async def complete(self, request: Request) -> Completion: ...
