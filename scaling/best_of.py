"""The chance that the best of a random k of n scored candidates is right [Snell §5.1].

*Naive*: the candidate with the highest score; exact by order statistics. *Weighted*: the answer with the largest sum of
scores over its candidates; exact over all subsets where they are few, otherwise a seeded Monte-Carlo over random ones,
whose standard error is returned with it. Among equals each is drawn with the same chance.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from scaling.intervals import Floats

MAX_SUBSETS = 20_000
"""All subsets are looked at when they are not more than these (all of every size up to 16 candidates)."""
_SUBSETS_AT_ONCE = 20_000
_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class SubsetMean:
    """A mean over subsets of size k. `standard_error` is 0 where it is exact."""

    value: float
    standard_error: float = 0.0


def naive_best(scores_C: Floats, correct_C: Floats, k: int) -> float:
    """The best are tied with the chance that none above them is drawn, and one of them is."""
    distinct, group_C, sizes = np.unique(-scores_C, return_inverse=True, return_counts=True)
    rights = np.bincount(group_C, weights=correct_C, minlength=distinct.size)
    beyond = np.array([_chance_of_none(scores_C.size, above, k) for above in np.cumsum([0, *sizes])])
    return float((beyond[:-1] - beyond[1:]) @ (rights / sizes))


def _chance_of_none(num_candidates: int, num_marked: int, k: int) -> float:
    """Chance that a random k of the candidates hold none of the marked ones: C(n−m, k)/C(n, k), as a product."""
    left = num_candidates - num_marked
    return math.prod(1 - k / each for each in range(left + 1, num_candidates + 1)) if left >= k else 0.0


def weighted_best(
    scores_C: Floats, keys: Sequence[str | None], correct_C: Floats, k: int, standard_error: float, seed: int
) -> SubsetMean:
    """Candidates without a key have no answer to weigh; where nobody has one, the choice is not right.

    Monte-Carlo takes as many subsets as bring a share of any size to the standard error asked for.
    """
    weights_CA, share_correct_A, member_CA = _by_answer(scores_C, keys, correct_C)
    if not share_correct_A.size:
        return SubsetMean(0.0)
    is_exact = math.comb(len(keys), k) <= MAX_SUBSETS
    num_draws = math.ceil(0.25 / standard_error**2)
    pieces = [every_subset(len(keys), k)] if is_exact else random_subsets(len(keys), k, num_draws, seed)
    right_S = np.concatenate([_right_choice(piece_SC, weights_CA, share_correct_A, member_CA) for piece_SC in pieces])
    error = 0.0 if is_exact else float(right_S.std()) / math.sqrt(right_S.size)
    return SubsetMean(float(right_S.mean()), error)


def _right_choice(
    subsets_SC: NDArray[np.bool_], weights_CA: Floats, share_correct_A: Floats, member_CA: Floats
) -> Floats:
    """Share of right ones among the answers with the largest sum, in each subset. Sums differ by more than rounding."""
    chosen_SC = subsets_SC.astype(np.float64)
    sums_SA = np.where(chosen_SC @ member_CA > 0, chosen_SC @ weights_CA, -np.inf)
    most_S1 = sums_SA.max(axis=1, keepdims=True)
    has_answer_S1 = np.isfinite(most_S1)
    slack_S1 = _CLOSE * np.maximum(1.0, np.abs(np.where(has_answer_S1, most_S1, 0.0)))
    is_best_SA = (sums_SA >= most_S1 - slack_S1) & has_answer_S1
    right_S: Floats = (is_best_SA @ share_correct_A) / np.maximum(1, is_best_SA.sum(axis=1))
    return right_S


def _by_answer(scores_C: Floats, keys: Sequence[str | None], correct_C: Floats) -> tuple[Floats, Floats, Floats]:
    """Each candidate's score in its answer's column, each answer's share of correct candidates, and who gave it."""
    answers = sorted({key for key in keys if key is not None})
    member_CA = np.array([[float(key == answer) for answer in answers] for key in keys]).reshape(len(keys), -1)
    share_correct_A = (correct_C @ member_CA) / member_CA.sum(axis=0)
    return scores_C[:, None] * member_CA, share_correct_A, member_CA


@lru_cache(maxsize=32)
def every_subset(num_candidates: int, k: int) -> NDArray[np.bool_]:
    """All subsets of size k, as marks: subsets × candidates."""
    chosen_SK = np.array(list(combinations(range(num_candidates), k)), dtype=np.intp)
    marks_SC = np.zeros((len(chosen_SK), num_candidates), dtype=np.bool_)
    np.put_along_axis(marks_SC, chosen_SK, True, axis=1)
    return marks_SC


def random_subsets(num_candidates: int, k: int, num_subsets: int, seed: int) -> Iterator[NDArray[np.bool_]]:
    """Independent uniform subsets of size k, as marks, in pieces that fit the memory."""
    generator = np.random.default_rng(seed)
    for start in range(0, num_subsets, _SUBSETS_AT_ONCE):
        size = (min(_SUBSETS_AT_ONCE, num_subsets - start), num_candidates)
        chosen_SK = generator.random(size, dtype=np.float32).argpartition(k - 1, axis=1)[:, :k]
        marks_SC = np.zeros(size, dtype=np.bool_)
        np.put_along_axis(marks_SC, chosen_SK, True, axis=1)
        yield marks_SC
