"""Laying an experiment out: its arms, then its jobs in slices that are committed one after another, each with the
problems that come in it first.

The first slice is small, and its jobs are claimed while the others are made. Each slice moves the experiment's
`num_laid_out` from the slice's first job to its end, and is refused if it stands anywhere else: whoever was taken for
dead and wakes lays out nothing twice, and whoever comes after a worker that died goes on where it stopped.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection, Engine, Row, TextClause, bindparam, insert, text
from sqlalchemy.dialects.postgresql import JSONB

from db.copying import copy_rows
from db.errors import WrongStatusError
from db.models import ArmRow, JsonObject, ProblemRow
from db.records import NewArm, ServedModel, ServedVerifier
from db.text import storable, storable_or_none
from db.transitions.expansion import IS_PARTLY_LAID_OUT
from db.transitions.tallies import raise_versions
from scaling.types import Problem

FIRST_SLICE = 500
"""Jobs that are made at once, so that work begins: more than anybody claims before the next slice is there."""
SLICE = 5_000
"""Jobs; a tenth of a second, for which nobody steers the experiment."""

BEGIN_LAYOUT = text(f"""
UPDATE experiments
SET num_jobs = :num_jobs, data_set_digest = :data_set_digest, models = :models, provenance = :provenance
WHERE id = :experiment_id AND {IS_PARTLY_LAID_OUT} AND num_jobs IS NULL
RETURNING id
""").bindparams(bindparam("models", type_=JSONB), bindparam("provenance", type_=JSONB(none_as_null=True)))

LAID_OUT = text(f"""
SELECT num_jobs, num_laid_out, data_set_digest,
    (SELECT count(*) FROM problems WHERE problems.experiment_id = experiments.id) AS num_problems
FROM experiments
WHERE id = :experiment_id AND {IS_PARTLY_LAID_OUT}
""")

ADVANCE = text(f"""
UPDATE experiments
SET num_laid_out = :end, status = CASE WHEN status = 'expanding' THEN 'running' ELSE status END,
    expanded_at = CASE WHEN :end = num_jobs THEN clock_timestamp() END
