"""The base arm: how easy each problem is for it, the bins that this makes, and what finding that out cost.

It may be an arm of the experiment, or better one of another experiment on the same problems: arms of one experiment
that ask the same thing get the same samples, and a problem that was easy by luck is then easy for all of them.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar

import numpy as np

from db.queries import Arm, ArmSamples
from results.columns import Column, Columns, Table
from results.errors import NoResultsError
from results.measured.costs import cost_J, cost_of_k_J, strategy_of
from results.measured.joined import places_in_first
from results.measured.measurements import Measurements, labelled, shape_over, spread
from scaling.arrays import Floats
from scaling.compute.axes import Axis
from scaling.statistics.difficulty import NUM_BINS, DifficultyBins, bins_of_equal_size
from scaling.statistics.estimates import problem_means

Answer = TypeVar("Answer")


class Easiness(StrEnum):
    """By what the base arm tells easy problems from hard ones."""

    ORACLE = "oracle"  # its pass@1 over all candidates, which looks at the answers
    VERIFIER = "verifier"  # its verifier's mean final score, which does not


@dataclass(frozen=True, slots=True, eq=False)
class BaseArm:
    """`easiness_P` and `cost_P`, on the axis, are means over repeats, by the experiment's problems; NaN: no result.

    `chain_flops` are those of one of its chains, on average. `experiment_id` is the experiment that it is an arm of:
    this one, if it `is_at_home`.
    """

    arm: Arm
    experiment_id: int
    is_at_home: bool
    by: Easiness
    axis: Axis
    easiness_P: Floats
    cost_P: Floats
    chain_flops: float
    bins: DifficultyBins

    @property
    def unbinned(self) -> int:
        return int((self.bins.bin_P < 0).sum())

    @property
    def bin_titles(self) -> tuple[str, ...]:
        return tuple(f"bin {number}" for number in range(1, self.bins.num_bins + 1))


def base_arm(
    measurements: Measurements,
    base: str | None = None,
    base_in: str | None = None,
    by: Easiness = Easiness.ORACLE,
    bins: int = NUM_BINS,
    axis: Axis = Axis.GENERATED_BY_ALL,
) -> BaseArm:
    """`base` is an arm's label or number, in the experiment `base_in` if one is given; None: the arm that tells most.
    Costs are counted on the axis, where there are any.

    Raises UnknownArmError, and NoResultsError if the arm cannot tell, or its experiment asks nothing of the same.
    """
    home = measurements if base_in is None else measurements.of_another(base_in)
    samples = _base_samples(home, base)
    easiness_P = _over_problems(measurements, home, samples, _easiness_J(home, samples, by))
    _require_bins(samples.arm, easiness_P, by, bins)
    return BaseArm(
        arm=samples.arm,
        experiment_id=home.experiment.id,
        is_at_home=home.experiment.id == measurements.experiment.id,
        by=by,
        axis=axis,
        easiness_P=easiness_P,
        cost_P=_over_problems(measurements, home, samples, cost_J(samples, axis, home.models)),
        chain_flops=float(np.mean(cost_of_k_J(samples, 1, Axis.FLOPS, home.models))),
        bins=bins_of_equal_size(easiness_P, bins),
    )


def by_bins(answer: Callable[[Measurements, BaseArm], Answer]) -> Callable[..., Answer]:
    """Asks with the options that make the base arm."""

    @wraps(base_arm)
    def ask(measurements: Measurements, **options: Any) -> Answer:
        return answer(measurements, base_arm(measurements, **options))

    return ask


def finest(arms: Sequence[Arm]) -> Arm:
    """The arm that makes the most samples: its share of correct ones tells most."""
    return max(arms, key=lambda arm: strategy_of(arm).num_samples or 1)


def _base_samples(home: Measurements, base: str | None) -> ArmSamples:
    samples = labelled(home.samples, finest([each.arm for each in home.samples]).label if base is None else base)
    if not samples.job_id_J.size:
        raise NoResultsError(
            f"no job of arm {samples.arm.label!r} has a result yet; wait for some, or give another arm"
        )
    return samples


def _easiness_J(home: Measurements, samples: ArmSamples, by: Easiness) -> Floats:
    rollups = home.rollups(samples)
    return rollups.pass_JK[:, 0] if by is Easiness.ORACLE else rollups.mean_final_score_J


def _over_problems(measurements: Measurements, home: Measurements, samples: ArmSamples, values_J: Floats) -> Floats:
    """By the problems of the experiment, whatever their places among those of `home`."""
    at_home_P = problem_means(spread(samples, values_J, shape_over([samples])))
    return _taken(at_home_P, _places(measurements, home))


def _require_bins(arm: Arm, easiness_P: Floats, by: Easiness, num_bins: int) -> None:
    """Each bin has to be parted into two halves."""
    num_problems = int((~np.isnan(easiness_P)).sum())
    if num_problems >= 2 * num_bins:
        return
    if by is Easiness.VERIFIER and num_problems == 0:
        raise NoResultsError(
            f"no verifier scored the candidates of arm {arm.label!r}; give a base arm that asks one, or tell "
            "difficulty by the oracle"
        )
    raise NoResultsError(
        f"{num_bins} bins of two halves need {2 * num_bins} problems with a result of arm {arm.label!r}, "
        f"got {num_problems}; wait for more results, or ask for fewer bins"
    )


def _places(measurements: Measurements, home: Measurements) -> list[int]:
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


def _taken(values_P: Floats, at_P: list[int]) -> Floats:
    """The values at these places; NaN for a place beyond the values, and for −1."""
    return np.array([values_P[at] if 0 <= at < values_P.size else math.nan for at in at_P], dtype=np.float64)


def bins_table(base: BaseArm) -> Table[int]:
    """What the base arm made of the problems of each bin, which is numbered from 1, the easiest."""
    measure = "pass@1" if base.by is Easiness.ORACLE else "mean final score"
    columns: Columns[int] = (
        Column("bin", lambda number: number, "bin"),
        Column("problems", lambda number: in_bin(base, number).size, "problems"),
        Column(
            "easiness_low", lambda number: in_bin(base, number).min(), f"{measure} of the base arm",
            show=lambda easiness_P: f"{easiness_P.min():.3f} … {easiness_P.max():.3f}",
            of=lambda number: in_bin(base, number),
        ),
        Column("easiness_high", lambda number: in_bin(base, number).max()),
        Column("end", lambda number: _end(base, number), "", show=str, is_kept=False),
    )  # fmt: skip
    return Table(columns, range(1, base.bins.num_bins + 1))


def in_bin(base: BaseArm, number: int) -> Floats:
    """How easy its problems are."""
    return base.easiness_P[base.bins.members[number - 1]]


def _end(base: BaseArm, number: int) -> str:
    return {1: "easiest", base.bins.num_bins: "hardest"}.get(number, "")


def flattery(base: BaseArm) -> str:
    if base.arm.seed is not None:
        return f"{base.arm.label} made the bins: its own bars are flattered by that, and no other seed's."
    return (
        f"{base.arm.label} made the bins: its own bars are flattered by that, and a little those of arms that ask the "
        "same with the same seed."
    )


def notes(base: BaseArm) -> Iterator[str]:
    if base.is_at_home:
        yield flattery(base)
    if base.unbinned:
        yield f"{base.unbinned:,} problems have no result of it, and are in no bin."
