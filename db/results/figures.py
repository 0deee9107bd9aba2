"""Figures: each a share of problems with its interval, at a cost, with all that could cloud it beside it.

The arm's own accuracy, or what fewer of its candidates would have given. k of a job's n candidates cost k/n of what the
job did, as they do where chains are independent: a search that was smaller from the start may have cost otherwise. Wall
time does not divide so, since candidates are made at the same time: it is known for all n only.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from sqlalchemy import Engine

from db import queries
from db.models import JsonObject
from db.queries import Arm, ArmSamples, CandidateSamples, JobCandidates, JobCounts
from db.results.arms import ballot
from db.results.costs import cost_J, requested_thinking
from db.results.grid import correct_PR, shape_over, spread
from scaling import estimates
from scaling.compute import Axis
from scaling.curves import AtK, JobBallot, best_of_curve, maj_curve, pass_curve, powers_of_two
from scaling.estimates import Accuracy, Estimate
from scaling.types import Verdict
from scaling.voting import Aggregate, aggregate


class Metric(StrEnum):
    """What a figure is the share of."""

    ACCURACY = "accuracy"  # jobs answered correctly
    PASS = "pass@k"  # k candidates hold a correct one
    MAJ = "maj@k"  # a vote of k candidates is right
    BEST = "best-of-k"  # the highest score of k candidates is right
    WEIGHTED = "weighted-best-of-k"  # the answer with the largest sum of scores of k candidates is right


@dataclass(frozen=True, slots=True)
class Figure:
    """`k` None: the arm's own answers. `cost` is a mean over problems; its n is smaller where some costs are unknown.

    `share` is the metric with its interval, and with the bounds that failed jobs leave. `requested` is the budget of
    thinking tokens that the arm was given. `monte_carlo_error` is 0 where the figure is exact.
    """

    arm: Arm
    k: int | None
    cost: Estimate
    share: Accuracy
    jobs: JobCounts
    truncated: int
    unparsed: int
    requested: int | None
    monte_carlo_error: float = 0.0

    @property
    def estimate(self) -> Estimate:
        return self.share.estimate


def figures(
    database: Engine,
    experiment: queries.ExperimentDetail,
    axis: Axis,
    metric: Metric,
    how: Aggregate | None = None,
) -> tuple[Figure, ...]:
    """In arm order, k upwards. Arms that have none of the metric (one candidate, no scores) have no figure.

    `how` puts a candidate's step scores together; None: the score that the strategy itself chose by.
    """
    samples = queries.arm_samples(database, experiment.id)
    if metric is Metric.ACCURACY:
        return tuple(own_figure(each, axis, experiment.models) for each in samples)
    candidates = queries.candidate_samples(database, experiment.id)
    return tuple(
        figure
        for each, its in zip(samples, candidates, strict=True)
        for figure in figures_by_k(each, its, axis, metric, how, experiment.models)
    )


def own_figure(samples: ArmSamples, axis: Axis, models: JsonObject | None) -> Figure:
    shape = shape_over([samples])
    return Figure(
        arm=samples.arm,
        k=None,
        cost=estimates.mean(spread(samples, cost_J(samples, axis, models), shape)),
        share=estimates.accuracy(correct_PR(samples, shape)),
        jobs=samples.jobs,
        truncated=samples.verdict_J.count(Verdict.TRUNCATED),
        unparsed=samples.verdict_J.count(Verdict.UNPARSED),
        requested=requested_thinking(samples.arm),
    )


def figures_by_k(
    samples: ArmSamples,
    candidates: CandidateSamples,
    axis: Axis,
    metric: Metric,
    how: Aggregate | None,
    models: JsonObject | None,
) -> tuple[Figure, ...]:
    most = min((len(job.key_C) for job in candidates.jobs), default=0)
    if most < 2:
        return ()
    whole = own_figure(samples, axis, models)
    ballots = [scored_ballot(job, how) for job in candidates.jobs]
    return tuple(
        replace(
            whole,
            k=at.k,
            cost=cost_of(at.k, samples, axis, models),
            share=share,
            requested=None,
            monte_carlo_error=at.standard_error,
        )
        for at, share in bounded_curve(metric, ballots, samples.failed, powers_of_two(most))
        if at.estimate.n
    )


def bounded_curve(
    metric: Metric, ballots: Sequence[JobBallot], failed: Sequence[tuple[int, int]], ks: Sequence[int]
) -> Iterator[tuple[AtK, Accuracy]]:
    """The curve, and what it would be had the failed jobs all been wrong, or all right."""
    at_k = curve_of(metric, ballots, ks)
    wrong = right = at_k
    if failed:
        most = max(ks)
        wrongs = [JobBallot(str(problem), (None,) * most, (False,) * most, (0.0,) * most) for problem, _ in failed]
        rights = [JobBallot(str(problem), ("",) * most, (True,) * most, (1.0,) * most) for problem, _ in failed]
        wrong, right = (curve_of(metric, [*ballots, *more], ks) for more in (wrongs, rights))
    for at, low, high in zip(at_k, wrong, right, strict=True):
        yield at, Accuracy(at.estimate, len(failed), low.estimate.value, high.estimate.value)


def curve_of(metric: Metric, ballots: Sequence[JobBallot], ks: Sequence[int]) -> tuple[AtK, ...]:
    if metric is Metric.PASS:
        return pass_curve(ballots, ks)
    if metric is Metric.MAJ:
        return maj_curve(ballots, ks)
    return best_of_curve(ballots, ks, "naive" if metric is Metric.BEST else "weighted")


def scored_ballot(job: JobCandidates, how: Aggregate | None) -> JobBallot:
    return ballot(job) if how is None else replace(ballot(job), scores=tuple(scores_of(job, how)))


def scores_of(job: JobCandidates, how: Aggregate) -> list[float]:
    """Of each candidate; NaN if no step of it was scored."""
    together = [aggregate(step_scores, how) for step_scores in job.step_scores_C]
    return [math.nan if score is None else score for score in together]


def cost_of(k: int, samples: ArmSamples, axis: Axis, models: JsonObject | None) -> Estimate:
    num_candidates_J = samples.num_candidates_J.astype(float)
    cost = cost_J(samples, axis, models) * k / num_candidates_J
    if axis is Axis.SECONDS:
        cost = np.where(num_candidates_J == k, cost, np.nan)
    return estimates.mean(spread(samples, cost, shape_over([samples])))
