"""Curves of ballots at hand, as results have them of what is stored; and best-of-k without its Monte-Carlo error."""

from collections.abc import Hashable, Sequence

import numpy as np

from scaling.statistics.curves import (
    AtK,
    BestOf,
    JobBallot,
    best_of_k_mean,
    curve,
    error_of_one_job,
    maj_at_k,
    pass_at_k,
)


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
