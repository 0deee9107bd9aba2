"""What k of each job's candidates would have given."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from db.queries import ArmSamples, JobCandidates, RollupColumns
from results.measured.measurements import Measurements, shape_over, spread
from scaling.answers.voting import Aggregate, aggregate
from scaling.arrays import Floats
from scaling.statistics.at_k import DRAWN_PRECISION, BestOf, best_of_k_mean, error_of_one_job, maj_at_k
from scaling.statistics.best_of import SubsetMean
from scaling.statistics.estimates import problem_means


class Metric(StrEnum):
    """What a point is the share of."""

    ACCURACY = "accuracy"  # jobs answered correctly
    PASS = "pass@k"  # k candidates hold a correct one
    MAJ = "maj@k"  # a vote of k candidates is right
    BEST = "best-of-k"  # the highest score of k candidates is right
    WEIGHTED = "weighted-best-of-k"  # the answer with the largest sum of scores of k candidates is right


SCORED = (Metric.BEST, Metric.WEIGHTED)


@dataclass(frozen=True, slots=True, eq=False)
class OverK:
    """Of each of an arm's jobs, the metric at each of `ks` and its Monte-Carlo error. NaN: none."""

    ks: tuple[int, ...]
    values_JK: Floats
    errors_JK: Floats

    def monte_carlo_errors(self, samples: ArmSamples) -> tuple[float, ...]:
        """Of the mean over problems, at each of `ks`; 0 where it is exact."""
        shape, is_known_JK = shape_over([samples]), ~np.isnan(self.values_JK)
        return tuple(
            _error_over_problems(spread(samples, np.where(is_known_J, error_J, np.nan), shape))
            for is_known_J, error_J in zip(is_known_JK.T, self.errors_JK.T, strict=True)
        )


def _error_over_problems(error_PR: Floats) -> float:
    """Errors of jobs are independent: their squares add up, within a problem and over problems."""
    jobs_P = (~np.isnan(error_PR)).sum(axis=1)
    of_problems = np.sqrt(np.nansum(error_PR**2, axis=1))[jobs_P > 0] / jobs_P[jobs_P > 0]
    return math.sqrt((of_problems**2).sum()) / max(1, int(of_problems.size))


def over_k(measurements: Measurements, samples: ArmSamples, metric: Metric, how: Aggregate | None = None) -> OverK:
    """Of an arm whose jobs have several candidates, exact to what is drawn.

    `how` puts a candidate's step scores together, and needs all candidates, one job's after the other; None: the score
    that the strategy itself chose by, read off the jobs' rollups.
    """
    kept = from_rollups(measurements.rollups(samples), metric)
    if how is None and all(error <= DRAWN_PRECISION for error in kept.monte_carlo_errors(samples)):
        return kept
    num_problems = np.unique(samples.problem_J).size
    return _from_candidates(measurements.candidates(samples), kept.ks, metric, how, num_problems)


def from_rollups(rollups: RollupColumns, metric: Metric) -> OverK:
    """As good as the jobs' rollups are."""
    values_JK = {
        Metric.PASS: rollups.pass_JK,
        Metric.MAJ: rollups.maj_JK,
        Metric.BEST: rollups.best_JK,
        Metric.WEIGHTED: rollups.weighted_JK,
    }[metric]
    errors_J = rollups.weighted_error_J if metric is Metric.WEIGHTED else np.zeros(len(values_JK))
    return OverK(rollups.ks, _with_votes(values_JK, rollups.maj_JK), np.tile(errors_J[:, None], len(rollups.ks)))


def _from_candidates(
    jobs: Iterable[JobCandidates], ks: tuple[int, ...], metric: Metric, how: Aggregate | None, num_problems: int
) -> OverK:
    """best-of-k anew: with another score than the one that was chosen by, or more exactly. One job at a time."""
    rule: BestOf = "naive" if metric is Metric.BEST else "weighted"
    error = error_of_one_job(num_problems)
    means: list[list[SubsetMean]] = []
    votes: list[list[float]] = []
    for job in jobs:
        ballot, scores = job.ballot, job.score_C if how is None else _scores_of(job, how)
        means.append([best_of_k_mean(scores, ballot.keys, ballot.correct, k, rule, job.job_id, error) for k in ks])
        votes.append([maj_at_k(ballot.keys, ballot.correct, k) for k in ks])
    values_JK = np.array([[mean.value for mean in means_K] for means_K in means]).reshape(-1, len(ks))
    errors_JK = np.array([[mean.standard_error for mean in means_K] for means_K in means]).reshape(-1, len(ks))
    return OverK(ks, _with_votes(values_JK, np.array(votes).reshape(-1, len(ks))), errors_JK)


def _scores_of(job: JobCandidates, how: Aggregate) -> list[float]:
    """Of each candidate; NaN if no step of it was scored."""
    together = [aggregate(step_scores, how) for step_scores in job.step_scores_C]
    return [math.nan if score is None else score for score in together]


def _with_votes(values_JK: Floats, maj_JK: Floats) -> Floats:
    """A job none of whose candidates was scored chooses by vote, as its strategy did.

    In an arm that has no scores at all there is no best to choose.
    """
    return values_JK if np.isnan(values_JK).all() else np.where(np.isnan(values_JK), maj_JK, values_JK)


def shares(values_PR: Floats) -> Floats:
    """Means of problems; a mean over subsets may be off 0 or 1 by how it was rounded."""
    means_P: Floats = np.clip(problem_means(values_PR), 0.0, 1.0)
    return means_P


def had_they(failed: Iterable[tuple[int, int]], values_PR: Floats, value: float) -> float:
    """The mean over problems had the failed jobs, as (problem, repeat), all had this value; NaN: there is no job."""
    values_PR = values_PR.copy()
    for at in failed:
        values_PR[at] = value
    means_P = shares(values_PR)
    known_P = means_P[~np.isnan(means_P)]
    return float(known_P.mean()) if known_P.size else math.nan
