"""Sequential revisions [Snell §6, arXiv 2408.03314]: attempts that see the attempts before them."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import ClassVar, Literal

from pydantic import Field

from scaling.answers.voting import MAJORITY, WEIGHTED, Selection
from scaling.chains import AnyChain
from scaling.chains.chain_of_thought import ChainOfThought
from scaling.record import ROOT, ContextOverflowError, Recorder
from scaling.strategies.over_chains import OverChains
from scaling.strategy import StrategyFamily, concurrently, counted
from scaling.types import Candidate, Outcome, Problem

MOST_SHOWN = 4
"""A model sees at most so many of the latest attempts [Snell §6.1]."""

REVISE = (
    "There might be an error in the solution above because of lack of understanding of the question. "
    "Please correct the error, if any, and rewrite the solution."
)
"""The instruction of SCoRe (arXiv 2409.12917, appendix C), which does not tell whether there is an error."""


class Revisions(OverChains):
    """`chains` chains of `revisions` attempts each; the ratio is swept at a fixed product.

    The paper trains a model to revise. Here a chat model is asked to: an attempt sees the question, up to four of the
    latest attempts as its own turns, and `instruction` after each. What it sees of an attempt is what a chat keeps of
    it: the answer, without the thinking that a reasoning model did before, and nothing of one that was cut before it
    answered. A model that cannot hold such a conversation cannot revise, whatever the curve looks like.

    About 38 % of correct answers get un-corrected, so every attempt is a candidate. With a verifier the choice is
    hierarchical: weighted best-of inside a chain, then across chains; without one it is a majority vote over all.
    """

    draws_by: ClassVar[str] = "chains"
    revises_by: ClassVar[str] = "revisions"
    said_as: ClassVar[Mapping[str, str]] = {"verifier": "by {}"}

    strategy: Literal["revisions"] = "revisions"
    chains: int = Field(ge=1, description="chains of attempts, side by side")
    revisions: int = Field(ge=1, description="attempts in each chain, the first included")
    verifier: str | None = Field(default=None, min_length=1, description="the registered verifier; None: majority vote")
    instruction: str = Field(default=REVISE, min_length=1, description="what asks for another attempt")
    chain: AnyChain = ChainOfThought()

    @property
    def short_name(self) -> str:
        attempts = counted(self.revisions, "attempt")
        drawn = attempts if self.chain.is_baseline else f"{attempts} of {self.chain.short_name}"
        return drawn if self.chains == 1 else f"{self.chains} × {drawn}"

    @property
    def family(self) -> StrategyFamily:
        if self.chains == 1:
            return StrategyFamily.SEQUENTIAL
        return StrategyFamily.PARALLEL if self.revisions == 1 else StrategyFamily.HYBRID

    @property
    def selects_by(self) -> Selection | None:
        return MAJORITY if self.verifier is None else None

    @property
    def num_chains(self) -> int:
        return self.chains * self.revisions * self.chain.num_chains

    @property
    def side_by_side(self) -> int | None:
        return self.chains if self.revisions == 1 else None

    @property
    def verifier_name(self) -> str | None:
        return self.verifier

    async def solve(self, problem: Problem, recorder: Recorder) -> Outcome:
        chains = await concurrently(self._attempts(problem, recorder, number) for number in range(self.chains))
        flat = [attempt for attempts in chains for attempt in attempts]
        return await recorder.concluded(problem, flat, self.conclude)

    def conclude(self, candidates: Sequence[Candidate], seed: int) -> Outcome:
        """By vote over all attempts; with a verifier within each chain first, and then across chains."""
        if self.selects_by is not None:
            return super().conclude(candidates, seed)
        chains = groupby(candidates, key=lambda attempt: attempt.path[: len(ROOT) + 1])
        return hierarchical([list(attempts) for _, attempts in chains], seed)

    async def _attempts(self, problem: Problem, recorder: Recorder, number: int) -> list[Candidate]:
        """One chain. Its first attempt is sample `number` of the question; the others have prompts of their own, until
        one is longer than the context."""
        attempts = [await self._attempt(problem, recorder, number)]
        while len(attempts) < self.revisions:
            shown = [attempt for attempt in attempts if attempt.text.strip()][-MOST_SHOWN:]
            turns = [turn for attempt in shown for turn in self._turns(attempt)]
            try:
                attempts.append(await self._attempt(problem, recorder.revising(attempts[-1].path, turns), 0))
            except ContextOverflowError as overflow:
                attempts[-1] = attempts[-1].noted(f"not revised: {overflow}")
                break
        return attempts

    async def _attempt(self, problem: Problem, recorder: Recorder, sample: int) -> Candidate:
        candidate = await self.chain.reason(problem, recorder, sample)
        return candidate if self.verifier is None else await recorder.scoring.scored(problem, candidate)

    def _turns(self, attempt: Candidate) -> list[dict[str, str]]:
        return [
            {"role": "assistant", "content": attempt.text.strip()},
            {"role": "user", "content": self.instruction},
        ]


def hierarchical(chains: Sequence[Sequence[Candidate]], seed: int) -> Outcome:
    """Each chain's weighted best-of speaks for it; the weighted best-of among those speaks for the job.

    `is_tie` says that a draw decided somewhere on the way.
    """
    within = [WEIGHTED.choose(attempts, seed) for attempts in chains]
    best = [attempts[choice.index] for attempts, choice in zip(chains, within, strict=True) if choice.index is not None]
    across = WEIGHTED.choose(best, seed)
    flat = tuple(attempt for attempts in chains for attempt in attempts)
    chosen = 0 if across.index is None else flat.index(best[across.index])
    return Outcome(flat, chosen, across.is_tie or any(choice.is_tie for choice in within))
