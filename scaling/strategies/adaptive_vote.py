"""Adaptive-Consistency: stop sampling when the vote is decided (Aggarwal et al., arXiv 2305.11860)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import comb
from typing import ClassVar, Literal

from pydantic import Field

from scaling.answers.voting import MAJORITY, Selection
from scaling.chains import AnyChain
from scaling.chains.chain_of_thought import ChainOfThought
from scaling.record import Recorder
from scaling.strategies.over_chains import SampledChains
from scaling.strategy import concurrently
from scaling.types import Candidate, Outcome, Problem


def lead_probability(top: int, second: int) -> float:
    """The chance that the answer with `top` votes is the more frequent of the two in truth.

    P(p > 1/2) for p ~ Beta(top + 1, second + 1), which is P(X ≤ top) for X ~ Binomial(top + second + 1, 1/2): a sum of
    whole numbers, exact until it is divided.
    """
    if top < 0 or second < 0:
        raise ValueError(f"top={top}, second={second}: votes are counted from 0 up")
    flips = top + second + 1
    return sum(comb(flips, heads) for heads in range(top + 1)) / (1 << flips)


class AdaptiveVote(SampledChains):
    """Sample until the leading answer's lead over the second is sure by `confidence`, or `samples` are drawn.

    The paper draws one at a time, which costs the fewest tokens and the most time. `at_once` chains are drawn together
    and the rule looks at whole draws, so that which chain ends first decides nothing: a draw may hold a few chains
    more than were needed, and all of them count and vote.
    """

    said_as: ClassVar[Mapping[str, str]] = {"confidence": "until {} sure", "at_once": "{} at once"}

    strategy: Literal["adaptive_vote"] = "adaptive_vote"
    samples: int = Field(ge=1, description="at most")
    confidence: float = Field(default=0.95, gt=0.5, lt=1.0, description="of the lead, at which sampling stops")
    at_once: int = Field(default=1, ge=1, description="chains drawn together; 1 is the paper's, more are faster")
    chain: AnyChain = ChainOfThought()

    @property
    def short_name(self) -> str:
        return f"vote of up to {self.drawn}"

    @property
    def selects_by(self) -> Selection:
        return MAJORITY

    @property
    def side_by_side(self) -> int:
        return self.at_once

    async def solve(self, problem: Problem, recorder: Recorder) -> Outcome:
        candidates: list[Candidate] = []
        while len(candidates) < self.samples and not self._is_decided(await recorder.clustered(problem, candidates)):
            draw = range(len(candidates), min(len(candidates) + self.at_once, self.samples))
            candidates += await concurrently(self.chain.reason(problem, recorder, sample) for sample in draw)
        return await recorder.concluded(problem, candidates, self.conclude)

    def _is_decided(self, candidates: Sequence[Candidate]) -> bool:
        votes = Counter(each.key for each in candidates if each.can_vote)
        top, second, *_ = *(count for _, count in votes.most_common(2)), 0, 0
        return lead_probability(top, second) >= self.confidence
