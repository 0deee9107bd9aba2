"""Curves of ballots at hand, as results have them of what is stored; and best-of-k without its Monte-Carlo error."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scaling.arrays import Floats
from scaling.statistics.at_k import BestOf, JobBallot, best_of_k_mean, error_of_one_job, maj_at_k, pass_at_k
from scaling.statistics.estimates import Estimate, share


@dataclass(frozen=True, slots=True)
class AtK:
    """What k candidates would have given, over problems. `standard_error` is the Monte-Carlo's: 0 where exact."""

    k: int
    estimate: Estimate
    standard_error: float = 0.0


def best_of_k(
    scores: Sequence[float],
    keys: Sequence[Hashable | None],
    correct: Sequence[bool],
    k: int,
    how: BestOf,
    seed: int = 0,
) -> float:
    return best_of_k_mean(scores, keys, correct, k, how, seed).value


def pass_curve(ballots: Sequence[JobBallot], ks: Sequence[int]) -> tuple[AtK, ...]:
    values_JK = [[pass_at_k(len(job.correct), sum(job.correct), k) for k in ks] for job in ballots]
    return curve([job.problem for job in ballots], ks, values_JK)


def maj_curve(ballots: Sequence[JobBallot], ks: Sequence[int]) -> tuple[AtK, ...]:
    values_JK = [[maj_at_k(job.keys, job.correct, k) for k in ks] for job in ballots]
    return curve([job.problem for job in ballots], ks, values_JK)


def best_of_curve(ballots: Sequence[JobBallot], ks: Sequence[int], how: BestOf, seed: int = 0) -> tuple[AtK, ...]:
    """Each job draws its own subsets. Their errors average out, so that each may be √problems times the curve's."""
    seeds = np.random.SeedSequence(seed).generate_state(max(1, len(ballots))).tolist()
    error = error_of_one_job(len({job.problem for job in ballots}))
    means_JK = [
        [best_of_k_mean(job.scores, job.keys, job.correct, k, how, job_seed, error) for k in ks]
        for job, job_seed in zip(ballots, seeds, strict=False)
    ]
    values_JK = [[mean.value for mean in means_K] for means_K in means_JK]
    errors_JK = [[mean.standard_error for mean in means_K] for means_K in means_JK]
    return curve([job.problem for job in ballots], ks, values_JK, errors_JK)


def curve(
    problem_J: Sequence[Hashable], ks: Sequence[int], values_JK: ArrayLike, errors_JK: ArrayLike | None = None
) -> tuple[AtK, ...]:
    """Each job's values at each k as a curve over problems, for values that are kept per job. NaN: the job has none."""
    values = np.asarray(values_JK, dtype=np.float64).reshape(len(problem_J), len(ks))
    errors = np.zeros_like(values) if errors_JK is None else np.asarray(errors_JK, dtype=np.float64)
    numbers = {problem: number for number, problem in enumerate(dict.fromkeys(problem_J))}
    row_J = np.array([numbers[problem] for problem in problem_J], dtype=np.intp)
    return tuple(_at(k, row_J, values[:, at], errors[:, at]) for at, k in enumerate(ks))


def _at(k: int, row_J: NDArray[np.intp], value_J: Floats, error_J: Floats) -> AtK:
    """`row_J` is the number of each job's problem."""
    is_known_J = ~np.isnan(value_J)
    row_J = row_J[is_known_J]
    jobs_P = np.bincount(row_J)
    sum_P = np.bincount(row_J, weights=value_J[is_known_J])
    error_P = np.sqrt(np.bincount(row_J, weights=error_J[is_known_J] ** 2))
    has_jobs_P = jobs_P > 0
    estimate = share(np.clip(sum_P[has_jobs_P] / jobs_P[has_jobs_P], 0.0, 1.0)[:, None])
    error = math.sqrt(float(((error_P[has_jobs_P] / jobs_P[has_jobs_P]) ** 2).sum())) / max(1, estimate.n)
    return AtK(k, estimate, error)
