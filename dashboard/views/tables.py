"""Results as tables and files: one row per arm. Pure."""

import csv
import io
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from results import ArmResult
from scaling.types import Unread

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


def unread_text(arm: ArmResult) -> str:
    """`nothing 3, abstained 1`: why answers are unparsed; what was cut has a column of its own."""
    reasons = sorted(arm.unread.items(), key=lambda reason: -reason[1])
    return ", ".join(f"{reason.label} {count:,}" for reason, count in reasons if reason is not Unread.CUT)


def generated_per_job(arm: ArmResult) -> float | None:
    """None until a job has succeeded."""
    return arm.tokens.generated_tokens / arm.jobs.succeeded if arm.jobs.succeeded else None


def failed_bounds(arm: ArmResult) -> str | None:
    """Accuracy if every failed job had been wrong, and if right; None if none failed."""
    if not arm.jobs.failed or arm.estimate is None:
        return None
    return f"{arm.accuracy.if_missing_wrong:.1%} – {arm.accuracy.if_missing_right:.1%}"


def points_csv(arms: Sequence[ArmResult]) -> str:
    """Every number behind the plot."""
    return csv_text([csv_row(arm) for arm in arms if arm.estimate is not None])


def csv_text(rows: Sequence[Mapping[str, object]], columns: Sequence[str] = ()) -> str:
    """Rows of the same columns, by default the first's; None is an empty field. Text that a spreadsheet would take for
    a formula is quoted.
    """
    if not rows and not columns:
        return ""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns or list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {name: harmless(cell) if isinstance(cell, str) else cell for name, cell in row.items()} for row in rows
    )
    return text.getvalue()


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
        "thinking_tokens_mean": arm.thinking_tokens.value,
        "generated_tokens_mean": generated_per_job(arm),
        "generated_tokens_total": arm.tokens.generated_tokens,
        "forced_tokens_total": arm.tokens.forced_tokens,
        "verifier_tokens_total": arm.tokens.verifier_tokens,
        "unrewarded_generated_tokens": arm.unrewarded.generated_tokens,
    }


def harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else cell
