"""A trace as rows, with its text made storable."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from db.counts import count_values
from db.models import StepRow
from db.paths import path_text
from db.records import Grade, Lease
from db.rollups import rollup_values
from db.text import storable, storable_or_none
from scaling.compute.work import Work, work_of
from scaling.statistics.rollup import roll_up_trace
from scaling.storable import is_storable
from scaling.types import Candidate, Outcome, Path, Step, Trace

Values = dict[str, object]

STEP_COLUMNS = tuple(name for name in StepRow.__table__.columns.keys() if name not in ("job_id", "position"))  # noqa: SIM118
"""Each is what a Step calls it."""
WORK_COLUMNS = tuple(field.name for field in fields(Work))


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
        grades=[grade_values(lease.job_id, grade) for grade in grades],
        rollup={"job_id": lease.job_id, **rollup_values(roll_up_trace(trace, verdicts, seed=lease.job_id))},
    )


def grade_by_path(candidates: Sequence[Candidate], grades: Sequence[Grade]) -> dict[Path, Grade]:
    expected = sorted(candidate.path for candidate in candidates)
    given = sorted(grade.path for grade in grades)
    if not expected or expected != given:
        raise ValueError(f"a trace needs candidates and one grade for each: candidates {expected}, grades {given}")
    return {grade.path: grade for grade in grades}


def trace_values(lease: Lease, trace: Trace, grade: Grade, wall_seconds: float) -> Values:
    work = work_of(trace)
    return {
        "job_id": lease.job_id,
        "attempt": lease.attempt,
        **concluded_values(trace.outcome, grade),
        "num_candidates": len(trace.outcome.candidates),
        "waits": sum(candidate.waits for candidate in trace.outcome.candidates),
        "cuts": sum(candidate.is_cut for candidate in trace.outcome.candidates),
        "is_text_repaired": not all(map(is_storable, all_text(trace))),
        "wall_seconds": wall_seconds,
        **count_values(trace.counts),
        **{name: getattr(work, name) for name in WORK_COLUMNS},
    }


def concluded_values(outcome: Outcome, grade: Grade) -> Values:
    """What depends on how its answers are read; `grade` is the chosen candidate's."""
    chosen = outcome.candidates[outcome.chosen]
    return {
        "verdict": grade.verdict,
        "right_if_read": grade.right_if_read,
        "unread": grade.unread,
        "answer": storable_or_none(chosen.answer),
        "answer_key": storable_or_none(chosen.key),
        "chosen_path": path_text(chosen.path),
        "is_tie": outcome.is_tie,
        "unscored": sum(candidate.can_vote and candidate.score is None for candidate in outcome.candidates),
    }


def all_text(trace: Trace) -> list[str]:
    candidates = trace.outcome.candidates
    answers = [text for candidate in candidates for text in (candidate.text, candidate.answer, candidate.key)]
    return [*(step.text for step in trace.steps), *(text for text in answers if text is not None)]


def step_values(lease: Lease, position: int, step: Step) -> Values:
    as_it_is = {name: getattr(step, name) for name in STEP_COLUMNS}
    as_stored = {"path": path_text(step.path), "text": storable(step.text)}
    ids = {"ids": list(step.ids), "dropped_ids": list(step.dropped_ids)}
    return {"job_id": lease.job_id, "position": position, **as_it_is, **as_stored, **ids}


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


def grade_values(job_id: int, grade: Grade) -> Values:
    return {
        "job_id": job_id,
        "path": path_text(grade.path),
        "grader": grade.grader,
        "version": grade.version,
        "verdict": grade.verdict,
        "right_if_read": grade.right_if_read,
        "unread": grade.unread,
    }
