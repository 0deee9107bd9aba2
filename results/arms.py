"""Each arm in numbers: its accuracy, what its jobs spent, and all that clouds it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from pydantic import JsonValue

from db import queries
from db.queries import ArmSamples, ArmTotals
from results.columns import Column, Columns, Table, any_of, estimate, itself
from results.measured.costs import strategy_of
from results.measured.endings import ending_note
from results.measured.measurements import Measurements, correct_PR, shape_over, spread
from results.questions import Question
from results.wording import UNKNOWN, percent
from scaling.compute.spending import Unknown
from scaling.statistics import estimates
from scaling.statistics.estimates import Accuracy, Estimate
from scaling.types import Unread, total_if_known


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmResult(ArmTotals):
    """One arm. Accuracy and thinking tokens are per job; the counts of verdicts are over the jobs that succeeded.

    `uncounted` are the jobs with a result whose engine does not report how many tokens it generated.
    """

    accuracy: Accuracy
    thinking_tokens: Estimate
    uncounted: int = 0

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

    @property
    def generated_tokens_mean(self) -> float | None:
        """None until a job has succeeded, or where its engine does not report it."""
        tokens = self.tokens.generated_tokens
        return None if tokens is None or not self.jobs.succeeded else tokens / self.jobs.succeeded


def arm_results(measurements: Measurements) -> tuple[ArmResult, ...]:
    """Each over all its own problems, in arm order; empty before the experiment is expanded."""
    own = map(measurements.own, measurements.samples)
    return tuple(_arm_result(*each) for each in zip(measurements.totals(), own, strict=True))


def _arm_result(totals: ArmTotals, samples: ArmSamples) -> ArmResult:
    shape = shape_over([samples])
    return ArmResult(
        **{field.name: getattr(totals, field.name) for field in fields(ArmTotals)},
        accuracy=estimates.accuracy(correct_PR(samples, shape)),
        thinking_tokens=estimates.mean(spread(samples, samples.thinking_tokens_J, shape)),
        uncounted=int(np.isnan(samples.generated_tokens_J).sum()),
    )


def _unread_words(arm: ArmResult) -> str:
    """`nothing 3, abstained 1`: why answers are unparsed; what was cut has a column of its own."""
    reasons = sorted(arm.unread.items(), key=lambda reason: -reason[1])
    return ", ".join(f"{reason.label} {count:,}" for reason, count in reasons if reason is not Unread.CUT)


def _waits_words(arm: ArmResult) -> str:
    """`1.8 of 2`: really forced, a chain's mean, and asked for; a dash where none were, `?` where it is not known."""
    asked = strategy_of(arm.arm).asked_waits
    if asked == 0:
        return UNKNOWN
    forced = UNKNOWN if arm.waits is None or not arm.candidates else f"{arm.waits / arm.candidates:.1f}"
    return f"{forced} of {'?' if asked is None else asked}"


def _cut_words(arm: ArmResult) -> str:
    return UNKNOWN if arm.cuts is None or not arm.candidates else f"{arm.cuts / arm.candidates:.0%}"


def _if_failed_words(arm: ArmResult) -> str:
    if not arm.jobs.failed or arm.estimate is None:
        return UNKNOWN
    return f"{percent(arm.accuracy.if_missing_wrong)} – {percent(arm.accuracy.if_missing_right)}"


