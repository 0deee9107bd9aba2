"""The base arm: how easy each problem is for it, and what finding that out cost.

It may be an arm of the experiment, or better one of another experiment on the same problems: arms of one experiment
that ask the same thing get the same samples, and a problem that was easy by luck is then easy for all of them.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from db.queries import Arm
from results.costs import cost_J, cost_of_k_J
from results.errors import NoResultsError
from results.joined import places_in_first
from results.measurements import Measurements, labelled, shape_over, spread
from scaling.arrays import Floats
from scaling.compute.axes import Axis
from scaling.statistics.estimates import problem_means


class Easiness(StrEnum):
    """By what the base arm tells easy problems from hard ones."""

    ORACLE = "oracle"  # its pass@1 over all candidates, which looks at the answers
    VERIFIER = "verifier"  # its verifier's mean final score, which does not


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """`easiness_P` and `cost_P` are means over repeats, by the experiment's problems; NaN: it has no result.

    `chain_flops` are those of one of its chains, on average. `experiment_id` is the experiment that it is an arm of.
    """

    arm: Arm
    experiment_id: int
    easiness_P: Floats
    cost_P: Floats
    chain_flops: float


def base_of(
    measurements: Measurements, reference: str, by: Easiness, axis: Axis, among: Measurements | None = None
) -> Base:
    """`reference` is an arm's label or number in `among`; None: in the experiment itself.

    Raises UnknownArmError, and NoResultsError for an experiment that asks nothing of the same.
    """
    home = among or measurements
    samples = labelled(home.samples, reference)
    if not samples.job_id_J.size:
        raise NoResultsError(
            f"no job of arm {samples.arm.label!r} has a result yet; wait for some, or give another arm"
        )
    shape = shape_over([samples])
    rollups = home.rollups(samples)
    easiness_J = rollups.pass_JK[:, 0] if by is Easiness.ORACLE else rollups.mean_final_score_J
    costs_J = cost_J(samples, axis, home.models)
    easiness_P, cost_P = (problem_means(spread(samples, values_J, shape)) for values_J in (easiness_J, costs_J))
    at_P = places(measurements, home)
    return Base(
        arm=samples.arm,
        experiment_id=home.experiment.id,
        easiness_P=taken(easiness_P, at_P),
        cost_P=taken(cost_P, at_P),
        chain_flops=float(np.mean(cost_of_k_J(samples, 1, Axis.FLOPS, home.models))),
    )


def places(measurements: Measurements, home: Measurements) -> list[int]:
    """Where each problem of the experiment stands among those of `home`, by what it asks; −1: it does not."""
    experiment, other = measurements.experiment, home.experiment
    if other.id == experiment.id:
        return list(range(experiment.num_problems))
    of_home, of_experiment = places_in_first([home.problem_contents(), measurements.problem_contents()])
    if not (of_home >= 0).any():
        raise NoResultsError(
            f"experiments {experiment.id} and {other.id} have no problem in common: none has the same question, answer "
            "and grader in both"
        )
    return [int(each) for each in of_experiment]


def taken(values_P: Floats, at_P: list[int]) -> Floats:
    """The values at these places; NaN for a place beyond the values, and for −1."""
    return np.array([values_P[at] if 0 <= at < values_P.size else math.nan for at in at_P], dtype=np.float64)
