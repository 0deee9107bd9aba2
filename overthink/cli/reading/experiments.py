"""Experiments without their results, for people and for machines: the list, and one of them.

The shape of a document is a promise: keys are never renamed, and missing is null. Names are data: they never pass
through Rich's markup.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TypedDict

from pydantic import JsonValue
from rich.console import Console
from rich.table import Table
from rich.text import Text

from db.queries import ArmTotals, ExperimentDetail, ExperimentSummary, JobCounts, MadeBy, Waiting, swaps, told
from db.status import ExperimentStatus
from overthink.cli.harmless import harmless
from overthink.cli.terminal import plain, table
from results import Joined, Measurements
from results.progress.left import left_words
from results.waiting import sentence
from results.wording import duration
from scaling.compute.spending import Unknown
from scaling.statistics.remaining import TimeLeft
from scaling.types import total_if_known

STATUS_STYLES = {
    ExperimentStatus.SUCCEEDED: "green",
    ExperimentStatus.RUNNING: "cyan",
    ExperimentStatus.EXPANDING: "cyan",
    ExperimentStatus.FINISHED_WITH_FAILURES: "yellow",
    ExperimentStatus.FAILED: "red",
}


class WaitingDocument(TypedDict):
    """Why jobs of an experiment wait: the kind, how many they are, and the sentence for people."""

    why: str
    jobs: int
    sentence: str


class ExperimentDocument(TypedDict):
    """One experiment without its results. `eta_s` is the likeliest, between the bounds of 95 %; None: nobody knows."""

    experiment: int
    name: str
    owner: str
    status: str
    jobs: dict[str, int]
    eta_s: float | None
    eta_low_s: float | None
    eta_high_s: float | None
    age_s: float
    seconds: float | None
    priority: int
    token_cap: int | None
    tags: list[str]
    notes: str
    digest: str
    error: str | None
    waiting: WaitingDocument | None
    """None: nothing keeps it."""


class UnknownDocument(TypedDict):
    """Of how many requests nobody knows what they cost, and at most how many tokens that is."""

    unknown_requests: int | None
    unknown_tokens: int | None


class SpendingDocument(UnknownDocument):
    """What all attempts of an experiment were charged, and on top of it at most what nobody knows of."""

    prompt_tokens: int | None
    cached_tokens: int | None
    generated_tokens: int | None
    verifier_tokens: int | None
    unrewarded_generated_tokens: int | None


def waiting_document(waiting: Waiting) -> WaitingDocument:
    return {"why": waiting.why.value, "jobs": waiting.jobs, "sentence": sentence(waiting)}


def experiment_document(
    summary: ExperimentSummary, left: TimeLeft | None, now: dt.datetime, waiting: Waiting | None = None
) -> ExperimentDocument:
    return {
        "experiment": summary.id,
        "name": summary.name,
        "owner": summary.owner,
        "status": summary.status.value,
        "jobs": jobs_document(summary.jobs),
        "eta_s": None if left is None else left.likely,
        "eta_low_s": None if left is None else left.low,
        "eta_high_s": None if left is None else left.high,
        "age_s": round((now - summary.created_at).total_seconds(), 3),
        "seconds": seconds_of(summary, now),
        "priority": summary.priority,
        "token_cap": summary.token_cap,
        "tags": list(summary.tags),
        "notes": summary.notes,
        "digest": summary.digest,
        "error": summary.error,
        "waiting": None if waiting is None else waiting_document(waiting),
    }


def jobs_document(jobs: JobCounts) -> dict[str, int]:
    return {"total": jobs.total, **asdict(jobs)}


def seconds_of(summary: ExperimentSummary, now: dt.datetime) -> float | None:
    """From the first claim to the end, or until now; None if nothing was claimed yet."""
    if summary.started_at is None:
        return None
    return round(((summary.finished_at or now) - summary.started_at).total_seconds(), 3)


def unknown_document(unknown: Unknown | None) -> UnknownDocument:
    if unknown is None:
        return {"unknown_requests": None, "unknown_tokens": None}
    return {"unknown_requests": unknown.all_requests, "unknown_tokens": unknown.all_tokens}


def spending_document(arms: Sequence[ArmTotals]) -> SpendingDocument:
    spent = [counts for arm in arms for counts in (arm.tokens, arm.unrewarded)]
    return {
        "prompt_tokens": total_if_known(each.prompt_tokens for each in spent),
        "cached_tokens": total_if_known(each.cached_tokens for each in spent),
        "generated_tokens": total_if_known(each.generated_tokens for each in spent),
        "verifier_tokens": total_if_known(each.verifier_tokens for each in spent),
        "unrewarded_generated_tokens": total_if_known(arm.unrewarded.generated_tokens for arm in arms),
        **unknown_document(Unknown.total(arm.unknown for arm in arms)),
    }


def provenance_document(experiment: ExperimentDetail, states: Sequence[MadeBy]) -> dict[str, JsonValue]:
    """At expansion: code, data, graders, seeds, models and verifiers. Then what made the attempts, in order."""
    return {
        "expansion": told(experiment.provenance),
        "data_set_digest": told(experiment.summary.data_set_digest),
        "models": told(experiment.models),
        "attempts": [
            {
                **{name: told(value) for name, value in state.facts.items()},
                "attempts": state.attempts,
                "first_at": state.first_at.isoformat(),
                "last_at": state.last_at.isoformat(),
            }
            for state in states
        ],
        "swaps": list(swaps(states)),
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


def experiments_table(
    experiments: Sequence[ExperimentSummary], left: Mapping[int, TimeLeft | None], now: dt.datetime
) -> Table:
    """`left` is the time until each that is open is done, as far as anybody knows."""
    numbers = ("id", "done", "failed", "left", "age")
    made = table("id", "name", "owner", "status", *numbers[1:], numbers=numbers)
    for each in experiments:
        made.add_row(
            str(each.id),
            plain(shown_name(each)),
            plain(each.owner),
            status_text(each.status),
            done(each.jobs),
            plain(f"{each.jobs.failed:,}", "red" if each.jobs.failed else "dim"),
            left_words(left.get(each.id)),
            duration((now - each.created_at).total_seconds()),
        )
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
        "token cap": plain("" if summary.token_cap is None else f"{summary.token_cap:,}"),
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


def status_text(status: ExperimentStatus) -> Text:
    return plain(status.shown, STATUS_STYLES.get(status, ""))


def done(jobs: JobCounts) -> str:
    """Of all jobs, those that ran to an end."""
    return f"{jobs.succeeded + jobs.failed:,}/{jobs.total:,}" if jobs.total else "–"
