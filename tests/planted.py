"""Experiments whose truth is planted: measurements made of what each arm answers to each problem, without a database.

What is computed of them is computed by the product, from `Measurements` on. Suffixes: P problems, R repeats, C
candidates of a job. NaN: the job failed.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from pydantic import JsonValue

from db.queries import Arm, ArmSamples, ExperimentDetail, ExperimentSummary, JobCounts
from db.queries.samples import VERDICTS
from db.status import ExperimentStatus
from results import Measurements
from results.measured.rollups import columns_of, together
from scaling.arrays import Floats
from scaling.statistics.at_k import JobBallot
from scaling.statistics.rollup import roll_up
from scaling.strategies import remembered
from scaling.types import Verdict

PROMPT_TOKENS = 40
THINKS: dict[str, JsonValue] = {"start": "<think>\n", "stop": ["</think>"]}
FACTS: dict[str, JsonValue] = {
    "parameters": 1000,
    "cost_facts": {"architecture": {"layers": 2, "heads": 2, "kv_heads": 1, "head_size": 8}},
}
MODELS: dict[str, JsonValue] = {
    "thinker": {**FACTS, "thinking": THINKS, "base": "instruct"},
    "instruct": {**FACTS, "thinking": {"start": "", "stop": []}},
}


@dataclass(frozen=True, slots=True, eq=False)
class PlantedArm:
    """`correct_PRC` in {0, 1}, NaN where the job failed; `tokens_PRC` are those of each chain. A vote is of its
    candidates: the correct ones agree, and of the wrong ones no two do."""

    strategy: Mapping[str, JsonValue]
    correct_PRC: Floats
    tokens_PRC: Floats
    model: str = "thinker"
    seed: int | None = None
    """Its own; None: the experiment's."""
    unparsed_PR: Floats | None = None
    """1 where the job's answer could not be read."""


def chain_of(strategy: Mapping[str, JsonValue], correct_P: Floats, tokens: float, **more: Any) -> PlantedArm:
    """One chain a problem, all of the same length."""
    correct_PRC = np.asarray(correct_P, dtype=float)[:, None, None]
    return PlantedArm(strategy, correct_PRC, np.full(correct_PRC.shape, float(tokens)), **more)


def measured(
    arms: Sequence[PlantedArm], models: Mapping[str, JsonValue] = MODELS, spec: Mapping[str, JsonValue] | None = None
) -> Measurements:
    samples = tuple(_samples(number, arm) for number, arm in enumerate(arms, start=1))
    problems = len(arms[0].correct_PRC) if arms else 0
    measurements = Measurements(cast(Any, None), _experiment(samples, problems, models, spec or {}), samples)
    measurements._rollups.update({each.arm.id: _rollups(each, arm) for each, arm in zip(samples, arms, strict=True)})
    return measurements


def _experiment(
    samples: Sequence[ArmSamples], problems: int, models: Mapping[str, JsonValue], spec: Mapping[str, JsonValue]
) -> ExperimentDetail:
    now, jobs = (
        dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        JobCounts(0, 0, sum(each.job_id_J.size for each in samples), 0, 0),
    )
    summary = ExperimentSummary(
        1,
        "planted",
        1,
        "tests",
        ExperimentStatus.SUCCEEDED,
        None,
        0,
        None,
        (),
        "",
        "digest",
        "data",
        jobs,
        now,
        now,
        now,
        1,
        0,
    )
    return ExperimentDetail(summary, dict(spec), None, dict(models), problems, tuple(each.arm for each in samples))


def _samples(number: int, planted: PlantedArm) -> ArmSamples:
    is_done_PR = ~np.isnan(planted.correct_PRC).any(axis=2)
    problem_J, repeat_J = np.nonzero(is_done_PR)
    tokens_JC = planted.tokens_PRC[is_done_PR]
    size, zeros_J = problem_J.size, np.zeros(problem_J.size)
    total_J = tokens_JC.sum(axis=1)
    columns: dict[str, Any] = dict.fromkeys(
        (field for field in ArmSamples.__dataclass_fields__ if field.endswith("_J")), zeros_J
    )
    return ArmSamples(
        **{
            **columns,
            "arm": _arm(number, planted),
            "jobs": JobCounts(0, 0, size, int((~is_done_PR).sum()), 0),
            "failed": tuple(
                (int(problem), int(repeat)) for problem, repeat in zip(*np.nonzero(~is_done_PR), strict=True)
            ),
            "job_id_J": number * 1_000_000 + np.arange(size),
            "problem_J": problem_J,
            "repeat_J": repeat_J,
            "verdict_number_J": _verdicts_J(planted, is_done_PR),
            "prompt_tokens_J": np.full(size, float(PROMPT_TOKENS * tokens_JC.shape[1])),
            "thinking_tokens_J": total_J,
            "generated_tokens_J": total_J,
            "num_candidates_J": np.full(size, tokens_JC.shape[1]),
            "chains_J": np.full(size, float(tokens_JC.shape[1])),
            "longest_path_J": tokens_JC.max(axis=1),
            "attended_J": (tokens_JC * (PROMPT_TOKENS + tokens_JC / 2)).sum(axis=1),
            "kv_read_J": (tokens_JC * (PROMPT_TOKENS + tokens_JC / 2)).sum(axis=1),
        }
    )


def _verdicts_J(planted: PlantedArm, is_done_PR: np.ndarray) -> np.ndarray:
    is_correct_PR = np.array(
        [[_votes_right(candidates_C) for candidates_C in of_problem_RC] for of_problem_RC in planted.correct_PRC]
    )
    numbers_PR = np.where(is_correct_PR, VERDICTS.index(Verdict.CORRECT), VERDICTS.index(Verdict.WRONG))
    if planted.unparsed_PR is not None:
        numbers_PR = np.where(planted.unparsed_PR > 0, VERDICTS.index(Verdict.UNPARSED), numbers_PR)
    return np.asarray(numbers_PR[is_done_PR], dtype=np.int64)


def _votes_right(correct_C: Floats) -> bool:
    """Two that agree outvote any number that do not; one alone is in a draw, which goes to the first."""
    return bool(np.nansum(correct_C) >= 2 or correct_C[0] == 1)


def _arm(number: int, planted: PlantedArm) -> Arm:
    strategy = remembered(planted.strategy)
    params: dict[str, JsonValue] = {name: value for name, value in planted.strategy.items() if name != "strategy"}
    words = [strategy.strategy, *(f"{name}={value}" for name, value in params.items())]
    label = " ".join(map(str, words)) + ("" if planted.model == "thinker" else f" on {planted.model}")
    if planted.seed is not None:
        params["seed"], label = planted.seed, f"{label} with seed={planted.seed}"
    return Arm(number, number - 1, label, planted.model, strategy.strategy, params, dict(planted.strategy))


def _rollups(samples: ArmSamples, planted: PlantedArm) -> Any:
    jobs = zip(samples.job_id_J.tolist(), samples.problem_J.tolist(), samples.repeat_J.tolist(), strict=True)
    made = [
        columns_of(job, roll_up(_ballot(planted.correct_PRC[problem, repeat]), [()], job))
        for job, problem, repeat in jobs
    ]
    return together(samples.job_id_J, made)


def _ballot(correct_C: Floats) -> JobBallot:
    verdicts = [Verdict.CORRECT if each else Verdict.WRONG for each in correct_C]
    keys = ["correct" if each else f"wrong {at}" for at, each in enumerate(correct_C)]
    return JobBallot.of(problem="", keys=keys, verdicts=verdicts, scores=[float("nan")] * len(keys))
