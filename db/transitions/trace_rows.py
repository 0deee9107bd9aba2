"""A trace as rows, with its text made storable."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from db.counts import count_values
from db.paths import path_text
from db.records import Grade, Lease
from db.rollups import rollup_values
from db.text import storable, storable_or_none
from scaling.compute.work import longest_of_k, work_of
from scaling.statistics.curves import JobBallot
from scaling.statistics.rollup import Rollup, roll_up
from scaling.storable import is_storable
from scaling.types import Candidate, Path, Step, Trace, Verdict

Values = dict[str, object]


@dataclass(frozen=True, slots=True)
class TraceRows:
    """The rows of one trace, ready to be inserted in this order."""

    trace: Values
    steps: list[Values]
    candidates: list[Values]
    grades: list[Values]
    rollup: Values


def trace_rows(lease: Lease, trace: Trace, grades: Sequence[Grade], wall_seconds: float) -> TraceRows:
    """Raises ValueError unless there is a candidate, and exactly one grade for each."""
    outcome = trace.outcome
    graded = grade_by_path(outcome.candidates, grades)
    verdicts = {path: grade.verdict for path, grade in graded.items()}
    return TraceRows(
        trace=trace_values(lease, trace, graded[outcome.candidates[outcome.chosen].path], wall_seconds),
        steps=[step_values(lease, *each) for each in enumerate(trace.steps)],
        candidates=[
            {**candidate_values(lease, position, candidate), "chosen": position == outcome.chosen}
            for position, candidate in enumerate(outcome.candidates)
        ],
        grades=[grade_values(lease, grade) for grade in grades],
        rollup=rollup_row(lease, trace, verdicts),
    )


def rollup_row(lease: Lease, trace: Trace, verdicts: Mapping[Path, Verdict]) -> Values:
    rollup = rollup_of(trace.outcome.candidates, verdicts, seed=lease.job_id)
    longest = longest_of_k(trace, rollup.ks)
    return {
        "job_id": lease.job_id,
        **rollup_values(rollup),
        "longest_of_k": None if longest is None else list(longest),
    }


def rollup_of(candidates: Sequence[Candidate], verdicts: Mapping[Path, Verdict], seed: int) -> Rollup:
    ballot = JobBallot.of(
        problem="",  # its own is of no matter within one job
        keys=[candidate.key for candidate in candidates],
        verdicts=[verdicts[candidate.path] for candidate in candidates],
        scores=[math.nan if candidate.score is None else candidate.score for candidate in candidates],
    )
    return roll_up(ballot, [candidate.step_scores for candidate in candidates], seed)


def grade_by_path(candidates: Sequence[Candidate], grades: Sequence[Grade]) -> dict[Path, Grade]:
    expected = sorted(candidate.path for candidate in candidates)
    given = sorted(grade.path for grade in grades)
    if not expected or expected != given:
        raise ValueError(f"a trace needs candidates and one grade for each: candidates {expected}, grades {given}")
    return {grade.path: grade for grade in grades}


def trace_values(lease: Lease, trace: Trace, grade: Grade, wall_seconds: float) -> Values:
    chosen = trace.outcome.candidates[trace.outcome.chosen]
    return {
        "job_id": lease.job_id,
        "attempt": lease.attempt,
        "verdict": grade.verdict,
        "right_if_read": grade.right_if_read,
        "unread": grade.unread,
        "answer": storable_or_none(chosen.answer),
        "answer_key": storable_or_none(chosen.key),
        "chosen_path": path_text(chosen.path),
        "is_tie": trace.outcome.is_tie,
        "num_candidates": len(trace.outcome.candidates),
        "waits": sum(candidate.waits for candidate in trace.outcome.candidates),
        "cuts": sum(candidate.is_cut for candidate in trace.outcome.candidates),
        "unscored": sum(candidate.can_vote and candidate.score is None for candidate in trace.outcome.candidates),
        "is_text_repaired": not all(map(is_storable, all_text(trace))),
        "wall_seconds": wall_seconds,
        **count_values(trace.counts),
        **asdict(work_of(trace)),
    }


def all_text(trace: Trace) -> list[str]:
    candidates = trace.outcome.candidates
    answers = [text for candidate in candidates for text in (candidate.text, candidate.answer, candidate.key)]
    return [*(step.text for step in trace.steps), *(text for text in answers if text is not None)]


def step_values(lease: Lease, position: int, step: Step) -> Values:
    return {
        "job_id": lease.job_id,
        "path": path_text(step.path),
        "position": position,
        "kind": step.kind,
        "phase": step.phase,
        "text": storable(step.text),
        "ids": list(step.ids),
        "dropped_ids": list(step.dropped_ids),
        "prompt_tokens": step.prompt_tokens,
        "cached_tokens": step.cached_tokens,
        "generated_tokens": step.generated_tokens,
        "forced_tokens": step.forced_tokens,
        "verifier_tokens": step.verifier_tokens,
        "verifier_cached_tokens": step.verifier_cached_tokens,
        "verifier_generated_tokens": step.verifier_generated_tokens,
        "verifier_calls": step.verifier_calls,
        "verifier_seconds": step.verifier_seconds,
        "requests": step.requests,
        "seconds": step.seconds,
        "queue_seconds": step.queue_seconds,
        "gate_seconds": step.gate_seconds,
        "retry_seconds": step.retry_seconds,
        "finish_reason": step.finish_reason,
        "kept": step.kept,
        "score": step.score,
    }


def candidate_values(lease: Lease, position: int, candidate: Candidate) -> Values:
    return {
        "job_id": lease.job_id,
        "path": path_text(candidate.path),
        "position": position,
        "text": storable(candidate.text),
        "answer": storable_or_none(candidate.answer),
        "key": storable_or_none(candidate.key),
        "truncated": candidate.truncated,
        "thinking_tokens": candidate.thinking_tokens,
        "total_tokens": candidate.total_tokens,
        "score": candidate.score,
        "step_scores": list(candidate.step_scores),
        "note": storable_or_none(candidate.note),
    }


def grade_values(lease: Lease, grade: Grade) -> Values:
    return {
        "job_id": lease.job_id,
        "path": path_text(grade.path),
        "grader": grade.grader,
        "version": grade.version,
        "verdict": grade.verdict,
        "right_if_read": grade.right_if_read,
        "unread": grade.unread,
    }
