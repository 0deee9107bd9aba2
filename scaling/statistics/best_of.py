"""The chance that the best of a random k of n scored candidates is right [Snell §5.1].

*Naive*: the candidate with the highest score; exact by order statistics. *Weighted*: the answer with the largest sum of
scores over its candidates; exact over all subsets where they are few, otherwise a seeded Monte-Carlo over random ones,
whose standard error is returned with it. Equals are drawn for as a strategy's own choice draws (`voting`): naive among
candidates, weighted among answers. Candidates without an answer or without a score take up a place among the k and are
not chosen here: what they choose among themselves is a vote (`curves`).

Axes in suffixes: C candidates, V those that vote, A answers, S subsets.
"""

import math
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, islice

import numpy as np
from numpy.typing import NDArray

from scaling.answers.voting import CLOSE
from scaling.arrays import Floats

Marks = NDArray[np.bool_]
"""Which candidates (rows) are in which subsets (columns)."""

MAX_MARKS = 300_000
"""All subsets are looked at where subsets × candidates are not more than these: at every k of up to 16 candidates."""
_MARKS_AT_ONCE = 2_000_000
_HUGE = 1e150
"""What an infinite score counts: sums of them are finite."""


@dataclass(frozen=True, slots=True)
class SubsetMean:
    """A mean over subsets of size k. `standard_error` is 0 where it is exact."""

    value: float
    standard_error: float = 0.0

    def raised_by(self, exact: float) -> "SubsetMean":
        """With what other subsets give, of which the mean is known."""
        return SubsetMean(min(1.0, self.value + exact), self.standard_error)


def naive_best(scores_V: Floats, correct_V: Floats, num_candidates: int, k: int) -> float:
    """The best are those of one score with the chance that none above them is drawn, and one of them is."""
    _, group_V, sizes = np.unique(-scores_V, return_inverse=True, return_counts=True)
    rights = np.bincount(group_V, weights=correct_V, minlength=sizes.size)
    missed = _chances_of_none(num_candidates, k)[np.cumsum([0, *sizes])]
    return min(1.0, float((missed[:-1] - missed[1:]) @ (rights / sizes)))  # a sum may be a rounding more


@lru_cache(maxsize=1024)
def _chances_of_none(num_candidates: int, k: int) -> Floats:
    """Chance that a random k of n hold none of the first 0, 1 ... n candidates: C(n−m, k)/C(n, k), as a product."""
    left = np.arange(num_candidates, 0, -1)
    return np.cumprod([1.0, *(np.maximum(left - k, 0) / left)])


def weighted_best(
    scores_C: Floats, keys: Sequence[Hashable | None], correct_C: Floats, k: int, standard_error: float, seed: int
) -> SubsetMean:
    """Scores of candidates that do not vote are NaN. Where nobody votes, the choice is not right.

    Monte-Carlo takes as many subsets as bring a share of any size to the standard error asked for.
    """
    voters_V, starts_A = _by_answer(scores_C, keys)
    if not voters_V.size:
        return SubsetMean(0.0)
    scores_V = np.clip(scores_C[voters_V], -_HUGE, _HUGE)
    share_correct_A = np.add.reduceat(correct_C[voters_V], starts_A) / np.diff([*starts_A, voters_V.size])
    num_draws, num_subsets = math.ceil(0.25 / standard_error**2), math.comb(len(keys), k)
    is_exact = num_subsets <= num_draws or num_subsets * len(keys) <= MAX_MARKS
    if is_exact:
        pieces, places_V = every_subset(len(keys), k), voters_V
    else:
        pieces = random_subsets(len(keys), k, num_draws)
        places_V = np.random.default_rng(seed).permutation(len(keys))[voters_V]
    right_S = np.concatenate(
        [_right_choice(subsets_CS[places_V], scores_V, starts_A, share_correct_A) for subsets_CS in pieces]
    )
    return SubsetMean(float(right_S.mean()), 0.0 if is_exact else float(right_S.std()) / math.sqrt(right_S.size))


