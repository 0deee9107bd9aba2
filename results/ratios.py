"""Sequential against parallel: arms of revisions by how they share one budget of attempts [Snell §6, Fig. 7]."""

from collections.abc import Sequence
from dataclasses import dataclass

from db.queries import Arm, ArmSamples
from results.costs import strategy_of
from results.measurements import correct_PR
from scaling.statistics.difficulty import Bins, RatioPoint, ratio_point


@dataclass(frozen=True, slots=True)
class RatioArm:
    arm: Arm
    point: RatioPoint


def ratios(samples: Sequence[ArmSamples], bins: Bins, shape: tuple[int, int]) -> tuple[tuple[RatioArm, ...], ...]:
    """A curve for each budget, smallest first, and for all else that tells arms apart; most parallel first.

    Arms that stand alone at their budget are curves of one point.
    """
    curves: dict[tuple[object, ...], list[RatioArm]] = {}
    for each in samples:
        strategy = strategy_of(each.arm)
        if shared := strategy.attempts:
            point = ratio_point(shared.sequential, shared.parallel, correct_PR(each, shape), bins)
            rest = strategy.model_dump_json(exclude={str(strategy.draws_by), str(strategy.revises_by)})
            asked = repr((each.arm.sampling, each.arm.prompt))
            curves.setdefault((point.budget, each.arm.model, rest, asked), []).append(RatioArm(each.arm, point))
    ordered = sorted(curves.values(), key=lambda curve: curve[0].point.budget)
    return tuple(tuple(sorted(curve, key=lambda each: each.point.ratio)) for curve in ordered)
