"""One answer out of many: by their number, by one score, or by the sum of scores. Pure, and any order gives the same.

Nobody votes whose answer could not be read or was truncated, however well it scored. What is equal is parted by a draw
that hashes the seed with the tied keys, so that one seed for many problems does not favour, say, always the smallest.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import fsum, isnan, prod
from typing import Literal

from scaling.types import Candidate, Outcome

CLOSE = 1e-9
"""Sums of scores that differ by no more than this part of the largest are equal but for rounding."""

Aggregate = Literal["last", "min", "product", "mean"]
"""How the scores of a solution's steps become its own [Snell §5.1 and appendix]."""

_AGGREGATES: Mapping[str, Callable[[Sequence[float]], float]] = {
    "last": lambda scores: scores[-1],
    "min": min,
    "product": prod,
    "mean": lambda scores: fsum(scores) / len(scores),
}

Weights = Mapping[str, Sequence[float]]
"""Of those who vote, by their answer's key."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which candidate speaks for all; None if nobody votes. `is_tie`: a draw between different answers decided."""

    index: int | None
    is_tie: bool


@dataclass(frozen=True, slots=True)
class Selection:
    """A way to choose one answer: what each candidate's vote weighs (None: it has none), and which answers then lead.

    Among those that lead a draw decides; an answer that is named twice has twice the chance.
    """

    name: str
    weight: Callable[[Candidate], float | None]
    leaders: Callable[[Weights], list[str]]

    def choose(self, candidates: Sequence[Candidate], seed: int) -> Choice:
        """Of the winning answer's candidates the one that weighs most, then the first. If the vote of none of them has
        a weight, they vote by their number."""
        weights = [self.weight(each) if each.can_vote else None for each in candidates]
        by_answer: defaultdict[str, list[float]] = defaultdict(list)
        for candidate, weight in zip(candidates, weights, strict=True):
            if candidate.key is not None and weight is not None:
                by_answer[candidate.key].append(weight)
        if not by_answer:
            return Choice(None, is_tie=False) if self is MAJORITY else MAJORITY.choose(candidates, seed)
        winner, is_tie = _drawn(self.leaders(by_answer), seed)
        speaker = max(by_answer[winner])
        votes = [(candidate.key, weight) for candidate, weight in zip(candidates, weights, strict=True)]
        return Choice(votes.index((winner, speaker)), is_tie)

    def concluded(self, candidates: Sequence[Candidate], seed: int) -> Outcome:
        """The outcome of a choice. If nobody votes, the first candidate speaks for the job, with its own verdict."""
        choice = self.choose(candidates, seed)
        return Outcome(tuple(candidates), chosen=choice.index or 0, is_tie=choice.is_tie)


def aggregate(step_scores: Sequence[float], how: Aggregate) -> float | None:
    """The score of a whole solution; None if no step was scored."""
    return _AGGREGATES[how](step_scores) if step_scores else None


def _score(candidate: Candidate) -> float | None:
    return None if candidate.score is None or isnan(candidate.score) else candidate.score


def _highest(weights: Weights) -> list[str]:
    """The key of each candidate that scored highest."""
    highest = max(map(max, weights.values()))
    return [key for key, scores in weights.items() for score in scores if score == highest]


def _heaviest(weights: Weights) -> list[str]:
    """The keys with the largest sum; sums that differ by rounding only are equal."""
    sums = {key: fsum(scores) for key, scores in weights.items()}
    most = max(sums.values())
    return [key for key, total in sums.items() if total >= most - CLOSE * abs(most)]


def _drawn(tied: Sequence[str], seed: int) -> tuple[str, bool]:
    """One of them, and whether they were different."""
    digest = sha256("\0".join([str(seed), *sorted(tied)]).encode("utf-8", "surrogatepass")).digest()
    return sorted(tied)[int.from_bytes(digest, "big") % len(tied)], len(set(tied)) > 1


MAJORITY = Selection("majority", lambda _: 1.0, _heaviest)
"""The most frequent answer."""
NAIVE = Selection("naive", _score, _highest)
"""The answer with the highest score."""
WEIGHTED = Selection("weighted", _score, _heaviest)
"""The answer with the largest sum of scores over its equivalent candidates [Snell §5.1, arXiv 2408.03314]; scores are
chances, a negative one would count against its answer."""
