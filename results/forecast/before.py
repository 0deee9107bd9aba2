"""What of a spec was done before, problem by problem: its jobs that have succeeded, in whatever experiment.

A job is told by how its arm asks, the arm's seed, the problem and the repeat. Where the problems are known here, they
are looked for, wherever they were read from. Else only experiments on the same data set count, with as many problems or
fewer: subsets of one seed are nested.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError
from sqlalchemy import Engine

from db import queries
from db.problems import Fingerprints
from db.queries import RanArm
from scaling.spec import Submission
from scaling.spec.arms import ArmSpec
from scaling.spec.data_set import DataSetSpec


@dataclass(frozen=True, slots=True)
class RunBefore:
    """An arm of the spec that asked such jobs in the same way, with the same seed: their results are there, and can be
    drawn beside those of others."""

    label: str
    experiment_id: int
    experiment: str
    jobs: int
    """With a result, that no newer experiment has."""


def done_before(
    database: Engine,
    submission: Submission,
    alike: Sequence[tuple[ArmSpec, Sequence[RanArm]]],
    asked: Fingerprints | None,
) -> tuple[tuple[RunBefore, ...], ...]:
    """For each arm, with those that asked in its way, where what of it was done; the newest experiments first."""
    same = [[each for each in ran if _may_count(submission, arm, each, asked)] for arm, ran in alike]
    done = queries.succeeded_jobs(
        database, [[each.arm_id for each in arms] for arms in same], submission.repeats, asked
    )
    labels = [arm.label for arm, _ in alike]
    return tuple(_of_arm(*each) for each in zip(labels, same, done, strict=True))


def _of_arm(label: str, same: Sequence[RanArm], done: Mapping[int, int]) -> tuple[RunBefore, ...]:
    return tuple(
        RunBefore(label, each.experiment_id, each.experiment, done[each.arm_id]) for each in same if each.arm_id in done
    )


def _may_count(submission: Submission, arm: ArmSpec, ran: RanArm, asked: Fingerprints | None) -> bool:
    return ran.seed == arm.seed and (asked is not None or _is_inside(ran, submission.data_set))


def _is_inside(ran: RanArm, data_set: DataSetSpec) -> bool:
    """Whether all that it asked would be asked."""
    try:
        its = DataSetSpec.model_validate(ran.data_set)
    except ValidationError:
        return False
    if its.limit is None or data_set.limit is None:
        return its == data_set
    return its.limit <= data_set.limit and its == data_set.model_copy(update={"limit": its.limit})
