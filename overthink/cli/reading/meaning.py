"""Which arms of which experiments are meant by what was typed: `ARM` of the experiment at hand, or `EXP:ARM`.

Labels and experiments' names may have colons themselves: an arm of the experiment at hand is looked for first, and then
each colon is tried.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from db import queries
from db.errors import UnknownExperimentError
from db.queries import Arm, ExperimentDetail
from results import Measurements, UnknownArmError, find_arm, together


@dataclass(frozen=True, slots=True)
class MeantArm:
    experiment: ExperimentDetail
    arm: Arm


def arms_meant(database: Engine, experiment: str, first: str, second: str | None) -> tuple[Measurements, str, str]:
    """`EXP ARM ARM`, where an arm may be another experiment's, or `EXP:ARM ARM`: what was measured, and both labels.

    Raises UnknownExperimentError, UnknownArmError, and NoResultsError for experiments without a common problem.
    """
    if second is None:
        left = arm_meant(database, experiment)
        right = arm_meant(database, first, left.experiment)
    else:
        home = queries.experiment(database, experiment)
        left, right = arm_meant(database, first, home), arm_meant(database, second, home)
    measurements = side_by_side_of(database, [left.experiment, right.experiment])
    return measurements, label_among(measurements, left), label_among(measurements, right)


def arm_meant(database: Engine, text: str, home: ExperimentDetail | None = None) -> MeantArm:
    try:
        if home is not None:
            return MeantArm(home, find_arm(home.arms, text))
    except UnknownArmError:
        if ":" not in text:
            raise
    for experiment, arm in split(database, text):
        return MeantArm(experiment, find_arm(experiment.arms, arm))
    if home is not None:
        return MeantArm(home, find_arm(home.arms, text))
    raise UnknownExperimentError(
        f"give two arms, as EXP ARM_A ARM_B or EXP:ARM EXP2:ARM: {text!r} names no experiment before a colon; "
        "`overthink status` lists them"
    )


def split(database: Engine, text: str) -> Iterator[tuple[ExperimentDetail, str]]:
    """At each colon that stands behind an experiment."""
    for at in (place for place, character in enumerate(text) if character == ":"):
        try:
            yield queries.experiment(database, text[:at]), text[at + 1 :]
        except UnknownExperimentError:
            continue


def measured(database: Engine, references: Sequence[str]) -> Measurements:
    """Of the first experiment, with the others' arms among its own."""
    return side_by_side_of(database, [queries.experiment(database, each) for each in references])


def side_by_side_of(database: Engine, experiments: Sequence[ExperimentDetail]) -> Measurements:
    """The first, with the others' arms among its own if there are others."""
    return together([Measurements(database, each) for each in experiments])


def label_among(measurements: Measurements, meant: MeantArm) -> str:
    return next(each.arm.label for each in measurements.samples if each.arm.id == meant.arm.id)
