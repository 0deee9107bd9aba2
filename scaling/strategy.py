"""What a strategy is: a frozen model wearing its parameters, with one async method.

A strategy talks to a Recorder, never to an engine, so no token can go unrecorded.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from scaling.abilities import NOTHING, Ability
from scaling.answers.voting import Selection
from scaling.compute.sequence import wait_until, with_path
from scaling.endings import AtLimit
from scaling.record import Recorder
from scaling.types import Candidate, Outcome, Problem

T = TypeVar("T")


class StrategyFamily(StrEnum):
    """What a strategy spends more compute on."""

    SEQUENTIAL = "sequential"  # on one chain: longer, or attempt after attempt
    PARALLEL = "parallel"  # on chains side by side, each left to itself
    HYBRID = "hybrid"  # on both
    SEARCH = "search"  # on steps that a verifier chooses among


@dataclass(frozen=True, slots=True)
class Attempts:
    """How a budget of attempts is shared: so many after one another, in each of so many chains side by side."""

    sequential: int
    parallel: int


class Strategy(BaseModel, ABC):
    """How an answer is reached. Subclasses add `strategy: Literal["name"] = "name"` and their numbers.

    What others must know of a strategy it says of itself, in the properties here; nobody tests for its class or name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    draws_by: ClassVar[str | None] = None
    """The field that says how many chains or steps are drawn from one prompt; None: only one is."""

    revises_by: ClassVar[str | None] = None
    """The field that says how many attempts follow one another in each chain drawn; None: none sees another."""

    is_baseline: ClassVar[bool] = False
    """It leaves the model to itself: what others are held against."""

    forces_thinking: ClassVar[bool] = False
    """It makes the model think longer, or less, than it would: by words put into its thought."""

    said_as: ClassVar[Mapping[str, str]] = {}
    """Words for settings that its short name does not have: `within {}`. Others are said as `name=value`."""

    strategy: str

    @property
    def short_name(self) -> str:
        """Its main numbers in a few words, for people who have it before them: `2 Waits`, `vote of 16`."""
        return self.strategy

    @property
    def details(self) -> Mapping[str, str]:
        """By field, how what it has otherwise than by default is said among arms that differ in it."""
        fields = type(self).model_fields.items()
        told = (name for name, field in fields if getattr(self, name) not in (field.default, None))
        return {name: self.said_as.get(name, f"{name}={{}}") for name in told}

    @property
    def family(self) -> StrategyFamily | None:
        """None: not known."""
        return None

    @property
    def num_samples(self) -> int | None:
        """How many candidates it draws at most, none depending on another; None: it draws one, or they depend."""
        return None

    @property
    def num_chains(self) -> int:
        """How many chains of reasoning one job makes, at most; of a search, how many it ends with: what it prunes and
        rolls out comes on top, and is known only when it is done."""
        return 1

    @property
    def attempts(self) -> Attempts | None:
        """None where no attempt sees another."""
        if self.revises_by is None or self.draws_by is None:
            return None
        return Attempts(getattr(self, self.revises_by), getattr(self, self.draws_by))

    @property
    def selects_by(self) -> Selection | None:
        """How it chooses among its candidates; None: it has one, or a rule of its own."""
        return None

    def conclude(self, candidates: Sequence[Candidate], seed: int) -> Outcome:
        """What the candidates that it made, equal answers under one key, answer together; draws are by `seed`.

        Pure, so that it can be asked again when the same texts are read by other rules.
        """
        if self.selects_by is None:
            return Outcome(tuple(candidates), chosen=0)
        return self.selects_by.concluded(candidates, seed)

    def fewer(self, k: int) -> "Strategy | None":
        """What would have made k of its samples and nothing else, with the answer that it `selects_by`. None: no
        setting would have, since candidates depend on one another, or on when the sampling stopped."""
        return None

    @property
    def side_by_side(self) -> int | None:
        """How many of its candidates are made at a time, none depending on another; None: they depend on each other,
        so that fewer of them have no cost of their own."""
        return 1

    @property
    def generations_per_chain(self) -> int | None:
        """What a chain begun costs in Snell's generations: more than one where steps are rolled out to be scored. None:
        not known."""
        return 1

    @property
    def thinking_limit(self) -> int | None:
        """Most thinking tokens of one chain; None: as many as the context takes."""
        return None

    @property
    def chain_budget(self) -> int | None:
        """Thinking tokens that one chain is asked to take, or may take at most; None: no number is given."""
        return self.thinking_limit

    @property
    def asked_thinking(self) -> int | None:
        """The budget of a job, over all its chains; None: it has none."""
        return None if self.chain_budget is None else self.chain_budget * self.num_chains

    @property
    def asked_waits(self) -> int | None:
        """How often an end of thinking is to be replaced by a Wait, in each chain; None: not known."""
        return 0

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
        """What the engine of its model must be able to do: whatever puts words into its mouth needs token ids."""
        return frozenset({Ability.TOKEN_IDS}) if self.ending == "answer" else NOTHING

    @property
    def ending(self) -> AtLimit | None:
        """What becomes of a thought that its limit cuts; None: not known."""
        return None

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

    @property
    def family(self) -> StrategyFamily:
        return StrategyFamily.SEQUENTIAL

    @abstractmethod
    async def reason(self, problem: Problem, recorder: Recorder, sample: int = 0) -> Candidate:
        """Reason once. `sample` numbers this chain among its siblings under one prompt."""

    async def solve(self, problem: Problem, recorder: Recorder) -> Outcome:
        return Outcome(candidates=(await self.reason(problem, recorder),), chosen=0)


def counted(number: int, noun: str) -> str:
    """`1 Wait`, `2 Waits`, `1,440 jobs`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


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