DOCUMENT: Columns[ArmResult] = (
    Column("label", lambda it: it.label, "arm", has_arms=True),
    Column("strategy", lambda it: it.arm.strategy),
    Column("params", lambda it: it.params),
    Column("problems", lambda it: it.num_problems),
    Column("failed", lambda it: it.jobs.failed, "failed", "jobs without a result; not in the accuracy"),
    Column("truncated", lambda it: it.truncated, "truncated", "answers cut by their limit; not correct"),
    Column("unparsed", lambda it: it.unparsed, "unparsed", "no answer could be read; not correct"),
    Column("unread", lambda it: it.unread),
    Column(
        "right_if_read", lambda it: it.right_if_read, "right if read", "of the truncated, right if they were read",
        needed=any_of(lambda it: it.truncated),
    ),
    Column("candidates", lambda it: it.candidates),
    Column(
        "waits", lambda it: it.waits, "Waits", "really forced, a chain's mean", _waits_words, itself,
        any_of(lambda it: it.waits or strategy_of(it.arm).asked_waits),
    ),
    Column("cuts", lambda it: it.cuts, "cut", "thoughts at a limit", _cut_words, itself, any_of(lambda it: it.cuts)),
    Column(
        "unscored", lambda it: it.unscored, "unscored", "candidates with an answer that no verifier could score",
        needed=any_of(lambda it: it.unscored),
    ),
    *estimate("accuracy", lambda it: it.accuracy.estimate, "accuracy"),
    Column("thinking_tokens_mean", lambda it: it.thinking_tokens.value, "thinking", "a problem's mean, forced too"),
    Column("generated_tokens_total", lambda it: it.spent_generated_tokens, "generated", "all tokens of the generator"),
    Column("forced_tokens_total", lambda it: it.spent_forced_tokens, "forced", "all tokens that were forced"),
    Column(
        "verifier_tokens_total", lambda it: it.spent_verifier_tokens, "verifier", "all that it read and generated",
        needed=any_of(lambda it: it.spent_verifier_tokens != 0),
    ),
    Column("unrewarded_generated_tokens", lambda it: it.unrewarded.generated_tokens, "for nothing", "in no trace"),
    Column("unknown_requests", lambda it: it.unknown.all_requests if it.unknown else None),
    Column("unknown_tokens", lambda it: it.unknown.all_tokens if it.unknown else None),
    Column("server_seconds_total", lambda it: it.tokens.seconds + it.tokens.verifier_seconds),
    Column("queue_seconds_total", lambda it: it.tokens.queue_seconds),
    Column("gate_seconds_total", lambda it: it.tokens.gate_seconds),
    Column("retry_seconds_total", lambda it: it.tokens.retry_seconds),
)  # fmt: skip
"""Totals include what failed and lost attempts spent; at most `unknown_requests` of unknown cost, at most
`unknown_tokens`, come on top. Seconds are of requests, in traces. `waits` and `cuts` are over `candidates`. Null: not
told."""

COLUMNS: Columns[ArmResult] = (
    *(each for each in DOCUMENT if each.name not in ("params", "unread")),
    Column("model", lambda it: it.arm.model, "model", needed=lambda rows: len({it.arm.model for it in rows}) > 1),
    Column("n", lambda it: it.accuracy.estimate.n, "n", "problems with a result"),
    Column(
        "done", lambda it: it.jobs.done, "jobs", "done of all; cancelled ones are not",
        lambda it: f"{it.jobs.done:,} / {it.jobs.total:,}", itself,
    ),
    Column("if_missing_wrong", lambda it: it.accuracy.if_missing_wrong),
    Column(
        "if_missing_right", lambda it: it.accuracy.if_missing_right, "if failed …",
        "accuracy had all failed jobs been wrong – right", _if_failed_words, itself,
        needed=any_of(lambda it: it.jobs.failed),
    ),
    Column("unread", _unread_words, "why", "why they are unparsed", needed=any_of(lambda it: it.unparsed)),
    Column("ties", lambda it: it.ties, "ties", "votes that a draw decided", needed=any_of(lambda it: it.ties)),
    Column("generated_tokens_mean", lambda it: it.generated_tokens_mean, "generated / job", "mean, forced ones not"),
)  # fmt: skip
ORDER = (
    "label", "model", "accuracy", "ci_low", "n", "done", "failed", "if_missing_right", "truncated", "right_if_read",
    "waits", "cuts", "unscored", "unparsed", "unread", "ties", "thinking_tokens_mean", "generated_tokens_mean",
    "generated_tokens_total", "forced_tokens_total", "verifier_tokens_total", "unrewarded_generated_tokens",
)  # fmt: skip
BRIEF = (
    "label", "model", "accuracy", "ci_low", "thinking_tokens_mean", "generated_tokens_total", "verifier_tokens_total",
    "truncated", "right_if_read", "unparsed", "unread", "waits", "cuts", "failed",
)  # fmt: skip
CLOUDS = ("truncated", "unparsed", "failed")
CAPTION = "thinking: mean tokens per job, forced ones included · generated: all tokens of the generator"
VERIFIER_CAPTION = " · verifier: all that it read and generated"


