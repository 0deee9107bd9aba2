"""Best of N [Snell §5.1, arXiv 2408.03314]: many chains, each scored by a verifier."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from scaling.answers.voting import NAIVE, WEIGHTED, Aggregate, Selection
from scaling.chains import AnyChain
from scaling.chains.chain_of_thought import ChainOfThought
from scaling.record import Recorder
from scaling.strategies.over_chains import SampledChains
from scaling.strategy import Strategy, concurrently
from scaling.types import Candidate, Outcome, Problem


class BestOfN(SampledChains):
    """Sample `samples` chains, score each as soon as it ends, and choose by the scores.

    Every candidate keeps the scores of all its steps, so that one run tells what every selection and aggregation
    would have chosen. Departing from the paper, an answer that cannot be read or was truncated is never chosen while
    another can be.
    """

    said_as: ClassVar[Mapping[str, str]] = {"select": "{}", "aggregate": "by {}", "verifier": "by {}"}

    strategy: Literal["best_of_n"] = "best_of_n"
    verifier: str = Field(min_length=1, description="the registered verifier it asks")
    select: Literal["naive", "weighted"] = Field(
        default="weighted",
        description="naive: the highest score; weighted: the largest sum of scores over equivalent answers",
    )
    aggregate: Aggregate = Field(default="last", description="how the scores of its steps become a chain's")
    chain: AnyChain = ChainOfThought()

    @property
    def short_name(self) -> str:
        return f"best of {self.drawn}"

    @property
    def selects_by(self) -> Selection:
        return {"naive": NAIVE, "weighted": WEIGHTED}[self.select]

    def fewer(self, k: int) -> Strategy:
        return self.model_copy(update={"samples": k})

    @property
    def verifier_name(self) -> str:
        return self.verifier

    async def solve(self, problem: Problem, recorder: Recorder) -> Outcome:
        candidates = await concurrently(self._scored(problem, recorder, sample) for sample in range(self.samples))
        return await recorder.concluded(problem, candidates, self.conclude)

    async def _scored(self, problem: Problem, recorder: Recorder, sample: int) -> Candidate:
        candidate = await self.chain.reason(problem, recorder, sample)
        return await recorder.scoring.scored(problem, candidate, self.aggregate)
