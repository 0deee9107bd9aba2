"""Each arm in numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from pydantic import JsonValue

from db import queries
from db.queries import ArmSamples, ArmTotals, JobCounts
from results.measurements import Measurements, correct_PR, shape_over, spread
from scaling.compute.spending import NOTHING_UNKNOWN, Unknown
from scaling.statistics import estimates
from scaling.statistics.estimates import Accuracy, Estimate
from scaling.types import Counts, Unread, total_if_known


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
    """Of attempts that left no trace (failed, lost, cancelled or still running), and of answers that were of no use to
    those that left one. Spent all the same."""
    unknown: Unknown | None = NOTHING_UNKNOWN
    """What was spent on top of all that, at most: of requests of which nobody knows what they cost. None: of attempts
    from before this was told."""
    right_if_read: int | None = None
    """Of the truncated, those that would be right if what stands there were read; None: not known of all of them."""
    unread: Mapping[Unread, int] = field(default_factory=dict)
    """Why answers are neither correct nor wrong, and how many; reasons that nobody noted are missing."""
    candidates: int = 0
    """Of all its traces; `waits` and `cuts` are over them."""
    waits: int | None = None
    """Waits that were really forced; None: not known of all traces."""
    cuts: int | None = None
    """Thoughts that a limit cut, whether an answer was forced behind them or not; None as above."""
    unscored: int | None = None
    """Candidates with an answer that the verifier could not score, so that they had no say; None: as above, or there
    is no verifier."""
    uncounted: int = 0
    """Jobs with a result whose engine does not report how many tokens it generated."""

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
    def spent_generated_tokens(self) -> int | None:
        """All that the engine generated for this arm, lost attempts included; None, as below: it does not report it."""
        return total_if_known((self.tokens.generated_tokens, self.unrewarded.generated_tokens))

    @property
    def spent_verifier_tokens(self) -> int | None:
        """All that a verifier read and generated for this arm, for lost attempts too."""
        return total_if_known((self.tokens.verifier_tokens, self.unrewarded.verifier_tokens))

    @property
    def spent_forced_tokens(self) -> int:
        """All that was forced in this arm, in lost attempts too."""
        return self.tokens.forced_tokens + self.unrewarded.forced_tokens

    @property
    def thinking_tokens_mean(self) -> float | None:
        """None until a job has succeeded."""
        return self.thinking_tokens.value if self.thinking_tokens.n else None


def arm_results(measurements: Measurements) -> tuple[ArmResult, ...]:
    """In arm order; empty before the experiment is expanded."""
    return tuple(arm_result(*each) for each in zip(measurements.totals(), measurements.samples, strict=True))


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
        right_if_read=totals.right_if_read,
        unread=totals.unread,
        candidates=totals.candidates,
        waits=totals.waits,
        cuts=totals.cuts,
        unscored=totals.unscored,
        ties=totals.ties,
        uncounted=int(np.isnan(samples.generated_tokens_J).sum()),
        tokens=totals.tokens,
        unrewarded=totals.unrewarded,
        unknown=totals.unknown,
    )


IN_NO_SUM = "they are in no mean, and sums over them are not known"
NOT_TOLD = "What requests of unknown cost may have spent was not told yet when some of these jobs ran."


def cut(arms: Sequence[ArmResult]) -> list[queries.Arm]:
    """Those whose thoughts a limit has cut, as far as is known: how cut thoughts end matters to them alone."""
    return [arm.arm for arm in arms if arm.cuts != 0]


def spending_note(arms: Sequence[ArmResult]) -> str | None:
    """What the totals of these arms cannot say; None: they say all."""
    return " ".join(filter(None, (unreported_words(arms), unknown_words(arms)))) or None


def unreported_words(arms: Sequence[ArmResult]) -> str:
    uncounted = sum(arm.uncounted for arm in arms)
    return f"Tokens of {uncounted:,} of the jobs were not reported by their engine: {IN_NO_SUM}." if uncounted else ""


def unknown_words(arms: Sequence[ArmResult]) -> str:
    unknown = Unknown.total(arm.unknown for arm in arms)
    if unknown is None:
        return NOT_TOLD
    return "" if unknown.is_nothing else unknown.sentence


def unread_text(arm: ArmResult) -> str:
    """`nothing 3, abstained 1`: why answers are unparsed; what was cut has a column of its own."""
    reasons = sorted(arm.unread.items(), key=lambda reason: -reason[1])
    return ", ".join(f"{reason.label} {count:,}" for reason, count in reasons if reason is not Unread.CUT)
