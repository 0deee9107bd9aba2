"""DeepConf, offline: the model's own confidence filters and weighs the vote (Fu et al., arXiv 2508.15260)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from math import ceil
from typing import ClassVar, Literal

from pydantic import Field

from scaling.abilities import Ability
from scaling.answers.voting import WEIGHTED
from scaling.chains import AnyChain
from scaling.chains.chain_of_thought import ChainOfThought
from scaling.record import Recorder
from scaling.strategies.over_chains import SampledChains
from scaling.strategy import concurrently
from scaling.types import Candidate, Outcome, Problem


def lowest_group(confidences: Sequence[float], group_tokens: int) -> float | None:
    """The lowest mean of any `group_tokens` tokens in a row; of fewer tokens, their mean. None if there are none."""
    if not confidences:
        return None
    size = min(group_tokens, len(confidences))
    sums = list(accumulate(confidences, initial=0.0))
    return min(last - first for first, last in zip(sums, sums[size:], strict=False)) / size


class DeepConf(SampledChains):
    """Sample `samples` chains; the most confident vote, each with its confidence for a weight.

    A token's confidence is the negated mean of its largest log-probs, a chain's is that of its least confident group
    of tokens, answer included. Of the chains that have an answer to vote with, the share `keep` with the highest
    confidence votes, and all that equal the last of them. Every chain is a candidate with its confidence as its score.
    """

    said_as: ClassVar[Mapping[str, str]] = {"keep": "keep {}", "group_tokens": "groups of {}"}

    strategy: Literal["deepconf"] = "deepconf"
    keep: float = Field(
        default=0.1, gt=0.0, le=1.0, description="share of the chains that votes; the paper's: 0.1, 0.9"
    )
    group_tokens: int = Field(default=2048, ge=1, description="tokens of a group, which slides along the chain")
    top_logprobs: int = Field(default=20, ge=1, le=20, description="log-probs per token; vLLM gives 20 at most")
    chain: AnyChain = ChainOfThought()

    @property
    def short_name(self) -> str:
        return f"DeepConf of {self.drawn}"

    @property
    def needs(self) -> frozenset[Ability]:
        return self.chain.needs | {Ability.LOGPROBS}

    async def solve(self, problem: Problem, recorder: Recorder) -> Outcome:
        recorder = recorder.with_confidences(self.top_logprobs)
        weighed = await concurrently(self._weighed(problem, recorder, sample) for sample in range(self.samples))
        return await recorder.concluded(problem, weighed, self.conclude)

    def conclude(self, candidates: Sequence[Candidate], seed: int) -> Outcome:
        least = self._least_kept(candidates)
        kept = [each for each in candidates if each.can_vote and each.score is not None and each.score >= least]
        voters = kept or candidates
        choice = WEIGHTED.choose(voters, seed)
        chosen = 0 if choice.index is None else candidates.index(voters[choice.index])
        return Outcome(tuple(candidates), chosen, choice.is_tie)

    async def _weighed(self, problem: Problem, recorder: Recorder, sample: int) -> Candidate:
        candidate = await self.chain.reason(problem, recorder, sample)
        return replace(candidate, score=lowest_group(recorder.tape.confidences(candidate.path), self.group_tokens))

    def _least_kept(self, candidates: Sequence[Candidate]) -> float:
        """The confidence from which a chain votes."""
        able = [each.score for each in candidates if each.can_vote]
        scores = sorted((score for score in able if score is not None), reverse=True)
        num_kept = ceil(round(self.keep * len(scores), 9))  # .07 · 100 is 7.000000000000001
        return scores[num_kept - 1] if scores else 0.0
