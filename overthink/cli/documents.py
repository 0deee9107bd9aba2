"""What `--json` prints. The shape of a run's document is a promise: keys are never renamed, and missing is null."""

import datetime as dt
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TypedDict

from pydantic import JsonValue

from db.queries import ArmTotals, ExperimentDetail, ExperimentSummary, Fleet, JobCounts, Waiting
from results import ArmResult
from results.columns import csv_text
from results.waiting import sentence
from scaling.compute.spending import Unknown
from scaling.types import total_if_known


class UnknownDocument(TypedDict):
    """Of how many requests nobody knows what they cost, and at most how many tokens that is."""

    unknown_requests: int | None
    unknown_tokens: int | None


class ArmDocument(UnknownDocument):
    """One arm. `failed` and `truncated` count jobs; totals include what failed and lost attempts spent.

    `unrewarded_generated_tokens` are those of the total that are in no trace. Of `unknown_requests`, at most, nobody
    knows what they cost: at most `unknown_tokens` on top, prompts included; null: of earlier runs. Seconds are of
    requests, in traces: at the servers, of these in the generator's own queue, and before in our gate and in tries
    that failed. Tokens and seconds are null where an engine does not tell them.

    `right_if_read` are those of the truncated that would be right if what stands there were read. `unread` counts why
    answers are neither correct nor wrong: "nothing", "cut", "abstained", "ambiguous" and others. `waits` were really
    forced, and `cuts` made by a limit, in the thoughts of `candidates`, of which `unscored` had an answer that the
    verifier could not score; null: not known of earlier runs, or no verifier.
    """

    label: str
    strategy: str
    params: Mapping[str, JsonValue]
    problems: int
    failed: int
    truncated: int
    unparsed: int
    unread: Mapping[str, int]
    right_if_read: int | None
    candidates: int
    waits: int | None
    cuts: int | None
    unscored: int | None
    accuracy: float | None
    ci_low: float | None
    ci_high: float | None
    thinking_tokens_mean: float | None
    generated_tokens_total: int | None
    forced_tokens_total: int
    verifier_tokens_total: int | None
    """Read and generated, what was cached included."""
    unrewarded_generated_tokens: int | None
    server_seconds_total: float
    queue_seconds_total: float | None
    gate_seconds_total: float | None
    retry_seconds_total: float | None


class SpendingDocument(UnknownDocument):
    """What all attempts of an experiment were charged, and on top of it at most what nobody knows of."""

    prompt_tokens: int | None
    cached_tokens: int | None
    generated_tokens: int | None
    verifier_tokens: int | None
    unrewarded_generated_tokens: int | None


class RunDocument(TypedDict):
    """One experiment: its id, and seconds from its first claimed job to its last."""

    experiment: int
    status: str
    seconds: float | None
    arms: list[ArmDocument]


class ResultsDocument(RunDocument):
    """A run's document and what identifies the experiment."""

    name: str
    owner: str
    digest: str
    jobs: dict[str, int]
    error: str | None


class WaitingDocument(TypedDict):
    """Why jobs of an experiment wait: the kind, how many they are, and the sentence for people."""

    why: str
    jobs: int
    sentence: str


class ExperimentDocument(TypedDict):
    """One experiment without its results. `eta_s` None: nobody knows."""

    experiment: int
    name: str
    owner: str
    status: str
    jobs: dict[str, int]
    eta_s: float | None
    age_s: float
    seconds: float | None
    priority: int
    tags: list[str]
    notes: str
    digest: str
    error: str | None
    waiting: WaitingDocument | None
    """None: nothing keeps it."""


class FleetDocument(TypedDict):
    """Models and verifiers that were ever announced, and the workers that are alive."""

    models: list[dict[str, str | int | None]]
    verifiers: list[dict[str, str | int | bool]]
    workers: list[dict[str, str | int | list[str]]]


def run_document(experiment: ExperimentDetail, arms: Sequence[ArmResult]) -> RunDocument:
    return {
        "experiment": experiment.id,
        "status": experiment.summary.status.value,
        "seconds": seconds_of(experiment.summary, dt.datetime.now(dt.UTC)),
        "arms": [arm_document(arm) for arm in arms],
    }


