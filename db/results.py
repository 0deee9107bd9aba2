"""What an experiment found, arm by arm: the named queries put together with the statistics, once for all who show it.

Suffixes: P problems, R repeats, J an arm's succeeded jobs. A job that has no result (failed, cancelled or still to
come) is NaN: it leaves accuracy and means, and is counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import JsonValue
from sqlalchemy import Engine

from db import queries
from db.queries import ArmSamples, ArmTotals, JobCandidates, JobCounts
from scaling import comparisons, estimates
from scaling.comparisons import PairedDifference
from scaling.curves import AtK, JobBallot, maj_curve, pass_curve, powers_of_two
from scaling.estimates import Accuracy, Estimate
from scaling.intervals import Floats
from scaling.types import Counts, Verdict


class UnknownArmError(LookupError):
    """The experiment has no such arm. `overthink results` lists them."""


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


@dataclass(frozen=True, slots=True)
class Comparison:
    """`difference` is the accuracy of `second` minus that of `first`, paired by problem."""

    first: queries.Arm
    second: queries.Arm
    result: PairedDifference


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


def paired(database: Engine, experiment_id: int, first: str, second: str) -> Comparison:
    """Two arms by their labels: the accuracy of the second minus that of the first. Raises UnknownArmError."""
    samples = queries.arm_samples(database, experiment_id)
    return compare(labelled(samples, first), labelled(samples, second))


def compare(first: ArmSamples, second: ArmSamples) -> Comparison:
    """Over the problems that both have a result for."""
    shape = shape_over([first, second])
    difference = comparisons.paired_difference(correct_PR(first, shape), correct_PR(second, shape))
    return Comparison(first.arm, second.arm, difference)


def labelled(samples: Sequence[ArmSamples], label: str) -> ArmSamples:
    for each in samples:
        if each.arm.label == label:
            return each
    labels = "; ".join(each.arm.label for each in samples) or "none yet"
    raise UnknownArmError(f"there is no arm {label!r}. Arms: {labels}")


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


def shape_over(samples: Sequence[ArmSamples]) -> tuple[int, int]:
    """Problems × repeats that hold every job with a result or a failure."""
    cells = [
        cell
        for each in samples
        for cell in [*zip(each.problem_J.tolist(), each.repeat_J.tolist(), strict=True), *each.failed]
    ]
    return max((problem for problem, _ in cells), default=-1) + 1, max((repeat for _, repeat in cells), default=0) + 1


def correct_PR(samples: ArmSamples, shape: tuple[int, int]) -> Floats:
    return spread(samples, samples.correct_J, shape)


def spread(samples: ArmSamples, values_J: np.ndarray, shape: tuple[int, int]) -> Floats:
    """One value per job, in its place among problems × repeats."""
    values_PR = np.full(shape, np.nan)
    values_PR[samples.problem_J, samples.repeat_J] = values_J
    return values_PR
