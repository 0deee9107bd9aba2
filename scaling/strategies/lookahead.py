"""Lookahead search over steps [Snell §5.2, arXiv 2408.03314]."""

from typing import Literal

from pydantic import Field

from scaling.search import BranchingSearch


class Lookahead(BranchingSearch):
    """(N, M, k): beam search in which a step's score is the verifier's at the end of a rollout from it.

    The rollout is of `lookahead` steps at temperature 0, fewer where the thinking ends before. It informs the score
    and is thrown away, but it is counted: a round costs up to N(k + 1) steps. Without lookahead it sends the very
    requests of beam search.
    """

    strategy: Literal["lookahead"] = "lookahead"
    lookahead: int = Field(ge=0, description="k: steps that are rolled out to score a step")

    @property
    def short_name(self) -> str:
        return f"lookahead {self.width}/{self.branches}/{self.lookahead}"

    @property
    def rollout_steps(self) -> int:
        return self.lookahead