def arm_document(arm: ArmResult) -> ArmDocument:
    accuracy = arm.estimate
    return {
        "label": arm.label,
        "strategy": arm.arm.strategy,
        "params": arm.params,
        "problems": arm.num_problems,
        "failed": arm.jobs.failed,
        "truncated": arm.truncated,
        "unparsed": arm.unparsed,
        "unread": {reason.value: count for reason, count in arm.unread.items()},
        "right_if_read": arm.right_if_read,
        "candidates": arm.candidates,
        "waits": arm.waits,
        "cuts": arm.cuts,
        "unscored": arm.unscored,
        "accuracy": None if accuracy is None else accuracy.value,
        "ci_low": None if accuracy is None else accuracy.low,
        "ci_high": None if accuracy is None else accuracy.high,
        "thinking_tokens_mean": arm.thinking_tokens_mean,
        "generated_tokens_total": arm.spent_generated_tokens,
        "forced_tokens_total": arm.spent_forced_tokens,
        "verifier_tokens_total": arm.spent_verifier_tokens,
        "unrewarded_generated_tokens": arm.unrewarded.generated_tokens,
        **unknown_document(arm.unknown),
        "server_seconds_total": arm.tokens.seconds + arm.tokens.verifier_seconds,
        "queue_seconds_total": arm.tokens.queue_seconds,
        "gate_seconds_total": arm.tokens.gate_seconds,
        "retry_seconds_total": arm.tokens.retry_seconds,
    }


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


def results_document(experiment: ExperimentDetail, arms: Sequence[ArmResult]) -> ResultsDocument:
    summary = experiment.summary
    return {
        **run_document(experiment, arms),
        "name": summary.name,
        "owner": summary.owner,
        "digest": summary.digest,
        "jobs": jobs_document(summary.jobs),
        "error": summary.error,
    }


def waiting_document(waiting: Waiting) -> WaitingDocument:
    return {"why": waiting.why.value, "jobs": waiting.jobs, "sentence": sentence(waiting)}


def experiment_document(
    summary: ExperimentSummary, eta_s: float | None, now: dt.datetime, waiting: Waiting | None = None
) -> ExperimentDocument:
    return {
        "experiment": summary.id,
        "name": summary.name,
        "owner": summary.owner,
        "status": summary.status.value,
        "jobs": jobs_document(summary.jobs),
        "eta_s": eta_s,
        "age_s": round((now - summary.created_at).total_seconds(), 3),
        "seconds": seconds_of(summary, now),
        "priority": summary.priority,
        "tags": list(summary.tags),
        "notes": summary.notes,
        "digest": summary.digest,
        "error": summary.error,
        "waiting": None if waiting is None else waiting_document(waiting),
    }


def fleet_document(fleet: Fleet) -> FleetDocument:
    return {
        "models": [
            {
                "name": model.name,
                "engine": model.engine,
                "context_length": model.context_length,
                "live_workers": fleet.num_workers(model.name),
                "remark": model.remark,
            }
            for model in fleet.models
        ],
        "verifiers": [
            {
                "name": verifier.name,
                "kind": verifier.kind,
                "scores_steps": verifier.scores_steps,
                "live_workers": fleet.num_workers(verifier.name),
            }
            for verifier in fleet.verifiers
        ],
        "workers": [
            {
                "id": worker.id,
                "models": list(worker.models),
                "verifiers": list(worker.verifiers),
                "slots": worker.slots,
                "running": worker.running,
            }
            for worker in fleet.alive
        ],
    }


def jobs_document(jobs: JobCounts) -> dict[str, int]:
    return {"total": jobs.total, **asdict(jobs)}


def seconds_of(summary: ExperimentSummary, now: dt.datetime) -> float | None:
    """From the first claim to the end, or until now; None if nothing was claimed yet."""
    if summary.started_at is None:
        return None
    return round(((summary.finished_at or now) - summary.started_at).total_seconds(), 3)


def print_document(document: object) -> None:
    print(json.dumps(document, indent=2, allow_nan=False))


def print_csv(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> None:
    """A header and the rows, as the page's files have them."""
    print(csv_text(rows, columns), end="")


def known(value: float) -> float | None:
    """JSON has no NaN: what is not known is null."""
    return None if math.isnan(value) else value
