"""What k of each job's candidates would have given, as a curve over problems."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from db.queries import ArmSamples, JobCandidates, RollupColumns
from results.measurements import Measurements
from scaling.answers.voting import Aggregate, aggregate
from scaling.arrays import Floats
from scaling.statistics.best_of import SubsetMean
from scaling.statistics.curves import DRAWN_PRECISION, AtK, BestOf, best_of_k_mean, curve, error_of_one_job, maj_at_k
from scaling.statistics.estimates import Accuracy


class Metric(StrEnum):
    """What a figure is the share of."""

    ACCURACY = "accuracy"  # jobs answered correctly
    PASS = "pass@k"  # k candidates hold a correct one
    MAJ = "maj@k"  # a vote of k candidates is right
    BEST = "best-of-k"  # the highest score of k candidates is right
    WEIGHTED = "weighted-best-of-k"  # the answer with the largest sum of scores of k candidates is right


@dataclass(frozen=True, slots=True, eq=False)
class ValuesOverK:
    """Of each job, by the position of its problem: the metric at each of `ks` and its Monte-Carlo error. NaN: none."""

    problem_J: Sequence[int]
    ks: tuple[int, ...]
    values_JK: Floats
    errors_JK: Floats

    def curve(self) -> tuple[AtK, ...]:
        return curve(self.problem_J, self.ks, self.values_JK, self.errors_JK)

    def with_more(self, problems: Sequence[int], value: float) -> tuple[AtK, ...]:
        """The curve had there been jobs of these problems as well, all of the same value."""
        more_JK = np.full((len(problems), len(self.ks)), value)
        return curve([*self.problem_J, *problems], self.ks, np.vstack([self.values_JK, more_JK]))


@dataclass(frozen=True, slots=True)
class BoundedAtK:
    """The metric at k, and what it would be had the failed jobs all been wrong, or all right."""

    at: AtK
    share: Accuracy


def curve_over_k(
    measurements: Measurements, samples: ArmSamples, metric: Metric, how: Aggregate | None
) -> tuple[BoundedAtK, ...]:
    """Of an arm whose jobs have several candidates. See `figures` for `how`."""
    values = from_rollups(samples, measurements.rollups(samples), metric)
    curve = values.curve()
    is_exact_enough = all(at.standard_error <= DRAWN_PRECISION for at in curve)
    if how is not None or not is_exact_enough:
        jobs, num_problems = measurements.candidates(samples), len(set(values.problem_J))
        values = from_candidates(jobs, values.ks, metric, how, num_problems)
        curve = values.curve()
    return bounded(values, curve, samples.failed)


def from_rollups(samples: ArmSamples, rollups: RollupColumns, metric: Metric) -> ValuesOverK:
    errors_J = rollups.weighted_error_J if metric is Metric.WEIGHTED else np.zeros(len(samples.job_id_J))
    errors_JK = np.repeat(errors_J[:, None], len(rollups.ks), axis=1)
    return ValuesOverK(samples.problem_J.tolist(), rollups.ks, rolled_up(rollups, metric), errors_JK)


def rolled_up(rollups: RollupColumns, metric: Metric) -> Floats:
    values = {
        Metric.PASS: rollups.pass_JK,
        Metric.MAJ: rollups.maj_JK,
        Metric.BEST: rollups.best_JK,
        Metric.WEIGHTED: rollups.weighted_JK,
    }
    return with_votes(values[metric], rollups.maj_JK)


def with_votes(values_JK: Floats, maj_JK: Floats) -> Floats:
    """A job none of whose candidates was scored chooses by vote, as its strategy did.

    In an arm that has no scores at all there is no best to choose.
    """
    return values_JK if np.isnan(values_JK).all() else np.where(np.isnan(values_JK), maj_JK, values_JK)


def from_candidates(
    jobs: Iterable[JobCandidates], ks: tuple[int, ...], metric: Metric, how: Aggregate | None, num_problems: int
) -> ValuesOverK:
    """best-of-k anew: with another score than the one that was chosen by, or more exactly. One job at a time."""
    rule: BestOf = "naive" if metric is Metric.BEST else "weighted"
    error = error_of_one_job(num_problems)
    problems: list[int] = []
    means: list[list[SubsetMean]] = []
    votes: list[list[float]] = []
    for job in jobs:
        ballot, scores = job.ballot, job.score_C if how is None else scores_of(job, how)
        problems.append(job.problem)
        means.append([best_of_k_mean(scores, ballot.keys, ballot.correct, k, rule, job.job_id, error) for k in ks])
        votes.append([maj_at_k(ballot.keys, ballot.correct, k) for k in ks])
    values_JK = np.array([[mean.value for mean in means_K] for means_K in means]).reshape(-1, len(ks))
    errors_JK = np.array([[mean.standard_error for mean in means_K] for means_K in means]).reshape(-1, len(ks))
    return ValuesOverK(problems, ks, with_votes(values_JK, np.array(votes).reshape(-1, len(ks))), errors_JK)


def scores_of(job: JobCandidates, how: Aggregate) -> list[float]:
    """Of each candidate; NaN if no step of it was scored."""
    together = [aggregate(step_scores, how) for step_scores in job.step_scores_C]
    return [math.nan if score is None else score for score in together]


def bounded(values: ValuesOverK, curve: Sequence[AtK], failed: Sequence[tuple[int, int]]) -> tuple[BoundedAtK, ...]:
    """`curve` is that of the values, `failed` the jobs without any as (problem, repeat)."""
    problems = [problem for problem, _ in failed]
    wrong, right = (values.with_more(problems, share) if failed else curve for share in (0.0, 1.0))
    return tuple(
        BoundedAtK(at, Accuracy(at.estimate, len(failed), low.estimate.value, high.estimate.value))
        for at, low, high in zip(curve, wrong, right, strict=True)
    )
