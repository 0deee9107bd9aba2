"""Majority vote, or self-consistency (Wang et al., arXiv 2203.11171): many chains, the most frequent answer."""

from typing import Literal

from scaling.answers.voting import MAJORITY, Selection
from scaling.chains import AnyChain
from scaling.chains.chain_of_thought import ChainOfThought
from scaling.record import Recorder
from scaling.strategies.over_chains import SampledChains
from scaling.strategy import Strategy, concurrently
from scaling.types import Outcome, Problem


class MajorityVote(SampledChains):
    """Sample `samples` chains; the answer is the most frequent of their equivalent answers.

    Unparsed and truncated answers do not vote. A tie is broken by a draw with a derived seed, and reported. If
    nobody votes, the first candidate speaks for the job, with its own verdict.
    """

    strategy: Literal["majority_vote"] = "majority_vote"
    chain: AnyChain = ChainOfThought()

    @property
    def short_name(self) -> str:
        return f"vote of {self.samples}" if self.chain.is_baseline else self.drawn

    @property
    def selects_by(self) -> Selection:
        return MAJORITY

    def fewer(self, k: int) -> Strategy:
        """A vote of one is its chain."""
        return self.chain if k == 1 else self.model_copy(update={"samples": k})

    async def solve(self, problem: Problem, recorder: Recorder) -> Outcome:
        candidates = await concurrently(self.chain.reason(problem, recorder, sample) for sample in range(self.samples))
        return await recorder.concluded(problem, candidates, self.conclude)
