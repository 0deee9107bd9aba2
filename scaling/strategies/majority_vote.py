"""Majority vote, or self-consistency (Wang et al., arXiv 2203.11171): many chains, the most frequent answer."""

from typing import ClassVar, Literal

from pydantic import Field

from scaling.chains import AnyChain
from scaling.chains.chain_of_thought import ChainOfThought
from scaling.record import Recorder
from scaling.strategy import Strategy, concurrently
from scaling.types import Outcome, Problem


class MajorityVote(Strategy):
    """Sample `samples` chains; the answer is the most frequent of their equivalent answers.

    Unparsed and truncated answers do not vote. A tie is broken by a draw with a derived seed, and reported. If
    nobody votes, the first candidate speaks for the job, with its own verdict.
    """

    draws_by: ClassVar[str] = "samples"

    strategy: Literal["majority_vote"] = "majority_vote"
    samples: int = Field(ge=1)
    chain: AnyChain = ChainOfThought()

    @property
    def num_chains(self) -> int:
        return self.samples * self.chain.num_chains

    @property
    def side_by_side(self) -> int:
        return self.samples

    @property
    def thinking_limit(self) -> int | None:
        return self.chain.thinking_limit

    async def solve(self, problem: Problem, recorder: Recorder) -> Outcome:
        candidates = await concurrently(self.chain.reason(problem, recorder, sample) for sample in range(self.samples))
        return await recorder.concluded(problem, candidates, "majority")
