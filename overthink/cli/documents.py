"""What `--json` prints. The shape of a run's document is a promise: keys are never renamed, and missing is null."""

import datetime as dt
import json
import math
from collections.abc import Mapping, Sequence
from typing import TypedDict

from pydantic import JsonValue

from db.queries import ExperimentDetail
from overthink.cli.reading.experiments import UnknownDocument, jobs_document, seconds_of, unknown_document
from results import ArmResult
from results.columns import csv_text


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


def print_document(document: object) -> None:
    print(json.dumps(document, indent=2, allow_nan=False))


def print_csv(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> None:
    """A header and the rows, as the page's files have them."""
    print(csv_text(rows, columns), end="")


def known(value: float) -> float | None:
    """JSON has no NaN: what is not known is null."""
    return None if math.isnan(value) else value
