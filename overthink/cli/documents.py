"""What `--json` prints. The shape of a run's document is a promise: keys are never renamed, and missing is null."""

import datetime as dt
import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import TypedDict

from db.queries import ArmTotals, ExperimentDetail, ExperimentSummary, Fleet, JobCounts, Waiting
from results import ArmResult, arms
from results.columns import Record, record
from results.waiting import sentence
from scaling.compute.spending import Unknown
from scaling.types import total_if_known


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


class RunDocument(TypedDict):
    """One experiment: its id, and seconds from its first claimed job to its last."""

    experiment: int
    status: str
    seconds: float | None
    arms: list[Record]
    """`results.arms.DOCUMENT` says what is in it."""


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


def run_document(experiment: ExperimentDetail, found: Sequence[ArmResult]) -> RunDocument:
    return {
        "experiment": experiment.id,
        "status": experiment.summary.status.value,
        "seconds": seconds_of(experiment.summary, dt.datetime.now(dt.UTC)),
        "arms": [record(arms.DOCUMENT, each) for each in found],
    }


def unknown_document(unknown: Unknown | None) -> UnknownDocument:
    if unknown is None:
        return {"unknown_requests": None, "unknown_tokens": None}
    return {"unknown_requests": unknown.all_requests, "unknown_tokens": unknown.all_tokens}


def spending_document(totals: Sequence[ArmTotals]) -> SpendingDocument:
    spent = [counts for arm in totals for counts in (arm.tokens, arm.unrewarded)]
    return {
        "prompt_tokens": total_if_known(each.prompt_tokens for each in spent),
        "cached_tokens": total_if_known(each.cached_tokens for each in spent),
        "generated_tokens": total_if_known(each.generated_tokens for each in spent),
        "verifier_tokens": total_if_known(each.verifier_tokens for each in spent),
        "unrewarded_generated_tokens": total_if_known(arm.unrewarded.generated_tokens for arm in totals),
        **unknown_document(Unknown.total(arm.unknown for arm in totals)),
    }


def results_document(experiment: ExperimentDetail, found: Sequence[ArmResult]) -> ResultsDocument:
    summary = experiment.summary
    return {
        **run_document(experiment, found),
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


def known(value: float) -> float | None:
    """JSON has no NaN: what is not known is null."""
    return None if math.isnan(value) else value