WHERE id = :experiment_id AND {IS_PARTLY_LAID_OUT} AND num_laid_out = :start
RETURNING id
""")

# Jobs are numbered by repeat, problem and arm: every problem of the first repeat under every arm comes before the
# second repeat, and curves are complete early.
MAKE_JOBS = text("""
INSERT INTO jobs (experiment_id, arm_id, problem_id, repeat, model)
SELECT arms.experiment_id, arms.id, problems.id, number / (CAST(:num_problems AS bigint) * :num_arms), arms.model
FROM generate_series(CAST(:start AS bigint), :end - 1) AS numbers (number)
JOIN problems ON problems.experiment_id = :experiment_id AND problems.position = number / :num_arms % :num_problems
JOIN arms ON arms.experiment_id = :experiment_id AND arms.position = number % :num_arms
ORDER BY number
""")


@dataclass(frozen=True, slots=True)
class Slice:
    """Jobs by their numbers, and problems by their positions, from and up to but without."""

    start: int
    end: int
    problems: slice


@dataclass(frozen=True, slots=True)
class Layout:
    """What an experiment comes to: a job for each arm, problem and repeat."""

    experiment_id: int
    arms: Sequence[NewArm]
    problems: Sequence[Problem]
    repeats: int
    data_set_digest: str

    def __post_init__(self) -> None:
        if not self.num_jobs > 0:
            raise ValueError(
                f"{len(self.arms)} arms × {len(self.problems)} problems × {self.repeats} repeats are no jobs: "
                "give ≥ 1 of each"
            )

    @property
    def num_jobs(self) -> int:
        return len(self.arms) * len(self.problems) * self.repeats

    def slices(self, start: int, num_problems: int) -> Iterator[Slice]:
        """What is still to be made, where so many jobs and problems are there."""
        while start < self.num_jobs:
            end = min(self.num_jobs, start + (SLICE if start else FIRST_SLICE))
            needed = max(num_problems, min(len(self.problems), ceil(end / len(self.arms))))
            yield Slice(start, end, slice(num_problems, needed))
            start, num_problems = end, needed


def store_expansion(
    database: Engine,
    experiment_id: int,
    arms: Sequence[NewArm],
    problems: Sequence[Problem],
    repeats: int,
    data_set_digest: str,
    models: Mapping[str, ServedModel],
    verifiers: Mapping[str, ServedVerifier] = MappingProxyType({}),
    provenance: JsonObject | None = None,
    after_slice: Callable[[], None] = lambda: None,
) -> int:
    """expanding → running with the first jobs (arm × problem × repeat), then the others; returns how many there are.

    `after_slice` is called whenever some more may be claimed. WrongStatusError if the experiment is cancelled
    meanwhile, or laid out by another worker. What is known of `models` and `verifiers` is kept with the experiment, by
    name, and so is `provenance`: the code that expanded it, graders and seeds. One that was partly laid out by a worker
    that died keeps what that one knew; ValueError if its data set, or what it comes to, is not what it was then.
    """
    layout = Layout(experiment_id, arms, problems, repeats, data_set_digest)
    known: JsonObject = {name: model_snapshot(model) for name, model in models.items()}
    known |= {name: verifier_snapshot(verifier) for name, verifier in verifiers.items()}
    for each in layout.slices(*begun_layout(database, layout, known, provenance)):
        make_slice(database, layout, each)
        after_slice()
    return layout.num_jobs


def begun_layout(
    database: Engine, layout: Layout, models: JsonObject, provenance: JsonObject | None
) -> tuple[int, int]:
    """How many jobs and problems are laid out already; arms are there after this."""
    facts = {"models": models, "provenance": provenance}
    values = {"num_jobs": layout.num_jobs, "data_set_digest": layout.data_set_digest, **facts}
    with database.begin() as connection:
        if guarded(connection, BEGIN_LAYOUT, layout, **values) is not None:
            store_arms(connection, layout)
            return 0, 0
        found = guarded(connection, LAID_OUT, layout)
    if found is None:
        raise not_ours(layout)
    if (found.num_jobs, found.data_set_digest) != (layout.num_jobs, layout.data_set_digest):
        raise ValueError(
            f"its data set has changed since {found.num_laid_out:,} of its {found.num_jobs:,} jobs were laid out: "
            "restore the file and retry, or submit the experiment again as another run (--again)"
        )
    return found.num_laid_out, found.num_problems


def store_arms(connection: Connection, layout: Layout) -> None:
    values = [arm_values(layout.experiment_id, *each) for each in enumerate(layout.arms)]
    connection.execute(insert(ArmRow), values)


def make_slice(database: Engine, layout: Layout, made: Slice) -> None:
    """WrongStatusError unless the jobs before it are laid out, and no more."""
    sizes = {"num_problems": len(layout.problems), "num_arms": len(layout.arms)}
    numbers = {"start": made.start, "end": made.end}
    with database.begin() as connection:
        if guarded(connection, ADVANCE, layout, **numbers) is None:
            raise not_ours(layout)
        store_problems(connection, layout, made.problems)
        connection.execute(MAKE_JOBS, {"experiment_id": layout.experiment_id, **numbers, **sizes})
        raise_versions(connection, layout.experiment_id)


def store_problems(connection: Connection, layout: Layout, chosen: slice) -> None:
    numbered = enumerate(layout.problems[chosen], start=chosen.start)
    copy_rows(connection, ProblemRow, (problem_values(layout.experiment_id, *each) for each in numbered))


def guarded(connection: Connection, statement: TextClause, layout: Layout, **values: object) -> Row[Any] | None:
    return connection.execute(statement, {"experiment_id": layout.experiment_id, **values}).one_or_none()


def not_ours(layout: Layout) -> WrongStatusError:
    return WrongStatusError(
        f"experiment {layout.experiment_id} is not being expanded: it was cancelled or expanded already"
    )


def arm_values(experiment_id: int, position: int, arm: NewArm) -> dict[str, object]:
    return {
        "experiment_id": experiment_id,
        "position": position,
        "label": arm.label,
        "model": arm.model,
        "strategy": arm.strategy,
        "params": arm.params,
        "strategy_spec": arm.strategy_spec,
        "verifier": arm.verifier,
        "sampling": arm.sampling,
        "prompt": arm.prompt,
        "seed": arm.seed,
    }


def problem_values(experiment_id: int, position: int, problem: Problem) -> dict[str, object]:
    return {
        "experiment_id": experiment_id,
        "position": position,
        "key": storable(problem.id),
        "question": storable(problem.question),
        "answer": storable(problem.answer),
        "grader": problem.grader,
        "level": storable_or_none(problem.level),
        "subject": storable_or_none(problem.subject),
        "options": Jsonb([storable(option) for option in problem.options]) if problem.options else None,
    }


def model_snapshot(model: ServedModel) -> JsonObject:
    return {
        "context_length": model.context_length,
        "parameters": model.parameters,
        "thinking": model.thinking.model_dump(mode="json"),
        "served_as": model.served_as,
        "facts": model.facts,
        "cost_facts": model.cost_facts.model_dump(mode="json"),
        **({} if model.base is None else {"base": model.base}),
    }


def verifier_snapshot(verifier: ServedVerifier) -> JsonObject:
    return {
        "kind": verifier.kind,
        "scores_steps": verifier.scores_steps,
        "context_length": verifier.context_length,
        "parameters": verifier.parameters,
        "served_as": verifier.served_as,
        "facts": verifier.facts,
        "cost_facts": verifier.cost_facts.model_dump(mode="json"),
    }
