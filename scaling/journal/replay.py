"""An engine and a verifier with a journal beneath the Recorder: what an earlier attempt was told is not asked again.

A job that is run again asks for the same, since its seeds are derived from places in its tree. So it gets the same
tree, counts included, and goes on with the first request that had no response. Which of them were kept makes no
difference to what it ends with: any part of a journal is a journal.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from scaling.abilities import Ability
from scaling.journal.entries import Entry, Exchange, completion_of, key_of, scores_of
from scaling.protocols import Engine, Verifier
from scaling.types import Completion, Ids, Request, Scores, Solution

Q = TypeVar("Q", Request, Solution)
A = TypeVar("A", Completion, Scores)

NOTHING: Mapping[bytes, bytes] = MappingProxyType({})


class Journal:
    """The responses that one attempt had, behind those that earlier attempts kept: bytes, by their key.

    `seconds` are those that earlier attempts took until they kept the last of them. For one event loop.
    """

    def __init__(
        self, kept: Mapping[bytes, bytes] = NOTHING, *, cache_salt: str | None = None, seconds: float = 0.0
    ) -> None:
        self.seconds = seconds
        self.num_replayed = 0
        self._kept = dict(kept)
        self._cache_salt = cache_salt
        self._times: Counter[Hashable] = Counter()
        self._new: list[Exchange] = []

    @property
    def new(self) -> tuple[Exchange, ...]:
        """What is not stored yet, in order."""
        return tuple(self._new)

    def entries(self, exchanges: Iterable[Exchange]) -> tuple[Entry, ...]:
        """As they are stored. It takes its time, and may be done in any thread."""
        return tuple(each.entry(self._cache_salt) for each in exchanges)

    def stored(self, number: int) -> None:
        """The first so many of `new` are."""
        del self._new[:number]

    async def response(
        self, asked: Q, identity: Hashable, ask: Callable[[Q], Awaitable[A]], read: Callable[[bytes], A]
    ) -> A:
        """The one that is kept, or else that of `ask`. `identity`: the same for what is the same to ask."""
        number = self._times[identity]
        self._times[identity] += 1
        if self._kept and (kept := self._kept.pop(key_of(asked, number), None)) is not None:
            self.num_replayed += 1
            await asyncio.sleep(0)  # others have their turn while a long journal is replayed
            return read(kept)
        response = await ask(asked)
        self._new.append(Exchange(asked, number, response))
        return response


@dataclass(frozen=True, slots=True)
class JournaledEngine:
    """Implements `scaling.protocols.Engine`. What costs nothing is not kept."""

    engine: Engine
    journal: Journal

    @property
    def abilities(self) -> frozenset[Ability]:
        return self.engine.abilities

    @property
    def context_length(self) -> int:
        return self.engine.context_length

    async def render(self, messages: list[dict[str, str]]) -> Ids:
        return await self.engine.render(messages)

    async def tokenize(self, text: str) -> Ids:
        return await self.engine.tokenize(text)

    async def detokenize(self, ids: Ids) -> str:
        return await self.engine.detokenize(ids)

    async def complete(self, request: Request) -> Completion:
        """A request is known by its seed, which no other of the job has."""
        return await self.journal.response(request, request.seed, self.engine.complete, completion_of)


@dataclass(frozen=True, slots=True)
class JournaledVerifier:
    """Implements `scaling.protocols.Verifier`."""

    verifier: Verifier
    journal: Journal

    @property
    def scores_steps(self) -> bool:
        return self.verifier.scores_steps

    async def score(self, solution: Solution) -> Scores:
        return await self.journal.response(solution, solution, self.verifier.score, scores_of)
