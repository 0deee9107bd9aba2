"""Problems by how hard they are for a base arm: every arm in every bin, and what choosing by bin is worth.

The choice is among the other arms on the base arm's model that make the same number of chains: that is the budget,
Snell's number of generations. What was truly spent is beside it, on any axis.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from sqlalchemy import Engine

from db import queries
from db.models import JsonObject
from db.queries import Arm, ArmSamples, ExperimentDetail
from db.results.costs import cost_J, num_chains
from db.results.errors import NoResultsError
from db.results.figures import Figure, own_figure
from db.results.finding import find_arm
from db.results.grid import correct_PR, shape_over, spread
from db.results.rollups import arm_rollups
from scaling.comparisons import PairedDifference
from scaling.compute import Axis
from scaling.compute_optimal import ComputeOptimal, Trials, compute_optimal
from scaling.difficulty import NUM_BINS, Bins, accuracy_by_bin, bins_of_equal_size
from scaling.estimates import Estimate, problem_means
from scaling.intervals import Floats
from scaling.rollup import Rollup


class Easiness(StrEnum):
    """By what the base arm tells easy problems from hard ones."""

    ORACLE = "oracle"  # its pass@1 over all candidates, which looks at the answers
    VERIFIER = "verifier"  # its verifier's mean final score, which does not


@dataclass(frozen=True, slots=True)
class Choices:
    """The two-fold choice at one budget, and its difference to each arm of that budget, by arm id."""

    optimal: ComputeOptimal
    against: Mapping[int, PairedDifference]


@dataclass(frozen=True, slots=True, eq=False)
class Difficulty:
    """`easiness_P` is NaN, and the bin −1, for a problem that the base arm has no result for.

    `figures` are the arms' own, costs on the axis asked for; `by_bin` has each arm's accuracies, easiest bin first, by
    arm id. `choices` are by budget, smallest first; if there are none, `unchosen` says why.
    """

    base: Arm
    by: Easiness
    easiness_P: Floats
    bins: Bins
    figures: tuple[Figure, ...]
    by_bin: Mapping[int, tuple[Estimate, ...]]
    choices: tuple[Choices, ...]
    unchosen: str | None


def difficulty(
    database: Engine,
    experiment: ExperimentDetail,
    base: str,
    by: Easiness,
    axis: Axis = Axis.GENERATED,
    num_bins: int = NUM_BINS,
) -> Difficulty:
    """`base` is an arm's label or number. Raises UnknownArmError, and NoResultsError if the base cannot tell."""
    chosen = find_arm(experiment.arms, base)
    samples = queries.arm_samples(database, experiment.id)
    shape = (experiment.num_problems, shape_over(samples)[1])
    of_base = next(number for number, each in enumerate(samples) if each.arm.id == chosen.id)
    rollups = arm_rollups(database, samples[of_base]).rollups
    easiness_P = problem_means(easiness_PR(samples[of_base], rollups, by, shape))
    require_bins(chosen, by, int((~np.isnan(easiness_P)).sum()), num_bins)
    bins = bins_of_equal_size(easiness_P, num_bins)
    choices, unchosen = chosen_by_bin(samples, of_base, bins, axis, experiment.models, shape)
    return Difficulty(
        base=chosen,
        by=by,
        easiness_P=easiness_P,
        bins=bins,
        figures=tuple(own_figure(each, axis, experiment.models) for each in samples),
        by_bin={each.arm.id: accuracy_by_bin(correct_PR(each, shape), bins) for each in samples},
        choices=choices,
        unchosen=unchosen,
    )


def easiness_PR(samples: ArmSamples, rollups: Sequence[Rollup], by: Easiness, shape: tuple[int, int]) -> Floats:
    """Of each job of the base arm."""
    easiness_J = np.array([EASINESS[by](rollup) for rollup in rollups], dtype=np.float64)
    return spread(samples, easiness_J, shape)


def mean_final_score(rollup: Rollup) -> float:
    """NaN if the verifier scored no candidate."""
    return math.nan if rollup.mean_final_score is None else rollup.mean_final_score


EASINESS: Mapping[Easiness, Callable[[Rollup], float]] = {
    Easiness.ORACLE: lambda rollup: rollup.share_correct,
    Easiness.VERIFIER: mean_final_score,
}


def require_bins(base: Arm, by: Easiness, num_problems: int, num_bins: int) -> None:
    """Each bin has to be parted into two halves."""
    if num_problems >= 2 * num_bins:
        return
    if by is Easiness.VERIFIER and num_problems == 0:
        raise NoResultsError(
            f"no verifier scored the candidates of arm {base.label!r}; give a base arm that asks one, or --by oracle"
        )
    raise NoResultsError(
        f"{num_bins} bins of two halves need {2 * num_bins} problems with a result of arm {base.label!r}, "
        f"got {num_problems}; wait for more results, or give fewer --bins"
    )


def chosen_by_bin(
    samples: Sequence[ArmSamples],
    of_base: int,
    bins: Bins,
    axis: Axis,
    models: JsonObject | None,
    shape: tuple[int, int],
) -> tuple[tuple[Choices, ...], str | None]:
    """What Snell's choice gives; nothing and the reason where it cannot be made."""
    base = samples[of_base]
    offered = [each for each in samples if each is not base and each.arm.model == base.arm.model]
    if not offered:
        return (), "there is no other arm on the base arm's model to choose from"
    budgets = sorted({num_chains(each.arm) for each in offered})
    trials = trials_of(offered, budgets, axis, models, shape)
    binning_cost_P = problem_means(spread(base, cost_J(base, axis, models), shape))
    try:
        made = compute_optimal(trials, bins, binning_cost_P)
    except ValueError as error:
        return (), str(error)
    return tuple(with_rivals(each, offered, shape) for each in made), None


def trials_of(
    offered: Sequence[ArmSamples],
    budgets: Sequence[int],
    axis: Axis,
    models: JsonObject | None,
    shape: tuple[int, int],
) -> Trials:
    """Each arm is a strategy that exists at one budget."""
    correct_PSN = np.full((shape[0], len(offered), len(budgets)), np.nan)
    cost_PSN = np.full_like(correct_PSN, np.nan)
    for number, each in enumerate(offered):
        at = budgets.index(num_chains(each.arm))
        correct_PSN[:, number, at] = problem_means(correct_PR(each, shape))
        cost_PSN[:, number, at] = problem_means(spread(each, cost_J(each, axis, models), shape))
    return Trials(tuple(each.arm.label for each in offered), tuple(map(float, budgets)), correct_PSN, cost_PSN)


def with_rivals(optimal: ComputeOptimal, offered: Sequence[ArmSamples], shape: tuple[int, int]) -> Choices:
    rivals = [each for each in offered if num_chains(each.arm) == optimal.budget]
    against = {each.arm.id: optimal.against(problem_means(correct_PR(each, shape))) for each in rivals}
    return Choices(optimal, against)
