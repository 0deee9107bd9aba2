"""What is known, as tables and lines. Names and labels are data: they never pass through Rich's markup."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from db.queries import ExperimentDetail, ExperimentSummary, Fleet, JobCounts
from db.status import ExperimentStatus
from overthink.cli.harmless import harmless
from overthink.cli.terminal import table
from results import ArmResult, Comparison, Joined, Measurements, cut, ending_note, spending_note
from results.arms import unread_text
from results.costs import strategy_of
from results.wording import duration, interval, pair_label, percent, points, points_interval, shown
from scaling.spec.arms import ArmSpec
from scaling.statistics.comparisons import PairedDifference, p_shown

CAPTION = "thinking: mean tokens per job, forced ones included · generated: all tokens of the generator"
VERIFIER_CAPTION = " · verifier: all that it read and generated"
MOST_REASONS = 5

STATUS_STYLES = {
    ExperimentStatus.SUCCEEDED: "green",
    ExperimentStatus.RUNNING: "cyan",
    ExperimentStatus.EXPANDING: "cyan",
    ExperimentStatus.FINISHED_WITH_FAILURES: "yellow",
    ExperimentStatus.FAILED: "red",
}


def headline(experiment: ExperimentDetail) -> Text:
    """`demo · experiment 3 · succeeded · 1,440 jobs in 52 s`."""
    summary = experiment.summary
    title = Text.assemble(
        (harmless(summary.name), "bold"), f" · experiment {summary.id} · ", status_text(summary.status)
    )
    if summary.jobs.total:
        title.append(f" · {done(summary.jobs)} jobs")
    if summary.started_at is not None and summary.finished_at is not None:
        title.append(f" in {duration((summary.finished_at - summary.started_at).total_seconds())}")
    return title


def print_headlines(console: Console, measurements: Measurements) -> None:
    """Of each experiment, and over which of their problems."""
    if not isinstance(measurements, Joined):
        console.print(headline(measurements.experiment))
        return
    for part in measurements.parts:
        console.print(headline(part.experiment))
    console.print(measurements.words)


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
    if any(arm.waits or strategy_of(arm.arm).asked_waits for arm in arms):
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
    """`1.8 of 2`: really forced, a chain's mean, and asked for; a dash where none were, `?` where it is not known."""
    asked = strategy_of(arm.arm).asked_waits
    if asked == 0:
        return "–"
    forced = "–" if arm.waits is None or not arm.candidates else f"{arm.waits / arm.candidates:.1f}"
    return f"{forced} of {'?' if asked is None else asked}"


def arms_table(arms: Sequence[ArmSpec]) -> Table:
    """What a spec expands to."""
    made = table("", "arm", "model", "chains", "thinking limit", numbers=("", "chains", "thinking limit"))
    for number, arm in enumerate(arms, start=1):
        limit = arm.strategy.thinking_limit
        shown = "–" if limit is None else f"{limit:,}"
        made.add_row(str(number), plain(arm.label), plain(arm.model), str(arm.strategy.num_chains), shown)
    return made


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


def comparisons_table(comparisons: Sequence[Comparison]) -> Table:
    """One row per pair. Of several, only what is clear among all of them is called so."""
    numbers = ("points", "95 % interval", "p", "adjusted") if len(comparisons) > 1 else ("points", "95 % interval", "p")
    made = table("compared", *numbers, "", numbers=(*numbers, ""))
    for each in comparisons:
        result = each.result
        made.add_row(
            plain(pair_label(each.first.label, each.second.label)),
            points(result.difference),
            points_interval(result.difference),
            p_shown(result.p_value),
            *([p_shown(result.adjusted_p_value)] if len(comparisons) > 1 else []),
            clear_or_not(result),
        )
    return made


def clear_or_not(result: PairedDifference) -> Text:
    return plain("clear", "green") if result.is_clear else plain("unclear", "dim")


