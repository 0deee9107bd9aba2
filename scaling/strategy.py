"""What a strategy is: a frozen model wearing its parameters, with one async method.

A strategy talks to a Recorder, never to an engine, so no token can go unrecorded.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Coroutine, Iterable
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from scaling.abilities import NOTHING, Ability
from scaling.compute.sequence import wait_until, with_path
from scaling.endings import AtLimit
from scaling.record import Recorder
from scaling.types import Candidate, Outcome, Problem

T = TypeVar("T")


class Strategy(BaseModel, ABC):
    """How an answer is reached. Subclasses add `strategy: Literal["name"] = "name"` and their numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    draws_by: ClassVar[str | None] = None
    """The field that says how many chains or steps are drawn from one prompt; None: only one is."""

    strategy: str

    @property
    def num_chains(self) -> int:
        """How many chains of reasoning one job makes, at most; of a search, how many it ends with: what it prunes and
        rolls out comes on top, and is known only when it is done."""
        return 1

    @property
    def side_by_side(self) -> int | None:
        """How many of its candidates are made at a time, none depending on another; None: they depend on each other,
        so that fewer of them have no cost of their own."""
        return 1

    @property
    def generations_per_chain(self) -> int:
        """What a chain begun costs in Snell's generations: more than one where steps are rolled out to be scored."""
        return 1

    @property
    def thinking_limit(self) -> int | None:
        """Most thinking tokens of one chain; None: as many as the context takes."""
        return None

    @property
    def verifier_name(self) -> str | None:
        """The registered verifier it asks; None: it asks none. A strategy with a `verifier` field returns that."""
        return None

    @property
    def needs_step_scores(self) -> bool:
        """Whether its verifier has to score single steps, as a process reward model does."""
        return False

    @property
    def needs(self) -> frozenset[Ability]:
        """What the engine of its model must be able to do. A strategy with a `chain` field leaves that to its chain;
        whatever puts words into the model's mouth needs token ids."""
        chain: Strategy | None = getattr(self, "chain", None)
        if chain is not None:
            return chain.needs
        return frozenset({Ability.TOKEN_IDS}) if self.ending == "answer" else NOTHING

    @property
    def ending(self) -> AtLimit:
        """What becomes of a thought that its limit cuts. A strategy with a `chain` field leaves that to its chain."""
        chain: Strategy | None = getattr(self, "chain", None)
        return "truncate" if chain is None else chain.ending

    @abstractmethod
    async def solve(self, problem: Problem, recorder: Recorder) -> Outcome: ...


class Limited(Strategy):
    """A strategy that thinks itself, and so says what becomes of a thought that is cut."""

    at_limit: AtLimit | None = Field(
        default=None,
        exclude_if=lambda chosen: chosen is None,  # so that what was submitted before there was a choice is the same
        description="of a cut thought; truncate: it has no answer; answer: one is forced; None: as in its paper",
    )

    @property
    def ending(self) -> AtLimit:
        return self.at_limit or "truncate"


class Chain(Limited):
    """One chain of reasoning. As a strategy, its one candidate is the answer."""

    @abstractmethod
    async def reason(self, problem: Problem, recorder: Recorder, sample: int = 0) -> Candidate:
        """Reason once. `sample` numbers this chain among its siblings under one prompt."""

    async def solve(self, problem: Problem, recorder: Recorder) -> Outcome:
        return Outcome(candidates=(await self.reason(problem, recorder),), chosen=0)


async def concurrently(coroutines: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Await all at once, in order; what follows waited for the longest. The first failure cancels the others and is
    raised as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(with_path(coroutine)) for coroutine in coroutines]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    wait_until(task.result()[1] for task in tasks)
    return [task.result()[0] for task in tasks]
