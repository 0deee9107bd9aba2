"""What a curve of accuracy says: pass@k and maj@k read off one arm's candidates, and a sweep in three numbers.

Control, Performance and Scaling are those of s1 (arXiv 2501.19393 §3.2). Estimates and their intervals are
`estimates`' work; nothing here draws or queries.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np

from scaling.estimates import Estimate, Floats, mean


@dataclass(frozen=True, slots=True)
class AtK:
    """What k candidates would have given, over problems."""

    k: int
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class JobBallot:
    """One job's candidates: the key each votes with (None does not vote) and whether each is correct."""

    problem: str
    keys: tuple[str | None, ...]
    correct: tuple[bool, ...]


def pass_at_k(num_candidates: int, num_correct: int, k: int) -> float:
    """Chance that a random k of the candidates hold a correct one: 1 − C(n−c, k)/C(n, k), unbiased.

    Chen et al., arXiv 2107.03374 §2.1; as a product, which neither overflows nor cancels.
    """
    _require_k(k, num_candidates)
    if not 0 <= num_correct <= num_candidates:
        raise ValueError(f"num_correct is {num_correct}, expected 0 to {num_candidates}")
    misses = (1 - k / left for left in range(num_candidates - num_correct + 1, num_candidates + 1))
    return 1.0 if num_candidates - num_correct < k else 1.0 - math.prod(misses, start=1.0)


def maj_at_k(keys: Sequence[str | None], correct: Sequence[bool], k: int) -> float:
    """Chance that a vote among a random k of the candidates is right, over all subsets of size k.

    Exact for every n and k, so that no Monte-Carlo error is plotted. Unparsed candidates do not vote; among tied
    answers each is drawn with the same chance; where nobody votes, the vote is not right. Candidates with one key
    that were graded apart count with their share.
    """
    _require_k(k, len(keys))
    if len(keys) != len(correct):
        raise ValueError(f"each candidate needs a key and a verdict, got {len(keys)} keys and {len(correct)} verdicts")
    sizes = Counter(key for key in keys if key is not None)
    rights = Counter(key for key, is_correct in zip(keys, correct, strict=True) if is_correct and key is not None)
    groups = tuple(sorted((size, rights[key] / size) for key, size in sizes.items()))
    return _chance_of_right_vote(groups, len(keys) - sizes.total(), k)


@lru_cache(maxsize=65_536)
def _chance_of_right_vote(groups: tuple[tuple[int, float], ...], num_silent: int, k: int) -> float:
    """`groups` are (candidates, share correct) of each answer.

    Keep each candidate with chance k/n, independently, and condition on k being kept: that is a uniform subset of
    size k, and makes answers independent, so generating functions in the number kept multiply.
    """
    num_candidates = num_silent + sum(size for size, _ in groups)
    chance = k / num_candidates
    most_votes = min(k, max((size for size, _ in groups), default=0))
    right = sum(_right_at(groups, num_silent, k, chance, top) for top in range(1, most_votes + 1))
    return min(1.0, right / float(_binomial(num_candidates, chance, k)[k]))


