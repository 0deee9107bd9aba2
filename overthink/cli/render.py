"""What is known, as tables and lines. Names and labels are data: they never pass through Rich's markup."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from db.queries import ExperimentDetail, ExperimentSummary, Fleet, JobCounts
from db.status import ExperimentStatus
from overthink.cli.harmless import harmless
from overthink.cli.terminal import table
from results import Joined, Measurements
from results.wording import duration
from scaling.spec.arms import ArmSpec

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


def arms_table(arms: Sequence[ArmSpec]) -> Table:
    """What a spec expands to."""
    made = table("", "arm", "model", "chains", "thinking limit", numbers=("", "chains", "thinking limit"))
    for number, arm in enumerate(arms, start=1):
        limit = arm.strategy.thinking_limit
        shown = "–" if limit is None else f"{limit:,}"
        made.add_row(str(number), plain(arm.label), plain(arm.model), str(arm.strategy.num_chains), shown)
    return made


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
    made = table("model", "context", "live workers", numbers=("context", "live workers"))
    for model in fleet.models:
        alive = fleet.num_workers(model.name)
        made.add_row(plain(model.name), f"{model.context_length:,}", plain(str(alive), "" if alive else "red"))
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
