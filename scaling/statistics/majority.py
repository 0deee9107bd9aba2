"""The chance that a vote among a random k of n candidates is right: exact, by generating functions.

Keep each candidate with chance k/n, independently, and condition on k being kept: that is a uniform subset of size k,
and it makes the answers independent, so that the generating functions of how many are kept multiply. They are
multiplied as values at roots of unity, where equally frequent answers are a power.

A draw among t tied answers falls on one of them with chance 1/t = ∫₀¹ x^(t−1) dx: with x for each tied rival, the
generating functions are polynomials in x, which Gauss's quadrature integrates exactly.
"""

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, lgamma, log, log1p

import numpy as np
from numpy.typing import NDArray

from scaling.arrays import Floats

Complex = NDArray[np.complex128]


@dataclass(frozen=True, slots=True)
class AnswerCount:
    """The candidates that gave one answer, and the share of them that was graded correct."""

    size: int
    share_correct: float


def answers_of(keys: Sequence[Hashable | None], correct: Sequence[bool]) -> tuple[AnswerCount, ...]:
    """Sorted, so that problems with the same pattern of answers look the same. None is no answer."""
    sizes = Counter(key for key in keys if key is not None)
    rights = Counter(key for key, is_correct in zip(keys, correct, strict=True) if is_correct and key is not None)
    answers = (AnswerCount(size, rights[key] / size) for key, size in sizes.items())
    return tuple(sorted(answers, key=lambda answer: (answer.size, answer.share_correct)))


@lru_cache(maxsize=4096)
def chance_of_right_vote(answers: tuple[AnswerCount, ...], num_candidates: int, k: int) -> float:
    if k == num_candidates:
        return _whole_vote(answers)
    fewest = _fewest_to_win(answers, num_candidates, k)
    most = min(k, max((answer.size for answer in answers if answer.share_correct > 0), default=0))
    if fewest > most:
        return 0.0
    kept = _Kept(num_candidates, k, most)
    right = sum(_right_at(answers, kept, *votes) for votes in _octaves(fewest, most))
    return min(1.0, max(0.0, right / float(_binomial(num_candidates, k / num_candidates, k)[k])))


def _fewest_to_win(answers: tuple[AnswerCount, ...], num_candidates: int, k: int) -> int:
    """With fewer votes for the most frequent answer, all candidates together are less than k."""
    num_silent = num_candidates - sum(answer.size for answer in answers)
    votes = (top for top in range(1, k) if num_silent + sum(min(answer.size, top) for answer in answers) >= k)
    return next(votes, k)


def _whole_vote(answers: tuple[AnswerCount, ...]) -> float:
    most = max((answer.size for answer in answers), default=0)
    tied = [answer.share_correct for answer in answers if answer.size == most]
    return sum(tied) / len(tied) if tied else 0.0


@dataclass(frozen=True, slots=True)
class _Kept:
    """How many candidates are kept: k of them on average, and up to `most` for one answer."""

    num_candidates: int
    k: int
    most: int

    @property
    def chance(self) -> float:
        return self.k / self.num_candidates

    @property
    def roots_R(self) -> Complex:
        """Half of the roots of unity; the other half are their conjugates."""
        num_roots = self.num_roots
        roots: Complex = np.exp(2j * np.pi * np.arange(num_roots // 2 + 1) / num_roots)
        return roots

    @property
    def num_roots(self) -> int:
        """So many that numbers which differ from k by as many or more, and cannot be told from it, are of no matter.

        Their chance is below 10⁻¹⁸ by Bernstein's inequality.
        """
        num_roots, variance = 32, self.k * (1 - self.chance)
        while num_roots**2 <= 84 * (variance + num_roots / 3):
            num_roots *= 2
        return num_roots

    def at_k(self, values_R: Complex) -> float:
        """The coefficient of k in the polynomial of these values."""
        terms_R = (values_R * self.roots_R ** (-self.k)).real
        return float(2 * terms_R.sum() - terms_R[0] - terms_R[-1]) / self.num_roots


def _octaves(fewest: int, most: int) -> Iterator[tuple[int, int]]:
    """Ranges of votes in which the largest possible number of tied answers is about the same."""
    while fewest <= most:
        yield fewest, min(most, 2 * fewest - 1)
        fewest *= 2


def _right_at(answers: tuple[AnswerCount, ...], kept: _Kept, fewest: int, most: int) -> float:
    """Chance of k kept, the winner having from `fewest` to `most` votes, and the draw among the tied being right.

    Answers with fewer candidates cannot matter: they fill up the k as candidates without an answer do. Axes: V the
    winner's votes, X nodes of the quadrature, R roots of unity.
    """
    rivals = [answer for answer in answers if answer.size >= fewest]
    times = Counter(answer.size for answer in rivals)
    roots_R, nodes_X, weights_X = kept.roots_R, *_quadrature(min(kept.k // fewest, len(rivals)) // 2 + 1)
    tied_VR: dict[int, Complex] = {}
    rival_VXR: dict[int, Complex] = {}
    powers: Complex = np.power(roots_R, np.arange(most + 1)[:, None])
    for size in times:
        terms: Complex = powers * _binomial(size, kept.chance, kept.most)[: most + 1, None]
        below_VR: Complex = np.cumsum(terms, axis=0)[fewest - 1 : most]
        tied_VR[size] = terms[fewest:]
        draws_VXR: Complex = tied_VR[size][:, None] * nodes_X[:, None]
        rival_VXR[size] = draws_VXR + below_VR[:, None]
    others = (1 - kept.chance + kept.chance * roots_R) ** (kept.num_candidates - sum(answer.size for answer in rivals))
    right = 0.0
    for size in times:
        num_right = sum(answer.share_correct for answer in rivals if answer.size == size)
        if num_right:
            ways_VXR: Complex = np.ones_like(rival_VXR[size])
            for other, count in (times - Counter([size])).items():
                ways_VXR = ways_VXR * _power(rival_VXR[other], count)
            ways_VR = (weights_X @ ways_VXR) * tied_VR[size]
            right += num_right * kept.at_k(ways_VR.sum(axis=0) * others)
    return right


def _power(values: Complex, exponent: int) -> Complex:
    """By squaring, which numpy does not do for complex numbers."""
    if exponent == 1:
        return values
    half = _power(values, exponent // 2)
    return half * half * values if exponent % 2 else half * half


@lru_cache(maxsize=256)
def _quadrature(num_nodes: int) -> tuple[Floats, Floats]:
    """Gauss and Legendre's, from 0 to 1: exact for polynomials of degree 2 · nodes − 1."""
    nodes_X, weights_X = np.polynomial.legendre.leggauss(num_nodes)
    return (nodes_X + 1) / 2, weights_X / 2


@lru_cache(maxsize=8192)
def _binomial(size: int, chance: float, most: int) -> Floats:
    """Chances of 0 to `most` kept out of `size`."""
    return np.array([_binomial_chance(size, chance, kept) for kept in range(most + 1)])


def _binomial_chance(size: int, chance: float, kept: int) -> float:
    if kept > size:
        return 0.0
    choose = lgamma(size + 1) - lgamma(kept + 1) - lgamma(size - kept + 1)
    return exp(choose + kept * log(chance) + (size - kept) * log1p(-chance))
