"""What fewer candidates would have given, read off the ones there are.

pass@k, maj@k and best-of-k are unbiased: means over all subsets of k of a job's n candidates. pass@k, maj@k and naive
best-of-k are exact for every n and k. Weighted best-of-k is exact at every k of up to 16 candidates, otherwise a seeded
Monte-Carlo whose error, over the curve, stays below the tenth of a point that is drawn, and is returned. All of it is
of one job: means over problems, and their intervals, are `estimates`.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from scaling.statistics import best_of, majority
from scaling.statistics.best_of import SubsetMean
from scaling.types import Verdict

BestOf = Literal["naive", "weighted"]

DRAWN_PRECISION = 0.001
"""Accuracy is shown to a tenth of a point: no Monte-Carlo error may be larger."""
MAX_JOB_ERROR = 0.03
"""Even among many jobs each has this Monte-Carlo error at most."""


@dataclass(frozen=True, slots=True)
class JobBallot:
    """One job's candidates: the key each votes with (None does not vote), whether each is correct, and its score."""

    problem: str
    keys: tuple[str | None, ...]
    correct: tuple[bool, ...]
    scores: tuple[float, ...] = ()

    @classmethod
    def of(
        cls, problem: str, keys: Sequence[str | None], verdicts: Sequence[Verdict], scores: Sequence[float]
    ) -> "JobBallot":
        """As graded: truncated candidates do not vote, whatever number stood last."""
        votes = zip(keys, verdicts, strict=True)
        voted = tuple(None if verdict is Verdict.TRUNCATED else key for key, verdict in votes)
        return cls(problem, voted, tuple(verdict is Verdict.CORRECT for verdict in verdicts), tuple(scores))


@lru_cache(maxsize=65_536)
def pass_at_k(n: int, c: int, k: int) -> float:
    """Chance that a random k of n candidates, c of them correct, hold a correct one: 1 − C(n−c, k)/C(n, k).

    Chen et al., arXiv 2107.03374 §2.1; as a product, which neither overflows nor cancels.
    """
    n, k = int(n), _whole_k(k, n)
    if not 0 <= c <= n or c % 1:
        raise ValueError(f"c, the number of correct candidates, is {c}; expected a whole number from 0 to {n}")
    misses = (1 - k / left for left in range(n - int(c) + 1, n + 1))
    return 1.0 if n - c < k else 1.0 - math.prod(misses, start=1.0)


def maj_at_k(keys: Sequence[Hashable | None], correct: Sequence[bool], k: int) -> float:
    """Chance that a vote among a random k of the candidates is right, over all subsets of size k.

    Exact for every n and k. Unparsed candidates (None) do not vote; among tied answers each is drawn with the same
    chance; where nobody votes, the vote is not right. Candidates with one key that were graded apart count with their
    share.
    """
    k = _whole_k(k, len(keys))
    _require_verdicts(keys, correct)
    return majority.chance_of_right_vote(majority.answers_of(keys, correct), len(keys), k)


def best_of_k_mean(
    scores: Sequence[float],
    keys: Sequence[Hashable | None],
    correct: Sequence[bool],
    k: int,
    how: BestOf,
    seed: int = 0,
    standard_error: float = DRAWN_PRECISION,
) -> SubsetMean:
    """Chance that the best of a random k of the candidates is right; `how` is naive or weighted [Snell §5.1].

    Naive chooses the highest score, weighted the answer with the largest sum of scores. As in a strategy's own choice,
    a candidate whose answer could not be read (key None) is never chosen, and one that was not scored (NaN) only by a
    vote among such, where none that was scored is there; if none can be, the choice is not right. NaN where there are
    answers but no score at all. The standard error is that of a Monte-Carlo, at most the one asked for; 0 where the
    chance is exact.
    """
    k = _whole_k(k, len(keys))
    _require_verdicts(keys, correct)
    scores_C, correct_C = np.asarray(scores, dtype=np.float64), np.asarray(correct, dtype=np.float64)
    if scores_C.shape != correct_C.shape:
        raise ValueError(f"each of the {len(keys)} candidates needs a score (NaN: none), got {scores_C.size}")
    votes_C = np.array([key is not None for key in keys]) & ~np.isnan(scores_C)
    if np.isnan(scores_C).all() and any(key is not None for key in keys):
        return SubsetMean(math.nan)
    unscored = _vote_of_the_unscored(keys, correct, votes_C, k)
    if how == "naive":
        best = best_of.naive_best(scores_C[votes_C], correct_C[votes_C], len(keys), k)
        return SubsetMean(best).raised_by(unscored)
    if how == "weighted":
        return best_of.weighted_best(scores_C, keys, correct_C, k, standard_error, seed).raised_by(unscored)
    raise ValueError(f"how is {how!r}, expected 'naive' or 'weighted'")


def _vote_of_the_unscored(
    keys: Sequence[Hashable | None], correct: Sequence[bool], has_score_C: NDArray[np.bool_], k: int
) -> float:
    """Chance that none of k was scored, C(n − scored, k)/C(n, k), times the chance that their vote is right."""
    others = [(key, right) for key, right, has_score in zip(keys, correct, has_score_C, strict=True) if not has_score]
    if k > len(others) or not any(right for _, right in others):
        return 0.0
    its_keys, its_correct = zip(*others, strict=True)
    chance = math.prod((len(others) - drawn) / (len(keys) - drawn) for drawn in range(k))
    return chance * maj_at_k(its_keys, its_correct, k)


def error_of_one_job(num_problems: int) -> float:
    """The Monte-Carlo error that each job of a curve over so many problems may have."""
    return min(MAX_JOB_ERROR, DRAWN_PRECISION / 2 * math.sqrt(num_problems))


def powers_of_two(limit: int) -> tuple[int, ...]:
    """1, 2, 4 ... and `limit` itself: the k to draw for `limit` candidates."""
    return (*(2**power for power in range(limit.bit_length()) if 2**power < limit), limit) if limit >= 1 else ()


def _require_verdicts(keys: Sequence[Hashable | None], correct: Sequence[bool]) -> None:
    if len(keys) != len(correct):
        raise ValueError(f"each candidate needs a key and a verdict, got {len(keys)} keys and {len(correct)} verdicts")
    strange = [verdict for verdict in correct if verdict not in (True, False)]
    if strange:
        raise ValueError(f"a verdict is {strange[0]!r}, expected True or False; leave out candidates without one")


def _whole_k(k: float, num_candidates: int) -> int:
    if num_candidates < 1:
        raise ValueError("there is no candidate; leave out jobs that have none")
    if not 1 <= k <= num_candidates or k % 1:
        raise ValueError(f"k is {k}, expected 1 to {num_candidates}, the number of candidates, and no fraction")
    return int(k)
