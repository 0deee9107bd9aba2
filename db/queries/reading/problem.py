"""One problem: what was asked, who answered it under which arm, in this experiment and in all that asked the same."""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text

from db.engine import reading
from db.errors import UnknownProblemError
from db.problems import NUM_PROBLEMS, problem_of
from db.rows import read
from db.status import JobStatus
from scaling.types import Problem, Unread, Verdict

PROBLEM = text("SELECT * FROM problems WHERE id = :problem_id")

BESIDE = text(f"""
SELECT
    (SELECT id FROM problems WHERE experiment_id = :experiment_id AND position = CAST(:position AS integer) - 1),
    (SELECT id FROM problems WHERE experiment_id = :experiment_id AND position = CAST(:position AS integer) + 1),
    (SELECT {NUM_PROBLEMS} FROM experiments WHERE id = :experiment_id)
""")

# By its key, which has an index, and its content: the same key may name another question in another data set.
ASKED = text("""
SELECT jobs.id AS job_id, jobs.repeat, jobs.status, experiments.id AS experiment_id, experiments.name AS experiment,
    arms.label AS arm_label, arms.position AS arm, traces.verdict, traces.unread, traces.answer, traces.is_tie,
    traces.num_candidates, traces.thinking_tokens, traces.generated_tokens, traces.wall_seconds
FROM problems AS asked
JOIN problems ON problems.key = asked.key AND problems.question = asked.question
    AND problems.answer = asked.answer AND problems.grader = asked.grader
JOIN experiments ON experiments.id = problems.experiment_id
JOIN jobs ON jobs.problem_id = problems.id
JOIN arms ON arms.id = jobs.arm_id
LEFT JOIN traces ON traces.job_id = jobs.id
WHERE asked.id = :problem_id
ORDER BY experiments.id <> asked.experiment_id, experiments.id DESC, arms.position, jobs.repeat, jobs.id
""")


@dataclass(frozen=True, slots=True)
class AskedJob:
    """A job that was asked it. What its trace says is None until it has one."""

    job_id: int
    repeat: int
    status: JobStatus
    experiment_id: int
    experiment: str
    arm: int
    """Its place in its experiment."""
    arm_label: str
    verdict: Verdict | None
    unread: Unread | None
    answer: str | None
    is_tie: bool | None
    num_candidates: int | None
    thinking_tokens: int | None
    generated_tokens: int | None
    wall_seconds: float | None


@dataclass(frozen=True, slots=True)
class ProblemDetail:
    """`position` from 0, among `num_problems`; `previous` and `next` are ids, None at the ends.

    `jobs` are those of its own experiment first, then those of others, the latest first.
    """

    id: int
    experiment_id: int
    position: int
    num_problems: int
    previous: int | None
    next: int | None
    problem: Problem
    jobs: tuple[AskedJob, ...]

    @property
    def at_home(self) -> tuple[AskedJob, ...]:
        return tuple(job for job in self.jobs if job.experiment_id == self.experiment_id)


def problem(database: Engine, problem_id: int) -> ProblemDetail:
    """Raises UnknownProblemError."""
    with reading(database) as connection:
        row = connection.execute(PROBLEM, {"problem_id": problem_id}).one_or_none()
        if row is None:
            raise UnknownProblemError(f"there is no problem {problem_id}")
        place = {"experiment_id": row.experiment_id, "position": row.position}
        previous, following, number = connection.execute(BESIDE, place).one()
        return ProblemDetail(
            row.id, row.experiment_id, row.position, number, previous, following, problem_of(row),
            _asked(connection, problem_id),
        )  # fmt: skip


def _asked(connection: Connection, problem_id: int) -> tuple[AskedJob, ...]:
    return tuple(read(AskedJob, row) for row in connection.execute(ASKED, {"problem_id": problem_id}))
