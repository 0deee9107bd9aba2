"""Reward-balanced search [REBASE, arXiv 2408.00724]."""

from collections.abc import Mapping, Sequence
from math import ceil, exp
from typing import ClassVar, Literal

from pydantic import Field

from scaling.search import StepSearch


def allocate(scores: Sequence[float], width: int, temperature: float = 0.2) -> list[int]:
    """Share `width` continuations out among branches: the better the score, the more.

    From the highest score down, each gets its softmax share of the slots that are left among the branches that are
    left, rounded up [REBASE §3.2]. Equal scores are served in order. The shares sum to `width`.
    """
    if width < 0 or temperature <= 0:
        raise ValueError(
            f"width={width} and temperature={temperature}: give a width of 0 or more, a temperature above 0"
        )
    shares, left = [0] * len(scores), width
    descending = sorted(range(len(scores)), key=lambda place: -scores[place])
    for rank, place in enumerate(descending):
        # One over this branch's softmax share; never below 1, and no exponential overflows.
        rest = sum(exp((scores[other] - scores[place]) / temperature) for other in descending[rank:])
        shares[place] = ceil(left / rest)
        left -= shares[place]
    return shares


class Rebase(StepSearch):
    """Sample `width` first steps; then each open branch gets continuations in proportion to e^(score/temperature).

    Finished branches give up their slots: they keep their place among the `width` candidates, and only what is left
    is shared out. The answer is the weighted best of N.
    """

    said_as: ClassVar[Mapping[str, str]] = {**StepSearch.said_as, "temperature": "shares at {}"}

    strategy: Literal["rebase"] = "rebase"
    temperature: float = Field(
        default=0.2, gt=0.0, description="of the shares, not of the sampling; low: the best takes all"
    )

    @property
    def short_name(self) -> str:
        return f"REBASE {self.width}"

    def continuations(self, scores: Sequence[float]) -> list[int]:
        return allocate(scores, len(scores), self.temperature)
