"""What is known, as tables and lines. Names and labels are data: they never pass through Rich's markup."""

from collections.abc import Callable, Sequence

from rich.table import Table
from rich.text import Text

from overthink.cli.terminal import plain, table
from results import ArmResult, cut, ending_note, spending_note
from results.arms import unread_text
from results.wording import interval, percent, shown

CAPTION = "thinking: mean tokens per job, forced ones included · generated: all tokens of the generator"
VERIFIER_CAPTION = " · verifier: all that it read and generated"


def results_table(arms: Sequence[ArmResult]) -> Table:
    """One row per arm. What all arms share goes unsaid: the model, and that nothing was truncated or failed."""
    columns: dict[str, Callable[[ArmResult], Text]] = {"arm": lambda arm: plain(arm.label)}
    if len({arm.arm.model for arm in arms}) > 1:
        columns["model"] = lambda arm: plain(arm.arm.model)
    columns |= NUMBERS
    has_verifier = any(arm.spent_verifier_tokens != 0 for arm in arms)
    if has_verifier:
        columns["verifier"] = lambda arm: plain(shown(arm.spent_verifier_tokens))
    if any(arm.truncated for arm in arms):
        columns["truncated"] = lambda arm: count(arm.truncated, "yellow")
        columns["right if read"] = lambda arm: plain("–" if arm.right_if_read is None else f"{arm.right_if_read:,}")
    if any(arm.unparsed for arm in arms):
        columns["unparsed"] = lambda arm: count(arm.unparsed, "yellow")
        columns["why"] = lambda arm: plain(unread_text(arm) or "–")
    if any(arm.waits or arm.arm.params.get("waits") for arm in arms):
        columns["Waits"] = lambda arm: plain(waits_shown(arm))
    if any(arm.cuts for arm in arms):
        columns["cut"] = lambda arm: plain("–" if arm.cuts is None else f"{arm.cuts / arm.candidates:.0%}")
    if any(arm.jobs.failed for arm in arms):
        columns["failed"] = lambda arm: count(arm.jobs.failed, "red")
    made = table(*columns, numbers=columns.keys() - {"arm", "model"})
    for arm in arms:
        made.add_row(*(cell(arm) for cell in columns.values()))
    made.caption = CAPTION + VERIFIER_CAPTION if has_verifier else CAPTION
    made.caption_justify = "left"
    return made


def waits_shown(arm: ArmResult) -> str:
    """`1.8 of 2`: really forced, a chain's mean, and asked for; a dash where none were."""
    asked = arm.arm.params.get("waits") or 0
    if not asked:
        return "–"
    forced = "–" if arm.waits is None or not arm.candidates else f"{arm.waits / arm.candidates:.1f}"
    return f"{forced} of {asked}"


def results_notes(arms: Sequence[ArmResult]) -> list[str]:
    """What the table cannot say: jobs that are missing, and how far they could move an accuracy."""
    notes = []
    if not any(arm.truncated or arm.unparsed or arm.jobs.failed for arm in arms):
        notes.append("No job failed, no answer was truncated or unreadable.")
    unparsed = sum(arm.unparsed for arm in arms)
    if unparsed:
        notes.append(f"{unparsed:,} answers could not be read; they count as not correct.")
    notes += [
        f"{arm.label}: of {arm.candidates:,} candidates {arm.unscored:,} could not be scored and had no say."
        for arm in arms
        if arm.unscored
    ]
    waiting = sum(arm.jobs.open for arm in arms)
    if waiting:
        notes.append(f"{waiting:,} jobs have not ended: accuracies are of those that have.")
    cancelled = sum(arm.jobs.cancelled for arm in arms)
    if cancelled:
        notes.append(f"{cancelled:,} jobs were cancelled: accuracies are of those that ran.")
    if spending := spending_note(arms):
        notes.append(spending)
    if ending := ending_note(cut(arms)):
        notes.append(ending)
    for arm in arms:
        if arm.jobs.failed and arm.estimate is not None:
            low, high = arm.accuracy.if_missing_wrong, arm.accuracy.if_missing_right
            notes.append(
                f"{arm.label}: {arm.jobs.failed} failed jobs are left out; "
                f"had they all been wrong or all right, accuracy would be {low:.1%} or {high:.1%}."
            )
    return notes


def count(number: int, style: str) -> Text:
    return plain(f"{number:,}", style if number else "dim")


def thinking(arm: ArmResult) -> str:
    return "–" if arm.thinking_tokens_mean is None else f"{arm.thinking_tokens_mean:,.1f}"


NUMBERS: dict[str, Callable[[ArmResult], Text]] = {
    "accuracy": lambda arm: plain(percent(arm.estimate)),
    "95 % interval": lambda arm: plain(interval(arm.estimate)),
    "thinking": lambda arm: plain(thinking(arm)),
    "generated": lambda arm: plain(shown(arm.spent_generated_tokens)),
}
"""Columns of every results table: mean thinking tokens per problem, and all tokens that were generated."""
