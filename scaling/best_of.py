"""The chance that the best of a random k of n scored candidates is right [Snell §5.1].

*Naive*: the candidate with the highest score; exact by order statistics. *Weighted*: the answer with the largest sum of
scores over its candidates; exact over all subsets where they are few, otherwise a seeded Monte-Carlo over random ones,
whose standard error is returned with it. Among equals each is drawn with the same chance. Candidates without an answer
or without a score take up a place among the k and are never chosen.

Axes in suffixes: C candidates, V those that vote, A answers, S subsets.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from scaling.intervals import Floats

MAX_MARKS = 300_000
"""All subsets are looked at where subsets × candidates are not more than these: at every k of up to 16 candidates."""
_SUBSETS_AT_ONCE = 20_000
_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class SubsetMean:
    """A mean over subsets of size k. `standard_error` is 0 where it is exact."""

    value: float
    standard_error: float = 0.0


def naive_best(scores_V: Floats, correct_V: Floats, num_candidates: int, k: int) -> float:
    """The best are those of one score with the chance that none above them is drawn, and one of them is."""
    _, group_V, sizes = np.unique(-scores_V, return_inverse=True, return_counts=True)
    rights = np.bincount(group_V, weights=correct_V, minlength=sizes.size)
    missed = _chances_of_none(num_candidates, k)[np.cumsum([0, *sizes])]
    return float((missed[:-1] - missed[1:]) @ (rights / sizes))


@lru_cache(maxsize=1024)
def _chances_of_none(num_candidates: int, k: int) -> Floats:
    """Chance that a random k of n hold none of the first 0, 1 ... n candidates: C(n−m, k)/C(n, k), as a product."""
    left = np.arange(num_candidates, 0, -1)
    return np.cumprod([1.0, *(np.maximum(left - k, 0) / left)])


def weighted_best(
    scores_C: Floats, keys: Sequence[str | None], correct_C: Floats, k: int, standard_error: float, seed: int
) -> SubsetMean:
    """Scores of candidates that do not vote are NaN. Where nobody votes, the choice is not right.

    Monte-Carlo takes as many subsets as bring a share of any size to the standard error asked for.
    """
    weights_CA, members_CA = _by_answer(scores_C, keys)
    if not members_CA.size:
        return SubsetMean(0.0)
    share_correct_A = (correct_C @ members_CA) / members_CA.sum(axis=0)
    num_draws, num_subsets = math.ceil(0.25 / standard_error**2), math.comb(len(keys), k)
    is_exact = num_subsets <= num_draws or num_subsets * len(keys) <= MAX_MARKS
    order_C = np.arange(len(keys)) if is_exact else np.random.default_rng(seed).permutation(len(keys))
    right_S = np.concatenate(
        [
            _right_choice(subsets_SC.astype(np.float64), weights_CA[order_C], members_CA[order_C], share_correct_A)
            for subsets_SC in ([every_subset(len(keys), k)] if is_exact else random_subsets(len(keys), k, num_draws))
        ]
    )
    return SubsetMean(float(right_S.mean()), 0.0 if is_exact else float(right_S.std()) / math.sqrt(right_S.size))


def _right_choice(subsets_SC: Floats, weights_CA: Floats, members_CA: Floats, share_correct_A: Floats) -> Floats:
    """Share of right ones among the answers with the largest sum, in each subset. Sums differ by more than rounding.

    How much that is goes by the sums: products of many step scores are small, and no less different for it.
    """
    sums_SA = subsets_SC @ weights_CA
    sums_SA[subsets_SC @ members_CA == 0] = -np.inf
    most_S1 = sums_SA.max(axis=1, keepdims=True)
    slack_S1 = _CLOSE * np.abs(np.where(np.isfinite(most_S1), most_S1, 0.0))
    is_best_SA = (sums_SA >= most_S1 - slack_S1) & np.isfinite(sums_SA)
    right_S: Floats = (is_best_SA @ share_correct_A) / np.maximum(1, is_best_SA.sum(axis=1))
    return right_S


def _by_answer(scores_C: Floats, keys: Sequence[str | None]) -> tuple[Floats, Floats]:
    """Each voting candidate's score in the column of its answer, and a 1 there."""
    votes = [None if math.isnan(score) else key for score, key in zip(scores_C.tolist(), keys, strict=True)]
    columns = {key: column for column, key in enumerate(dict.fromkeys(key for key in votes if key is not None))}
    voters = [(row, columns[key]) for row, key in enumerate(votes) if key is not None]
    members_CA = np.zeros((len(keys), len(columns)))
    for row, column in voters:
        members_CA[row, column] = 1.0
    return members_CA * np.nan_to_num(scores_C)[:, None], members_CA


@lru_cache(maxsize=32)
def every_subset(num_candidates: int, k: int) -> NDArray[np.bool_]:
    """All subsets of size k, as marks: subsets × candidates."""
    chosen_SK = np.array(list(combinations(range(num_candidates), k)), dtype=np.intp)
    return _marks(chosen_SK, num_candidates)


def random_subsets(num_candidates: int, k: int, num_subsets: int) -> Iterator[NDArray[np.bool_]]:
    """Uniform subsets of size k, as marks, in pieces that fit the memory.

    Always the same ones, for they are dear to draw: whoever uses them puts the candidates into an order of its own by
    lot, which makes each a uniform subset of those, drawn independently of other jobs.
    """
    for piece, start in enumerate(range(0, num_subsets, _SUBSETS_AT_ONCE)):
        yield _random_piece(num_candidates, k, min(_SUBSETS_AT_ONCE, num_subsets - start), piece)


@lru_cache(maxsize=16)
def _random_piece(num_candidates: int, k: int, num_subsets: int, piece: int) -> NDArray[np.bool_]:
    draws_SC = np.random.default_rng([num_candidates, k, piece]).random((num_subsets, num_candidates), dtype=np.float32)
    return _marks(draws_SC.argpartition(k - 1, axis=1)[:, :k], num_candidates)


def _marks(chosen_SK: NDArray[np.intp], num_candidates: int) -> NDArray[np.bool_]:
    marks_SC = np.zeros((len(chosen_SK), num_candidates), dtype=np.bool_)
    np.put_along_axis(marks_SC, chosen_SK, True, axis=1)
    return marks_SC
