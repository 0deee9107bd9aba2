"""One job opened: its problem, arm, attempts, tree and candidates. Step texts and token ids by their own queries."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from db.counts import counts_of, unknown_of
from db.engine import reading
from db.paths import parse_path, path_text
from db.problems import problem_of
from db.queries.experiments import Arm, arm
from db.queries.tree import TreeNode, read_nodes
from db.status import AttemptOutcome, JobStatus
from scaling.compute.spending import Unknown
from scaling.types import Counts, FinishReason, Ids, Path, Phase, Problem, StepKind, Unread, Verdict

JOB = text("SELECT * FROM jobs WHERE id = :job_id")
ARM = text("SELECT arms.* FROM arms JOIN jobs ON jobs.arm_id = arms.id WHERE jobs.id = :job_id")
PROBLEM = text("SELECT problems.* FROM problems JOIN jobs ON jobs.problem_id = problems.id WHERE jobs.id = :job_id")
TRACE = text("SELECT * FROM traces WHERE job_id = :job_id")
ATTEMPTS = text("SELECT * FROM attempts WHERE job_id = :job_id ORDER BY attempt")
CANDIDATES = text("SELECT * FROM candidates WHERE job_id = :job_id ORDER BY position")
GRADES = text("SELECT * FROM grades WHERE job_id = :job_id ORDER BY path, graded_at, grader, version")
STEPS = text("""
SELECT path, kind, phase, text, cardinality(ids) AS num_ids, cardinality(dropped_ids) AS num_dropped_ids,
    prompt_tokens, cached_tokens, generated_tokens, forced_tokens, verifier_tokens, verifier_cached_tokens,
    verifier_calls, verifier_seconds, requests, seconds, finish_reason, kept, score,
    queue_seconds, gate_seconds, retry_seconds
FROM steps WHERE job_id = :job_id AND (CAST(:paths AS text[]) IS NULL OR path = ANY(:paths)) ORDER BY position
""")
STEP_IDS = text("SELECT path, ids, dropped_ids FROM steps WHERE job_id = :job_id AND path = :path")
TRACE_IDS = text("SELECT path, ids, dropped_ids FROM steps WHERE job_id = :job_id ORDER BY position")


class UnknownJobError(LookupError):
    """There is no job of that id, or no step of that path in it."""


@dataclass(frozen=True, slots=True)
class StoredStep:
    """A step without its ids. `num_ids` are those the model was conditioned on, `num_dropped_ids` those left out.
    A count is None if its engine did not report it."""

    path: Path
    kind: StepKind
    phase: Phase
    text: str
    num_ids: int
    num_dropped_ids: int
    prompt_tokens: int | None
    cached_tokens: int | None
    generated_tokens: int | None
    forced_tokens: int
    verifier_tokens: int | None
    requests: int
    seconds: float
    finish_reason: FinishReason | None
    kept: bool
    score: float | None
    verifier_cached_tokens: int | None = 0
    verifier_calls: int = 0
    verifier_seconds: float = 0.0
    queue_seconds: float | None = 0.0
    gate_seconds: float | None = 0.0
    retry_seconds: float | None = 0.0

    @property
    def is_forced(self) -> bool:
        return self.kind is StepKind.FORCED


@dataclass(frozen=True, slots=True)
class StoredGrade:
    """One grader's verdict."""

    grader: str
    version: str
    verdict: Verdict
    graded_at: dt.datetime
    right_if_read: bool | None = None
    unread: Unread | None = None
    """Why the verdict is neither correct nor wrong; None: it is, or nobody noted it."""