def _right_at(groups: tuple[tuple[int, float], ...], num_silent: int, k: int, chance: float, top: int) -> float:
    """Chance of k kept, the winner having `top` votes, and the draw among the tied falling on a right one.

    `ways[tied, kept]` is a probability; `rights` is the same times the number of right answers among the tied.
    """
    max_tied = min(k // top, len(groups))
    ways = np.zeros((max_tied + 1, k + 1))
    ways[0] = _binomial(num_silent, chance, k)
    rights = np.zeros_like(ways)
    for size, share_correct in groups:
        kept = _binomial(size, chance, k)
        tied_ways, tied_rights = np.zeros_like(ways), np.zeros_like(ways)
        tied_ways[1:, top:] = ways[:-1, : k + 1 - top] * kept[top]
        tied_rights[1:, top:] = (rights + share_correct * ways)[:-1, : k + 1 - top] * kept[top]
        ways, rights = _below(ways, kept, top) + tied_ways, _below(rights, kept, top) + tied_rights
    return float(sum(rights[tied, k] / tied for tied in range(1, max_tied + 1)))


def _below(ways: Floats, kept: Floats, top: int) -> Floats:
    """One more answer with fewer than `top` votes."""
    total: Floats = ways * kept[0]
    for votes in range(1, top):
        if kept[votes] > 0:
            total[:, votes:] += ways[:, : ways.shape[1] - votes] * kept[votes]
    return total


@lru_cache(maxsize=4096)
def _binomial(size: int, chance: float, k: int) -> Floats:
    """Chances of 0..k kept out of `size`."""
    return np.array([_binomial_chance(size, chance, kept) for kept in range(k + 1)])


def _binomial_chance(size: int, chance: float, kept: int) -> float:
    if kept > size:
        return 0.0
    if chance >= 1.0:
        return float(kept == size)
    choose = math.lgamma(size + 1) - math.lgamma(kept + 1) - math.lgamma(size - kept + 1)
    return math.exp(choose + kept * math.log(chance) + (size - kept) * math.log1p(-chance))


def pass_curve(ballots: Sequence[JobBallot], ks: Sequence[int], seed: int = 0) -> tuple[AtK, ...]:
    """pass@k over problems, repeats averaged within their problem."""
    return tuple(AtK(k, _over_problems(ballots, k, seed, is_vote=False)) for k in ks)


def maj_curve(ballots: Sequence[JobBallot], ks: Sequence[int], seed: int = 0) -> tuple[AtK, ...]:
    """maj@k over problems, repeats averaged within their problem."""
    return tuple(AtK(k, _over_problems(ballots, k, seed, is_vote=True)) for k in ks)


def powers_of_two(limit: int) -> tuple[int, ...]:
    """1, 2, 4 ... and `limit` itself: the k to draw for `limit` candidates."""
    return (*(2**power for power in range(limit.bit_length()) if 2**power < limit), limit) if limit >= 1 else ()


def _over_problems(ballots: Sequence[JobBallot], k: int, seed: int, *, is_vote: bool) -> Estimate:
    values: defaultdict[str, list[float]] = defaultdict(list)
    for ballot in ballots:
        value = (
            maj_at_k(ballot.keys, ballot.correct, k)
            if is_vote
            else pass_at_k(len(ballot.correct), sum(ballot.correct), k)
        )
        values[ballot.problem].append(value)
    means_P1 = np.array([[sum(of_problem) / len(of_problem)] for of_problem in values.values()])
    return mean(means_P1.reshape(-1, 1), seed)


def control(settings: Sequence[tuple[float, float, float]]) -> float:
    """Share of settings (thinking tokens, a_min, a_max) whose tokens lie within their own limits [s1 Eq. 1]."""
    if not settings:
        return math.nan
    return sum(low <= tokens <= high for tokens, low, high in settings) / len(settings)


def performance(points: Sequence[tuple[float, float]]) -> float:
    """Highest accuracy among (tokens, accuracy) [s1 Eq. 3]."""
    return max((accuracy for _, accuracy in points), default=math.nan)


def slope_per_doubling(points: Sequence[tuple[float, float]]) -> float:
    """Scaling [s1 Eq. 2] with x in log2(tokens): points of accuracy per doubling. The published values are these.

    Points without thinking tokens have no logarithm and are refused.
    """
    if any(tokens <= 0 for tokens, _ in points):
        raise ValueError("a point with 0 thinking tokens has no place on a logarithmic axis; leave it out")
    return _mean_slope([(math.log2(tokens), accuracy) for tokens, accuracy in points])


def slope_per_thousand_tokens(points: Sequence[tuple[float, float]]) -> float:
    """Scaling [s1 Eq. 2] as printed, x in thousands of tokens."""
    return _mean_slope([(tokens / 1000, accuracy) for tokens, accuracy in points])


def _mean_slope(points: Sequence[tuple[float, float]]) -> float:
    """Mean slope over all pairs of points that differ in x; NaN without such a pair."""
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(sorted(points), 2) if b[0] != a[0]]
    return sum(slopes) / len(slopes) if slopes else math.nan


def _require_k(k: int, num_candidates: int) -> None:
    if not 1 <= k <= num_candidates:
        raise ValueError(f"k is {k}, expected 1 to {num_candidates}, the number of candidates")
