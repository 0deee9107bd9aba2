"""Results as tables and files: one row per arm. Pure."""

from collections.abc import Sequence

from pydantic import JsonValue

from results import ArmResult
from results.arms import unread_text
from results.columns import csv_text

Row = dict[str, JsonValue]


def result_rows(arms: Sequence[ArmResult]) -> list[Row]:
    """For the page, accuracy in percent. What is not known yet is None."""
    return [result_row(arm) for arm in arms]


def result_row(arm: ArmResult) -> Row:
    estimate = arm.estimate
    return {
        "arm": arm.label,
        "model": arm.arm.model,
        "accuracy": None if estimate is None else 100 * estimate.value,
        "interval": None if estimate is None else f"{estimate.low:.1%} – {estimate.high:.1%}",
        "problems": estimate.n if estimate else 0,
        "done": f"{arm.jobs.done:,} / {arm.jobs.total:,}",
        "failed": arm.jobs.failed,
        "if_failed": failed_bounds(arm),
        "truncated": arm.truncated,
        "right_if_read": arm.right_if_read,
        "waits": arm.waits / arm.candidates if arm.waits is not None and arm.candidates else None,
        "cut": 100 * arm.cuts / arm.candidates if arm.cuts is not None and arm.candidates else None,
        "unscored": arm.unscored,
        "unparsed": arm.unparsed,
        "unread": unread_text(arm),
        "ties": arm.ties,
        "thinking": arm.thinking_tokens_mean,
        "generated": generated_per_job(arm),
        "generated_total": arm.tokens.generated_tokens,
        "forced_total": arm.tokens.forced_tokens,
        "verifier_total": arm.tokens.verifier_tokens,
        "unrewarded": arm.unrewarded.generated_tokens,
    }


def generated_per_job(arm: ArmResult) -> float | None:
    """None until a job has succeeded, or where its engine does not report it."""
    tokens = arm.tokens.generated_tokens
    return None if tokens is None or not arm.jobs.succeeded else tokens / arm.jobs.succeeded


def failed_bounds(arm: ArmResult) -> str | None:
    """Accuracy if every failed job had been wrong, and if right; None if none failed."""
    if not arm.jobs.failed or arm.estimate is None:
        return None
    return f"{arm.accuracy.if_missing_wrong:.1%} – {arm.accuracy.if_missing_right:.1%}"


def points_csv(arms: Sequence[ArmResult]) -> str:
    """Every number behind the plot."""
    return csv_text([csv_row(arm) for arm in arms if arm.estimate is not None])


def csv_row(arm: ArmResult) -> dict[str, object]:
    estimate = arm.accuracy.estimate
    return {
        "arm": arm.label,
        "model": arm.arm.model,
        "strategy": arm.arm.strategy,
        "accuracy": estimate.value,
        "ci_low": estimate.low,
        "ci_high": estimate.high,
        "problems": estimate.n,
        "failed": arm.jobs.failed,
        "accuracy_if_failed_wrong": arm.accuracy.if_missing_wrong,
        "accuracy_if_failed_right": arm.accuracy.if_missing_right,
        "truncated": arm.truncated,
        "right_if_read": arm.right_if_read,
        "candidates": arm.candidates,
        "waits": arm.waits,
        "cuts": arm.cuts,
        "unscored": arm.unscored,
        "unparsed": arm.unparsed,
        "unread": unread_text(arm),
        "ties": arm.ties,
        "thinking_tokens_mean": arm.thinking_tokens_mean,
        "generated_tokens_mean": generated_per_job(arm),
        "generated_tokens_total": arm.tokens.generated_tokens,
        "forced_tokens_total": arm.tokens.forced_tokens,
        "verifier_tokens_total": arm.tokens.verifier_tokens,
        "unrewarded_generated_tokens": arm.unrewarded.generated_tokens,
    }