@dataclass(frozen=True, slots=True)
class StoredCandidate:
    """A candidate with its grades, oldest first; the latest counts."""

    path: Path
    text: str
    answer: str | None
    key: str | None
    truncated: bool
    thinking_tokens: int | None
    total_tokens: int | None
    score: float | None
    chosen: bool
    grades: tuple[StoredGrade, ...]
    step_scores: tuple[float, ...] = ()
    note: str | None = None
    """Which limit of the method it met."""

    @property
    def verdict(self) -> Verdict:
        return self.grades[-1].verdict

    @property
    def unread(self) -> Unread | None:
        """Why the verdict is neither correct nor wrong."""
        return self.grades[-1].unread

    @property
    def verdict_text(self) -> str:
        """`unparsed: abstained`; a truncated answer was cut, which its verdict says."""
        if self.unread is None or self.unread is Unread.CUT:
            return self.verdict.value
        return f"{self.verdict.value}: {self.unread.label}"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a job and what it spent."""

    attempt: int
    worker: str
    outcome: AttemptOutcome
    error: str | None
    started_at: dt.datetime
    ended_at: dt.datetime | None
    spent: Counts
    unknown: Unknown | None
    """What it spent on top of that, at most; None: it is from before this was told."""
    is_settled: bool
    """Its worker has said its last word on it. Nobody will, if the worker was killed."""


@dataclass(frozen=True, slots=True)
class StoredTrace:
    """What the job produced: totals, the tree without its texts (`steps` has them), and the candidates."""

    verdict: Verdict
    answer: str | None
    answer_key: str | None
    chosen_path: Path
    is_tie: bool
    is_text_repaired: bool
    counts: Counts
    wall_seconds: float
    created_at: dt.datetime
    nodes: tuple[TreeNode, ...]
    candidates: tuple[StoredCandidate, ...]

    @property
    def chosen_candidate(self) -> StoredCandidate:
        return next(each for each in self.candidates if each.chosen)


@dataclass(frozen=True, slots=True)
class TraceDetail:
    """A job with everything around it. `trace` is None until it succeeds."""

    job_id: int
    experiment_id: int
    status: JobStatus
    repeat: int
    error: str | None
    arm: Arm
    problem: Problem
    attempts: tuple[Attempt, ...]
    trace: StoredTrace | None

    @property
    def stored_by(self) -> int | None:
        """The attempt that stored the trace; None without one."""
        return next((each.attempt for each in self.attempts if each.outcome is AttemptOutcome.SUCCEEDED), None)


@dataclass(frozen=True, slots=True)
class StepIds:
    """The ids of one step: those in the context, and those generated after them and dropped."""

    path: Path
    ids: Ids
    dropped_ids: Ids


def trace(database: Engine, job_id: int) -> TraceDetail:
    """Raises UnknownJobError."""
    values = {"job_id": job_id}
    with reading(database) as connection:
        job = connection.execute(JOB, values).one_or_none()
        if job is None:
            raise UnknownJobError(f"there is no job {job_id}")
        return TraceDetail(
            job_id=job.id,
            experiment_id=job.experiment_id,
            status=JobStatus(job.status),
            repeat=job.repeat,
            error=job.error,
            arm=arm(connection.execute(ARM, values).one()),
            problem=problem_of(connection.execute(PROBLEM, values).one()),
            attempts=read_attempts(connection, job_id),
            trace=read_trace(connection, job_id),
        )


def attempts(database: Engine, job_id: int) -> tuple[Attempt, ...]:
    """Every try at the job, first to last."""
    with reading(database) as connection:
        return read_attempts(connection, job_id)


def steps(database: Engine, job_id: int, paths: Iterable[Path] | None = None) -> tuple[StoredStep, ...]:
    """The steps at these paths with their texts, in the order of the trace; None: all of them."""
    wanted = None if paths is None else [path_text(path) for path in paths]
    with reading(database) as connection:
        return tuple(stored_step(row) for row in connection.execute(STEPS, {"job_id": job_id, "paths": wanted}))


def step_ids(database: Engine, job_id: int, path: Path) -> StepIds:
    """Raises UnknownJobError if there is no such step."""
    with reading(database) as connection:
        row = connection.execute(STEP_IDS, {"job_id": job_id, "path": path_text(path)}).one_or_none()
    if row is None:
        raise UnknownJobError(f"job {job_id} has no step {path_text(path)}")
    return ids_of_step(row)


def trace_ids(database: Engine, job_id: int) -> tuple[StepIds, ...]:
    """The ids of all steps, in the order of the trace; none if there is no trace."""
    with reading(database) as connection:
        return tuple(ids_of_step(row) for row in connection.execute(TRACE_IDS, {"job_id": job_id}))


def read_attempts(connection: Connection, job_id: int) -> tuple[Attempt, ...]:
    return tuple(
        Attempt(
            attempt=row.attempt,
            worker=row.worker,
            outcome=AttemptOutcome(row.outcome),
            error=row.error,
            started_at=row.started_at,
            ended_at=row.ended_at,
            spent=counts_of(row),
            unknown=unknown_of(row),
            is_settled=row.is_settled,
        )
        for row in connection.execute(ATTEMPTS, {"job_id": job_id})
    )


def read_trace(connection: Connection, job_id: int) -> StoredTrace | None:
    values = {"job_id": job_id}
    row = connection.execute(TRACE, values).one_or_none()
    if row is None:
        return None
    return StoredTrace(
        verdict=Verdict(row.verdict),
        answer=row.answer,
        answer_key=row.answer_key,
        chosen_path=parse_path(row.chosen_path),
        is_tie=row.is_tie,
        is_text_repaired=row.is_text_repaired,
        counts=counts_of(row),
        wall_seconds=row.wall_seconds,
        created_at=row.created_at,
        nodes=read_nodes(connection, job_id),
        candidates=read_candidates(connection, job_id),
    )


def read_candidates(connection: Connection, job_id: int) -> tuple[StoredCandidate, ...]:
    grades: dict[str, list[StoredGrade]] = {}
    for row in connection.execute(GRADES, {"job_id": job_id}):
        grade = StoredGrade(
            grader=row.grader,
            version=row.version,
            verdict=Verdict(row.verdict),
            graded_at=row.graded_at,
            right_if_read=row.right_if_read,
            unread=None if row.unread is None else Unread(row.unread),
        )
        grades.setdefault(row.path, []).append(grade)
    rows = connection.execute(CANDIDATES, {"job_id": job_id})
    return tuple(stored_candidate(row, tuple(grades.get(row.path, ()))) for row in rows)


def stored_step(row: Row[Any]) -> StoredStep:
    typed = {"path": parse_path(row.path), "kind": StepKind(row.kind), "phase": Phase(row.phase)}
    reason = None if row.finish_reason is None else FinishReason(row.finish_reason)
    return StoredStep(**{**row._mapping, **typed, "finish_reason": reason})


def stored_candidate(row: Row[Any], grades: tuple[StoredGrade, ...]) -> StoredCandidate:
    return StoredCandidate(
        path=parse_path(row.path),
        text=row.text,
        answer=row.answer,
        key=row.key,
        truncated=row.truncated,
        thinking_tokens=row.thinking_tokens,
        total_tokens=row.total_tokens,
        score=row.score,
        step_scores=tuple(row.step_scores),
        note=row.note,
        chosen=row.chosen,
        grades=grades,
    )


def ids_of_step(row: Row[Any]) -> StepIds:
    return StepIds(parse_path(row.path), tuple(row.ids), tuple(row.dropped_ids))
