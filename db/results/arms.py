"""Each arm in numbers, and what fewer of its candidates would have given."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from pydantic import JsonValue
from sqlalchemy import Engine

from db import queries
from db.queries import ArmSamples, ArmTotals, JobCandidates, JobCounts
from db.results.grid import correct_PR, shape_over, spread
from scaling import estimates
from scaling.curves import AtK, JobBallot, maj_curve, pass_curve, powers_of_two
from scaling.estimates import Accuracy, Estimate
from scaling.types import Counts, Verdict


@dataclass(frozen=True, slots=True)
class ArmResult:
    """One arm. Accuracy and thinking tokens are per job; the counts of verdicts are over the jobs that succeeded."""

    arm: queries.Arm
    num_problems: int
    jobs: JobCounts
    accuracy: Accuracy
    thinking_tokens: Estimate
    unparsed: int
    truncated: int
    ties: int
    tokens: Counts
    """Of its traces."""
    unrewarded: Counts
    """Of attempts that left no trace: failed, lost, cancelled or still running. Spent all the same."""

    @property
    def label(self) -> str:
        return self.arm.label

    @property
    def params(self) -> Mapping[str, JsonValue]:
        return self.arm.params

    @property
    def estimate(self) -> Estimate | None:
        """Accuracy with the interval to show; None until a job has succeeded."""
        return self.accuracy.estimate if self.accuracy.estimate.n else None

    @property
    def spent_generated_tokens(self) -> int:
        """All that the engine generated for this arm, lost attempts included."""
        return self.tokens.generated_tokens + self.unrewarded.generated_tokens

    @property
    def spent_forced_tokens(self) -> int:
        """All that was forced in this arm, in lost attempts too."""
        return self.tokens.forced_tokens + self.unrewarded.forced_tokens

    @property
    def thinking_tokens_mean(self) -> float | None:
        """None until a job has succeeded."""
        return self.thinking_tokens.value if self.thinking_tokens.n else None


@dataclass(frozen=True, slots=True)
class CandidateCurves:
    """What fewer candidates of an arm would have given. `thinking_tokens` is the mean of one candidate."""

    arm: queries.Arm
    thinking_tokens: float
    pass_at_k: tuple[AtK, ...]
    maj_at_k: tuple[AtK, ...]


def arm_results(database: Engine, experiment_id: int) -> tuple[ArmResult, ...]:
    """In arm order; empty before the experiment is expanded."""
    totals = queries.arm_totals(database, experiment_id)
    samples = queries.arm_samples(database, experiment_id)
    return tuple(arm_result(*each) for each in zip(totals, samples, strict=True))


def candidate_curves(database: Engine, experiment_id: int) -> tuple[CandidateCurves, ...]:
    """pass@k and maj@k of each arm whose jobs have several candidates, k in powers of two."""
    arms = queries.candidate_samples(database, experiment_id)
    sizes = [min((len(job.key_C) for job in arm.jobs), default=0) for arm in arms]
    return tuple(curves_of(arm, size) for arm, size in zip(arms, sizes, strict=True) if size > 1)


def arm_result(totals: ArmTotals, samples: ArmSamples) -> ArmResult:
    shape = shape_over([samples])
    return ArmResult(
        arm=totals.arm,
        num_problems=totals.num_problems,
        jobs=totals.jobs,
        accuracy=estimates.accuracy(correct_PR(samples, shape)),
        thinking_tokens=estimates.mean(spread(samples, samples.thinking_tokens_J, shape)),
        unparsed=totals.unparsed,
        truncated=totals.truncated,
        ties=totals.ties,
        tokens=totals.tokens,
        unrewarded=totals.unrewarded,
    )


def curves_of(arm: queries.CandidateSamples, size: int) -> CandidateCurves:
    ballots = [ballot(job) for job in arm.jobs]
    ks = powers_of_two(size)
    tokens = np.concatenate([job.thinking_tokens_C for job in arm.jobs])
    return CandidateCurves(arm.arm, float(tokens.mean()), pass_curve(ballots, ks), maj_curve(ballots, ks))


def ballot(job: JobCandidates) -> JobBallot:
    """Truncated candidates do not vote, whatever number stood last."""
    votes = zip(job.key_C, job.verdict_C, strict=True)
    keys = tuple(None if verdict is Verdict.TRUNCATED else key for key, verdict in votes)
    correct = tuple(bool(each) for each in job.correct_C)
    return JobBallot(str(job.problem), keys, correct, tuple(job.score_C.tolist()))