def adjustment_note(num_together: int) -> str:
    """What `clear` means below a table of comparisons that were made at once."""
    return (
        f"adjusted: Holm's p for {num_together} comparisons together; those below .05 whose interval excludes 0 are "
        "clear, and may be claimed at once."
    )


def failure_lines(errors: Iterable[str | None]) -> Iterator[str]:
    """The most frequent reasons, each with how often it was given."""
    reasons = Counter((error or "no reason given").splitlines()[0][:300] for error in errors)
    for reason, times in reasons.most_common(MOST_REASONS):
        yield f"  {times} × {reason}"
    if len(reasons) > MOST_REASONS:
        yield f"  and {len(reasons) - MOST_REASONS} other reasons"


def experiments_table(
    experiments: Sequence[ExperimentSummary], left_s: Mapping[int, float | None], now: dt.datetime
) -> Table:
    """`left_s` are the seconds until each is done, None where nobody knows."""
    numbers = ("id", "done", "failed", "left", "age")
    made = table("id", "name", "owner", "status", *numbers[1:], numbers=numbers)
    for each in experiments:
        left = left_s[each.id]
        made.add_row(
            str(each.id),
            plain(shown_name(each)),
            plain(each.owner),
            status_text(each.status),
            done(each.jobs),
            count(each.jobs.failed, "red"),
            "–" if left is None else duration(left),
            duration((now - each.created_at).total_seconds()),
        )
    return made


def models_table(fleet: Fleet) -> Table:
    """The engines are named where they are not all the same."""
    has_engines = len({model.engine for model in fleet.models}) > 1
    columns = ["model", *(["engine"] if has_engines else []), "context", "live workers"]
    made = table(*columns, numbers=("context", "live workers"))
    for model in fleet.models:
        alive = plain(str(number := fleet.num_workers(model.name)), "" if number else "red")
        engine = [plain(model.engine)] if has_engines else []
        made.add_row(plain(model.name), *engine, f"{model.context_length:,}", alive)
    return made


def verifiers_table(fleet: Fleet) -> Table:
    made = table("verifier", "kind", "scores", "live workers", numbers=("live workers",))
    for verifier in fleet.verifiers:
        alive = fleet.num_workers(verifier.name)
        scores = "each step" if verifier.scores_steps else "whole solutions"
        made.add_row(plain(verifier.name), verifier.kind, scores, plain(str(alive), "" if alive else "red"))
    return made


def experiment_card(experiment: ExperimentDetail, now: dt.datetime) -> Table:
    """What is known of it, line by line."""
    summary = experiment.summary
    models = ", ".join(sorted({arm.model for arm in experiment.arms}))
    lines = {
        "experiment": plain(f"{summary.id}  {shown_name(summary)}"),
        "status": status_text(summary.status),
        "owner": plain(summary.owner),
        "submitted": plain(f"{duration((now - summary.created_at).total_seconds())} ago"),
        "jobs": plain(f"{done(summary.jobs)} done, {summary.jobs.running:,} running, {summary.jobs.failed:,} failed"),
        "asks": plain(f"{len(experiment.arms)} arms × {experiment.num_problems} problems on {models or '–'}"),
        "priority": plain(str(summary.priority)),
        "tags": plain(", ".join(summary.tags)),
        "notes": plain(summary.notes),
        "digest": plain(summary.digest),
    }
    card = Table(box=None, show_header=False, pad_edge=False)
    for name, value in lines.items():
        if value.plain:
            card.add_row(plain(name, "dim"), value)
    return card


def shown_name(experiment: ExperimentSummary) -> str:
    return experiment.name if experiment.run == 0 else f"{experiment.name} (again, {experiment.run})"


def plain(text: str, style: str = "") -> Text:
    return Text(harmless(text), style)


def status_text(status: ExperimentStatus) -> Text:
    return plain(status.shown, STATUS_STYLES.get(status, ""))


def done(jobs: JobCounts) -> str:
    """Of all jobs, those that ran to an end."""
    return f"{jobs.succeeded + jobs.failed:,}/{jobs.total:,}" if jobs.total else "–"


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
