"""Inference instead of pretraining, at equal FLOPs [Snell §7]: a smaller model that searches against a larger one.

With what it takes to pretrain the larger model, and to have it answer once, the smaller one may spend so many times
more on inference (`difficulty.pretraining_multiplier`), counted from one chain of it. What it makes of that is the
two-fold choice within this budget; the larger model's answer is its chain-of-thought arm.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from db.models import JsonObject
from db.queries import Arm
from results.choosing import trials_of
from results.costs import facts_of, strategy_of
from results.easiness import Base
from results.settings import Setting
from scaling.statistics.comparisons import PairedDifference, paired_difference, together
from scaling.statistics.compute_optimal import ComputeOptimal, compute_optimal
from scaling.statistics.difficulty import Bins, pretraining_multiplier

INFERENCE_RATIOS = (0.16, 0.79, 22.0)
"""Tokens of inference over tokens of pretraining: those of Snell's figure 9."""


@dataclass(frozen=True, slots=True, eq=False)
class Exchange:
    """`budget` is in FLOPs per problem. `difference` and `by_bin` are the smaller model's choice minus the larger one.

    `most_spent` is the cost, in its bin, of the dearest setting that the choice was offered: far below the budget, more
    samples would have been affordable than were run, and the smaller model may be better than it looks.
    """

    larger: Arm
    model_ratio: float
    inference_ratio: float
    budget: float
    most_spent: float
    optimal: ComputeOptimal
    difference: PairedDifference
    by_bin: tuple[PairedDifference, ...]

    @property
    def multiplier(self) -> float:
        return pretraining_multiplier(self.model_ratio, self.inference_ratio)


def larger_models(arms: Sequence[Arm], small: Arm, models: JsonObject | None) -> dict[int, float]:
    """The chain-of-thought arms of larger models, by id, and how many times as many parameters they have."""
    parameters = facts_of(small, models).generator.parameters
    ratios = {arm.id: (facts_of(arm, models).generator.parameters or 0) / parameters for arm in arms if parameters}
    asked_once = {arm.id for arm in arms if strategy_of(arm).is_baseline}
    return {arm_id: ratio for arm_id, ratio in ratios.items() if ratio > 1 and arm_id in asked_once}


def exchanges(
    larger: Setting, model_ratio: float, offered: Sequence[Setting], base: Base, bins: Bins
) -> Iterator[Exchange]:
    """With one larger model, at each ratio. `offered` are settings of the smaller model, costs in FLOPs.

    A ratio whose budget does not pay for one of them in every bin has none. Finding out the bins is not charged, as in
    the paper.
    """
    trials, uncharged_P = trials_of(offered), np.full_like(base.cost_P, np.nan)
    for inference_ratio in INFERENCE_RATIOS:
        budget = pretraining_multiplier(model_ratio, inference_ratio) * base.chain_flops
        for optimal in compute_optimal(trials, bins, uncharged_P, [budget]):
            chosen_P1, larger_P1 = optimal.correct_P[:, None], larger.correct_P[:, None]
            yield Exchange(
                larger=larger.arm,
                model_ratio=model_ratio,
                inference_ratio=inference_ratio,
                budget=budget,
                most_spent=optimal.dearest,
                optimal=optimal,
                difference=paired_difference(larger_P1, chosen_P1),
                by_bin=tuple(paired_difference(larger_P1[each], chosen_P1[each]) for each in bins.members),
            )


def adjusted(made: Iterable[Exchange]) -> tuple[Exchange, ...]:
    made = tuple(made)
    results = together([each.difference for each in made])
    return tuple(replace(each, difference=result) for each, result in zip(made, results, strict=True))