def table(arms: Sequence[ArmResult]) -> Table[ArmResult]:
    return Table(COLUMNS, arms, tuple(filter(None, (spending_note(arms),))), ORDER)


def brief(arms: Sequence[ArmResult]) -> Table[ArmResult]:
    """For a terminal. What all arms share goes unsaid: that nothing was truncated, unreadable or failed."""
    idle = {each.name for each in COLUMNS if each.name in CLOUDS and not any(map(each.value, arms))}
    caption = CAPTION + (VERIFIER_CAPTION if any(it.spent_verifier_tokens != 0 for it in arms) else "")
    return Table(COLUMNS, arms, (caption, *notes(arms)), [name for name in BRIEF if name not in idle])


def notes(arms: Sequence[ArmResult]) -> Iterator[str]:
    """What the table cannot say: jobs that are missing, and how far they could move an accuracy."""
    if not any(arm.truncated or arm.unparsed or arm.jobs.failed for arm in arms):
        yield "No job failed, no answer was truncated or unreadable."
    if unparsed := sum(arm.unparsed for arm in arms):
        yield f"{unparsed:,} answers could not be read; they count as not correct."
    for arm in arms:
        if arm.unscored:
            yield f"{arm.label}: of {arm.candidates:,} candidates {arm.unscored:,} could not be scored and had no say."
    if waiting := sum(arm.jobs.open for arm in arms):
        yield f"{waiting:,} jobs have not ended: accuracies are of those that have."
    if cancelled := sum(arm.jobs.cancelled for arm in arms):
        yield f"{cancelled:,} jobs were cancelled: accuracies are of those that ran."
    yield from filter(None, (spending_note(arms), ending_note(cut(arms))))
    for arm in arms:
        if arm.jobs.failed and arm.estimate is not None:
            low, high = arm.accuracy.if_missing_wrong, arm.accuracy.if_missing_right
            yield (
                f"{arm.label}: {arm.jobs.failed} failed jobs are left out; "
                f"had they all been wrong or all right, accuracy would be {low:.1%} or {high:.1%}."
            )


IN_NO_SUM = "they are in no mean, and sums over them are not known"
NOT_TOLD = "What requests of unknown cost may have spent was not told yet when some of these jobs ran."


def cut(arms: Sequence[ArmResult]) -> list[queries.Arm]:
    """Those whose thoughts a limit has cut, as far as is known: how cut thoughts end matters to them alone."""
    return [arm.arm for arm in arms if arm.cuts != 0]


def spending_note(arms: Sequence[ArmResult]) -> str | None:
    """What the totals of these arms cannot say; None: they say all."""
    return " ".join(filter(None, (_unreported_words(arms), _unknown_words(arms)))) or None


def _unreported_words(arms: Sequence[ArmResult]) -> str:
    uncounted = sum(arm.uncounted for arm in arms)
    return f"Tokens of {uncounted:,} of the jobs were not reported by their engine: {IN_NO_SUM}." if uncounted else ""


def _unknown_words(arms: Sequence[ArmResult]) -> str:
    unknown = Unknown.total(arm.unknown for arm in arms)
    if unknown is None:
        return NOT_TOLD
    return "" if unknown.is_nothing else unknown.sentence


ARMS = Question("arms", "Each arm in numbers", arm_results, table)
