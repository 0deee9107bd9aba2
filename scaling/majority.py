"""The chance that a vote among a random k of n candidates is right: exact, by generating functions.

Keep each candidate with chance k/n, independently, and condition on k being kept: that is a uniform subset of size k,
and it makes the answers independent, so that the generating functions of how many are kept multiply.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, lgamma, log, log1p

import numpy as np
from numpy.typing import NDArray

from scaling.intervals import Floats


@dataclass(frozen=True, slots=True)
class Answer:
    """The candidates that gave one answer, and the share of them that was graded correct."""

    size: int
    share_correct: float


def answers_of(keys: Sequence[str | None], correct: Sequence[bool]) -> tuple[Answer, ...]:
    """Sorted, so that problems with the same pattern of answers look the same. None is no answer."""
    sizes = Counter(key for key in keys if key is not None)
    rights = Counter(key for key, is_correct in zip(keys, correct, strict=True) if is_correct and key is not None)
    answers = (Answer(size, rights[key] / size) for key, size in sizes.items())
    return tuple(sorted(answers, key=lambda answer: (answer.size, answer.share_correct)))


@lru_cache(maxsize=4096)
def chance_of_right_vote(answers: tuple[Answer, ...], num_candidates: int, k: int) -> float:
    if k == num_candidates:
        return _whole_vote(answers)
    chance = k / num_candidates
    most_votes = min(k, max((answer.size for answer in answers if answer.share_correct > 0), default=0))
    fewest_votes = _fewest_to_win(answers, num_candidates, k)
    right = sum(_right_at(answers, num_candidates, k, top) for top in range(fewest_votes, most_votes + 1))
    return min(1.0, right / float(_binomial(num_candidates, chance, k)[k]))


def _fewest_to_win(answers: tuple[Answer, ...], num_candidates: int, k: int) -> int:
    """With fewer votes for the most frequent answer, all candidates together are less than k."""
    num_silent = num_candidates - sum(answer.size for answer in answers)
    votes = (top for top in range(1, k) if num_silent + sum(min(answer.size, top) for answer in answers) >= k)
    return next(votes, k)


def _whole_vote(answers: tuple[Answer, ...]) -> float:
    most = max((answer.size for answer in answers), default=0)
    tied = [answer.share_correct for answer in answers if answer.size == most]
    return sum(tied) / len(tied) if tied else 0.0


def _right_at(answers: tuple[Answer, ...], num_candidates: int, k: int, top: int) -> float:
    """Chance of k kept, the winner having `top` votes, and the draw among the tied falling on a right one.

    Answers with fewer than `top` candidates cannot matter: they fill up the k as candidates without an answer do.
    `ways[0, tied, kept]` is a probability; `ways[1]` is the same times the number of right answers among the tied.
    """
    chance = k / num_candidates
    rivals = [answer for answer in answers if answer.size >= top]
    max_tied = min(k // top, len(rivals))
    ways = np.zeros((2, max_tied + 1, k + 1))
    ways[0, 0] = _binomial(num_candidates - sum(answer.size for answer in rivals), chance, k)
    for answer in rivals:
        kept = _binomial(answer.size, chance, k)[top]
        tied = ways[:, :-1, : k + 1 - top] * kept
        tied[1] += answer.share_correct * tied[0]
        ways = ways @ _below(answer.size, chance, k, top)
        ways[:, 1:, top:] += tied
    return float(sum(ways[1, tied, k] / tied for tied in range(1, max_tied + 1)))


def _below(size: int, chance: float, k: int, top: int) -> Floats:
    """Adds one more answer that has fewer than `top` votes: a matrix from candidates kept before to kept after."""
    kept = np.zeros(2 * k + 1)
    kept[k : k + top] = _binomial(size, chance, k)[:top]
    matrix: Floats = kept[_votes_added(k)]
    return matrix


@lru_cache(maxsize=64)
def _votes_added(k: int) -> NDArray[np.intp]:
    """Where `_below` finds the chance of going from row to column: k is the place of none."""
    return np.arange(k + 1) - np.arange(k + 1)[:, None] + k


@lru_cache(maxsize=8192)
def _binomial(size: int, chance: float, k: int) -> Floats:
    """Chances of 0..k kept out of `size`."""
    return np.array([_binomial_chance(size, chance, kept) for kept in range(k + 1)])


def _binomial_chance(size: int, chance: float, kept: int) -> float:
    if kept > size:
        return 0.0
    if chance >= 1.0:
        return float(kept == size)
    choose = lgamma(size + 1) - lgamma(kept + 1) - lgamma(size - kept + 1)
    return exp(choose + kept * log(chance) + (size - kept) * log1p(-chance))
