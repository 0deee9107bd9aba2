"""From a submitted spec to jobs that can be claimed."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from sqlalchemy import Connection, Engine, insert, text, update
from sqlalchemy.dialects import postgresql

from db.errors import WrongStatusError
from db.models import ArmRow, ExperimentRow, JsonObject, ProblemRow
from db.records import Created, Expanding, NewArm, NewExperiment, ServedModel, ServedVerifier
from db.status import ExperimentStatus
from db.text import require_storable, storable, storable_or_none
from db.transitions.tallies import raise_versions
from scaling.types import Problem

NEWEST = text("SELECT id FROM experiments WHERE digest = :digest ORDER BY run DESC LIMIT 1")
NEXT_RUN = text("SELECT coalesce(max(run) + 1, 0) FROM experiments WHERE digest = :digest")

PATIENCE_S = 60.0
"""An expansion that nobody has begun or renewed for longer is begun again: its worker has died."""

BEGIN = text("""
UPDATE experiments SET status = 'expanding', expanding_since = coalesce(CAST(:now AS timestamptz), now())
WHERE id = :experiment_id AND (status = 'queued' OR status = 'expanding'
    AND expanding_since < coalesce(CAST(:now AS timestamptz), now()) - make_interval(secs => :patience_s))
RETURNING id, name, spec
""")

RENEW = text("""
UPDATE experiments SET expanding_since = coalesce(CAST(:now AS timestamptz), now())
WHERE id = ANY (:experiment_ids) AND status = 'expanding'
""")

# Every problem of the first repeat under every arm comes before the second repeat: curves are complete early.
STORE_JOBS = text("""
INSERT INTO jobs (experiment_id, arm_id, problem_id, repeat, model)
SELECT arms.experiment_id, arms.id, problems.id, repeats.repeat, arms.model
FROM arms
JOIN problems ON problems.experiment_id = arms.experiment_id
CROSS JOIN generate_series(0, :repeats - 1) AS repeats (repeat)
WHERE arms.experiment_id = :experiment_id
ORDER BY repeats.repeat, problems.position, arms.position
""")


def create_experiment(database: Engine, new: NewExperiment, again: bool = False) -> Created:
    """Stores a submission as `queued`, unless its digest is known: then the newest experiment of that digest is meant.

    `again` makes another run of a known digest. Concurrent submissions of one digest make one experiment.
    """
    require_storable(new.spec)
    with database.begin() as connection:
        while True:
            known = connection.execute(NEWEST, {"digest": new.digest}).scalar_one_or_none()
            if known is not None and not again:
                return Created(known, is_new=False)
            run = connection.execute(NEXT_RUN, {"digest": new.digest}).scalar_one() if again else 0
            made = insert_experiment(connection, new, run)
            if made is not None:
                return Created(made, is_new=True)


def insert_experiment(connection: Connection, new: NewExperiment, run: int) -> int | None:
    """The new row's id; None if another submission took this run of the digest first."""
    statement = postgresql.insert(ExperimentRow).values(
        name=storable(new.name),
        owner=new.owner,
        spec=new.spec,
        spec_yaml=storable_or_none(new.spec_yaml),
        digest=new.digest,
        run=run,
        priority=new.priority,
        tags=[storable(tag) for tag in new.tags],
        notes=storable(new.notes),
    )
    unless_taken = statement.on_conflict_do_nothing(index_elements=["digest", "run"])
    return connection.execute(unless_taken.returning(ExperimentRow.id)).scalar_one_or_none()


def begin_expansion(database: Engine, experiment_id: int, now: dt.datetime | None = None) -> Expanding | None:
    """queued → expanding. Also from `expanding`, if its worker has died there; None in any other status."""
    values = {"experiment_id": experiment_id, "now": now, "patience_s": PATIENCE_S}
    with database.begin() as connection:
        row = connection.execute(BEGIN, values).one_or_none()
    return None if row is None else Expanding(row.id, row.name, row.spec)


def renew_expansions(database: Engine, experiment_ids: Collection[int], now: dt.datetime | None = None) -> None:
    """Their worker lives, and is still at it: to be called well within PATIENCE_S of the last time."""
    with database.begin() as connection:
        connection.execute(RENEW, {"experiment_ids": list(experiment_ids), "now": now})


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
) -> int:
    """expanding → running, with all arms, problems and jobs (arm × problem × repeat); returns the number of jobs.

    All or nothing, and once: WrongStatusError if the experiment is not `expanding` any more (cancelled meanwhile, or
    expanded by another worker). What is known of `models` and `verifiers` is kept with the experiment, by name,
    and so is `provenance`: the code that expanded it, graders and seeds.
    """
    if not arms or not problems or repeats < 1:
        raise ValueError(
            f"{len(arms)} arms × {len(problems)} problems × {repeats} repeats are no jobs: give ≥ 1 of each"
        )
    with database.begin() as connection:
        snapshots = {name: model_snapshot(model) for name, model in models.items()}
        snapshots |= {name: verifier_snapshot(verifier) for name, verifier in verifiers.items()}
        leave_expanding(connection, experiment_id, data_set_digest, snapshots, provenance)
        connection.execute(insert(ArmRow), [arm_values(experiment_id, *each) for each in enumerate(arms)])
        connection.execute(insert(ProblemRow), [problem_values(experiment_id, *each) for each in enumerate(problems)])
        connection.execute(STORE_JOBS, {"experiment_id": experiment_id, "repeats": repeats})
        raise_versions(connection, experiment_id)
    return len(arms) * len(problems) * repeats


def leave_expanding(
    connection: Connection,
    experiment_id: int,
    data_set_digest: str,
    snapshots: Mapping[str, object],
    provenance: JsonObject | None,
) -> None:
    changed = connection.execute(
        update(ExperimentRow)
        .where(ExperimentRow.id == experiment_id, ExperimentRow.status == ExperimentStatus.EXPANDING)
        .values(
            status=ExperimentStatus.RUNNING,
            expanded_at=text("now()"),
            data_set_digest=data_set_digest,
            models=snapshots,
            provenance=provenance,
        )
    )
    if changed.rowcount != 1:
        raise WrongStatusError(
            f"experiment {experiment_id} is not being expanded: it was cancelled or expanded already"
        )


def fail_expansion(database: Engine, experiment_id: int, error: str) -> bool:
    """expanding → failed, with the reason; False if it is not `expanding` any more."""
    with database.begin() as connection:
        changed = connection.execute(
            update(ExperimentRow)
            .where(ExperimentRow.id == experiment_id, ExperimentRow.status == ExperimentStatus.EXPANDING)
            .values(status=ExperimentStatus.FAILED, error=storable(error), finished_at=text("now()"))
        )
        if changed.rowcount:
            raise_versions(connection, experiment_id)
        return changed.rowcount == 1


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
        "options": [storable(option) for option in problem.options] or None,
    }


def model_snapshot(model: ServedModel) -> dict[str, object]:
    return {
        "context_length": model.context_length,
        "parameters": model.parameters,
        "thinking": model.thinking.model_dump(mode="json"),
        "served_as": model.served_as,
        "facts": model.facts,
        "cost_facts": model.cost_facts.model_dump(mode="json"),
        **({} if model.base is None else {"base": model.base}),
    }


def verifier_snapshot(verifier: ServedVerifier) -> dict[str, object]:
    return {
        "kind": verifier.kind,
        "scores_steps": verifier.scores_steps,
        "context_length": verifier.context_length,
        "parameters": verifier.parameters,
        "served_as": verifier.served_as,
        "facts": verifier.facts,
        "cost_facts": verifier.cost_facts.model_dump(mode="json"),
    }