def _right_choice(subsets_VS: Marks, scores_V: Floats, starts_A: NDArray[np.intp], share_correct_A: Floats) -> Floats:
    """Share of right ones among the answers with the largest sum, in each subset. Sums differ by more than rounding.

    How much that is goes by the sums: products of many step scores are small, and no less different for it.
    """
    sums_AS = np.add.reduceat(subsets_VS * scores_V[:, None], starts_A, axis=0)
    if scores_V.min() <= 0:  # otherwise a sum above 0 tells that the answer is there
        sums_AS[~np.logical_or.reduceat(subsets_VS, starts_A, axis=0)] = -np.inf
    most_S = sums_AS.max(axis=0)
    is_chosen_S = np.isfinite(most_S) if scores_V.min() <= 0 else most_S > 0
    is_best_AS = sums_AS >= most_S - CLOSE * np.abs(np.where(is_chosen_S, most_S, 0.0))
    can_be_right_A = share_correct_A > 0
    rights_S = share_correct_A[can_be_right_A] @ is_best_AS[can_be_right_A]
    right_S: Floats = np.where(is_chosen_S, rights_S / is_best_AS.sum(axis=0), 0.0)
    return right_S


def _by_answer(scores_C: Floats, keys: Sequence[Hashable | None]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The candidates that vote, those with the same answer together; and where each answer's begin."""
    members: dict[Hashable, list[int]] = {}
    for candidate, (score, key) in enumerate(zip(scores_C.tolist(), keys, strict=True)):
        if key is not None and not math.isnan(score):
            members.setdefault(key, []).append(candidate)
    sizes_A = [len(candidates) for candidates in members.values()]
    starts_A = np.cumsum([0, *sizes_A], dtype=np.intp)[:-1]
    return np.array([each for candidates in members.values() for each in candidates], dtype=np.intp), starts_A


def every_subset(num_candidates: int, k: int) -> Iterable[Marks]:
    """All subsets of size k, in pieces. They are kept where they are few."""
    if math.comb(num_candidates, k) * num_candidates <= MAX_MARKS:
        return (_few_subsets(num_candidates, k),)
    return _many_subsets(num_candidates, k)


@lru_cache(maxsize=32)
def _few_subsets(num_candidates: int, k: int) -> Marks:
    (all_of_them,) = _many_subsets(num_candidates, k)
    return all_of_them


def _many_subsets(num_candidates: int, k: int) -> Iterator[Marks]:
    subsets = combinations(range(num_candidates), k)
    while chosen := list(islice(subsets, _subsets_at_once(num_candidates))):
        marks_CS = np.zeros((num_candidates, len(chosen)), dtype=np.bool_)
        np.put_along_axis(marks_CS, np.array(chosen, dtype=np.intp).T, True, axis=0)
        yield marks_CS


def random_subsets(num_candidates: int, k: int, num_subsets: int) -> Iterator[Marks]:
    """Uniform subsets of size k, in pieces that fit the memory.

    Always the same ones, for they are dear to draw: whoever uses them puts the candidates into an order of its own by
    lot, which makes each a uniform subset of those, drawn independently of other jobs.
    """
    at_once = _subsets_at_once(num_candidates)
    for piece, start in enumerate(range(0, num_subsets, at_once)):
        yield _random_piece(num_candidates, k, min(at_once, num_subsets - start), piece)


@lru_cache(maxsize=16)
def _random_piece(num_candidates: int, k: int, num_subsets: int, piece: int) -> Marks:
    """By Floyd's method: the i-th draw is among the first n − k + i, and the last of them if it was drawn before
    (Bentley & Floyd 1987, Communications of the ACM 30:754)."""
    generator, every_S = np.random.default_rng([num_candidates, k, piece]), np.arange(num_subsets)
    num_drawn = min(k, num_candidates - k)  # those that are left out, if they are fewer
    marks_CS = np.zeros((num_candidates, num_subsets), dtype=np.bool_)
    for last in range(num_candidates - num_drawn, num_candidates):
        drawn_S = generator.integers(last + 1, size=num_subsets)
        marks_CS[np.where(marks_CS[drawn_S, every_S], last, drawn_S), every_S] = True
    return marks_CS if num_drawn == k else ~marks_CS


def _subsets_at_once(num_candidates: int) -> int:
    return max(1, _MARKS_AT_ONCE // num_candidates)
