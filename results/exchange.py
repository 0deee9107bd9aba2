"""Inference instead of pretraining, at equal FLOPs [Snell §7]: a smaller model that searches against a larger one.

With what it takes to pretrain the larger model, and to have it answer once, the smaller one may spend so many times
more on inference (`difficulty.pretraining_multiplier`), counted from one chain of it. What it makes of that is the
two-fold choice within this budget; the larger model's answer is its chain-of-thought arm.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from db.models import JsonObject
from db.queries import Arm
from results.choosing import offered_by, trials_of
from results.columns import Column, Columns, Table, each_of, in_one
from results.easiness import BaseArm, by_bins
from results.measured.costs import facts_of, strategy_of
from results.measured.curves import curves
from results.measured.measurements import Measurements
from results.measured.point import Point, own_point
from results.questions import Question
from results.wording import rounded_accuracy, rounded_slope
from scaling.compute.axes import Axis
from scaling.statistics.comparisons import PairedDifference, p_shown, paired_difference, together
from scaling.statistics.compute_optimal import ComputeOptimal, compute_optimal
from scaling.statistics.difficulty import pretraining_multiplier
from scaling.statistics.estimates import Estimate

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


@dataclass(frozen=True, slots=True, eq=False)
class Exchanges:
    """Empty without a larger model whose parameters are known."""

    base: BaseArm
    made: tuple[Exchange, ...]


def exchanges(measurements: Measurements, base: BaseArm) -> Exchanges:
    """With each larger model."""
    samples, models = measurements.samples, measurements.models
    ratio_of = _larger_models([each.arm for each in samples], base.arm, models)
    mine = [each for each in samples if each.arm.model == base.arm.model]
    offered = offered_by(curves(measurements, mine, Axis.FLOPS), base) if ratio_of else []
    larger = [own_point(measurements, each, Axis.FLOPS) for each in samples if offered and each.arm.id in ratio_of]
    made = (_exchanged(each, ratio_of[each.arm.id], offered, base) for each in larger)
    return Exchanges(base, _adjusted(chain.from_iterable(made)))


def _larger_models(arms: Sequence[Arm], small: Arm, models: JsonObject | None) -> dict[int, float]:
    """The chain-of-thought arms of larger models, by id, and how many times as many parameters they have."""
    parameters = facts_of(small, models).generator.parameters
    ratios = {arm.id: (facts_of(arm, models).generator.parameters or 0) / parameters for arm in arms if parameters}
    asked_once = {arm.id for arm in arms if strategy_of(arm).is_baseline}
    return {arm_id: ratio for arm_id, ratio in ratios.items() if ratio > 1 and arm_id in asked_once}


def _exchanged(larger: Point, model_ratio: float, offered: Sequence[Point], base: BaseArm) -> Iterator[Exchange]:
    """With one larger model, at each ratio. `offered` are points of the smaller model, costs in FLOPs.

    A ratio whose budget does not pay for one of them in every bin has none. Finding out the bins is not charged, as in
    the paper.
    """
    trials, uncharged_P = trials_of(offered), np.full_like(base.cost_P, np.nan)
    for inference_ratio in INFERENCE_RATIOS:
        budget = pretraining_multiplier(model_ratio, inference_ratio) * base.chain_flops
        for optimal in compute_optimal(trials, base.bins, uncharged_P, [budget]):
            chosen_P1, larger_P1 = optimal.correct_P[:, None], larger.value_P[:, None]
            yield Exchange(
                larger=larger.arm,
                model_ratio=model_ratio,
                inference_ratio=inference_ratio,
                budget=budget,
                most_spent=optimal.dearest,
                optimal=optimal,
                difference=paired_difference(larger_P1, chosen_P1),
                by_bin=tuple(paired_difference(larger_P1[each], chosen_P1[each]) for each in base.bins.members),
            )


def _adjusted(made: Iterable[Exchange]) -> tuple[Exchange, ...]:
    made = tuple(made)
    results = together([each.difference for each in made])
    return tuple(replace(each, difference=result) for each, result in zip(made, results, strict=True))


SIGNIFICANT = "{:.3g}".format
COLUMNS: Columns[Exchange] = (
    Column("larger", lambda it: it.larger.label, "larger model's arm", has_arms=True),
    Column("model_ratio", lambda it: it.model_ratio, "times larger", "in parameters", SIGNIFICANT),
    Column(
        "inference_ratio", lambda it: it.inference_ratio, "D_inf/D_pre", "tokens of inference for one of pretraining",
        "{:g}".format,
    ),
    Column("multiplier", lambda it: it.multiplier, "× inference", "of one chain of the base arm", "{:.1f}".format),
    Column("budget_flops", lambda it: it.budget, "FLOPs", "that the smaller model may spend on a problem", SIGNIFICANT),
    Column("most_spent_flops", lambda it: it.most_spent, "run up to", "the dearest that was run", SIGNIFICANT),
    in_one("accuracy", lambda it: it.optimal.accuracy, "smaller", "the smaller model's accuracy", rounded_accuracy),
    in_one("difference", lambda it: it.difference.difference, "points", "smaller minus larger model", rounded_slope),
    Column("p_value", lambda it: it.difference.p_value, "p", "exact, two-sided, of this row alone", p_shown),
    Column("adjusted_p_value", lambda it: it.difference.adjusted_p_value, "adjusted", "Holm's p for all rows", p_shown),
    Column("clear", lambda it: it.difference.is_clear),
    Column("warning", lambda it: it.difference.warning),
)  # fmt: skip


def table(found: Exchanges) -> Table[Exchange]:
    return Table((*COLUMNS, *each_of("by_bin", _differences, found.base.bin_titles, rounded_slope)), found.made)


def _differences(exchange: Exchange) -> tuple[Estimate, ...]:
    return tuple(each.difference for each in exchange.by_bin)


EXCHANGE = Question("exchange", "Can inference stand in for a larger model?", by_bins(exchanges), table)
