"""One answer out of many: by their number, by one score, or by the sum of scores. Pure, and any order gives the same.

Nobody votes whose answer could not be read or was truncated, however well it scored. What is equal is parted by a draw
that hashes the seed with the tied keys, so that one seed for many problems does not favour, say, always the smallest.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import fsum, isnan, prod
from typing import Literal, get_args

from scaling.types import Candidate, Outcome

CLOSE = 1e-9
"""Sums of scores that differ by no more than this part of the largest are equal but for rounding."""

How = Literal["majority", "naive", "weighted"]
"""majority: the most frequent answer. naive: the answer with the highest score. weighted: the answer with the largest
sum of scores over its equivalent candidates [Snell §5.1, arXiv 2408.03314]; scores are chances, a negative one would
count against its answer."""

Aggregate = Literal["last", "min", "product", "mean"]
"""How the scores of a solution's steps become its own [Snell §5.1 and appendix]."""

_AGGREGATES: Mapping[str, Callable[[Sequence[float]], float]] = {
    "last": lambda scores: scores[-1],
    "min": min,
    "product": prod,
    "mean": lambda scores: fsum(scores) / len(scores),
}


@dataclass(frozen=True, slots=True)
class VoteResult:
    """`winner` and `index` (the winner's first candidate) are None if nobody voted. `is_tie`: a draw decided."""

    winner: str | None
    index: int | None
    is_tie: bool
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which candidate speaks for all; None if nobody votes. `is_tie`: a draw between different answers decided."""

    index: int | None
    is_tie: bool


def aggregate(step_scores: Sequence[float], how: Aggregate) -> float | None:
    """The score of a whole solution; None if no step was scored."""
    return _AGGREGATES[how](step_scores) if step_scores else None


def vote(keys: Sequence[str | None], seed: int) -> VoteResult:
    """The most frequent key; None does not vote."""
    counts = Counter(key for key in keys if key is not None)
    most = max(counts.values(), default=0)
    winner, is_tie = _drawn([key for key, count in counts.items() if count == most], seed)
    index = None if winner is None else list(keys).index(winner)
    return VoteResult(winner, index, is_tie, dict(counts))


def select(candidates: Sequence[Candidate], how: How, seed: int) -> str | None:
    """The answer that the candidates give together; None if none of them has one to give."""
    index = choose(candidates, how, seed).index
    return None if index is None else candidates[index].answer


def choose(candidates: Sequence[Candidate], how: How, seed: int) -> Choice:
    """The candidate whose answer `select` gives: of the winning answer's, the one that scored highest, then the first.

    Where scores decide, a candidate without one (None or NaN) does not vote; if none that can vote has one, they vote
    by their number. Naive draws among the candidates that scored highest, so that of equals an answer given twice has
    twice the chance; the others among answers.
    """
    if how not in get_args(How):
        raise ValueError(f"how={how!r}: expected one of {', '.join(get_args(How))}")
    if all(_weight(each, how) is None for each in candidates):
        how = "majority"
    scores_by_key: defaultdict[str, list[float]] = defaultdict(list)
    for candidate in candidates:
        score = _weight(candidate, how)
        if candidate.key is not None and score is not None:
            scores_by_key[candidate.key].append(score)
    winner, is_tie = _drawn(_highest(scores_by_key) if how == "naive" else _heaviest(scores_by_key), seed)
    if winner is None:
        return Choice(None, is_tie=False)
    best = max(scores_by_key[winner])
    chosen = (each.key == winner and _weight(each, how) == best for each in candidates)
    return Choice(list(chosen).index(True), is_tie)


def concluded(candidates: Sequence[Candidate], how: How, seed: int) -> Outcome:
    """The outcome of a choice. If nobody votes, the first candidate speaks for the job, with its own verdict."""
    choice = choose(candidates, how, seed)
    return Outcome(tuple(candidates), chosen=choice.index or 0, is_tie=choice.is_tie)


def _weight(candidate: Candidate, how: How) -> float | None:
    """None: it does not vote."""
    if not candidate.can_vote:
        return None
    if how == "majority":
        return 1.0
    return None if candidate.score is None or isnan(candidate.score) else candidate.score


def _highest(scores_by_key: Mapping[str, Sequence[float]]) -> list[str]:
    """The key of each candidate that scored highest."""
    highest = max((max(scores) for scores in scores_by_key.values()), default=0.0)
    return [key for key, scores in scores_by_key.items() for score in scores if score == highest]


def _heaviest(scores_by_key: Mapping[str, Sequence[float]]) -> list[str]:
    """The keys with the largest sum of scores; sums that differ by rounding only are equal."""
    sums = {key: fsum(scores) for key, scores in scores_by_key.items()}
    most = max(sums.values(), default=0.0)
    return [key for key, total in sums.items() if total >= most - CLOSE * abs(most)]


def _drawn(tied: Sequence[str], seed: int) -> tuple[str | None, bool]:
    """One of them, and whether they were different. None of none."""
    if not tied:
        return None, False
    digest = sha256("\0".join([str(seed), *sorted(tied)]).encode("utf-8", "surrogatepass")).digest()
    return sorted(tied)[int.from_bytes(digest, "big") % len(tied)], len(set(tied)) > 1
