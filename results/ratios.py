"""Sequential against parallel: arms of revisions by how they share one number of attempts [Snell §6, Fig. 7]."""

from collections.abc import Sequence
from dataclasses import dataclass

from db.queries import Arm, ArmSamples
from results.columns import Column, Columns, Table, each_of, in_one
from results.easiness import BaseArm, by_bins
from results.measured.costs import strategy_of
from results.measured.measurements import Measurements, correct_PR
from results.questions import Question
from results.wording import rounded_accuracy
from scaling.statistics.difficulty import DifficultyBins, accuracy_by_bin
from scaling.statistics.estimates import Estimate, share
from scaling.strategy import Attempts


@dataclass(frozen=True, slots=True)
class RatioPoint:
    """An arm that makes `parallel` chains of `sequential` revisions each; `by_bin` starts with the easiest."""

    arm: Arm
    sequential: int
    parallel: int
    accuracy: Estimate
    by_bin: tuple[Estimate, ...]

    @property
    def attempts(self) -> int:
        return self.sequential * self.parallel

    @property
    def ratio(self) -> float:
        return self.sequential / self.parallel

    @property
    def shape(self) -> str:
        return f"{self.sequential} : {self.parallel}"


@dataclass(frozen=True, slots=True, eq=False)
class Ratios:
    """A curve for each number of attempts, smallest first, and for all else that tells arms apart; most parallel first.

    Arms that stand alone are curves of one point.
    """

    base: BaseArm
    curves: tuple[tuple[RatioPoint, ...], ...]

    @property
    def points(self) -> tuple[RatioPoint, ...]:
        return tuple(point for curve in self.curves for point in curve)

    @property
    def has_several(self) -> bool:
        """Whether anything can be compared."""
        return any(len(curve) > 1 for curve in self.curves)


def ratios(measurements: Measurements, base: BaseArm) -> Ratios:
    curves: dict[tuple[object, ...], list[RatioPoint]] = {}
    for each in measurements.samples:
        strategy = strategy_of(each.arm)
        if shared := strategy.attempts:
            point = _ratio_point(each, shared, base.bins, measurements.shape)
            rest = strategy.model_dump_json(exclude={str(strategy.draws_by), str(strategy.revises_by)})
            asked = repr((each.arm.sampling, each.arm.prompt))
            curves.setdefault((point.attempts, each.arm.model, rest, asked), []).append(point)
    return Ratios(base, _in_order(list(curves.values())))


def _ratio_point(samples: ArmSamples, attempts: Attempts, bins: DifficultyBins, shape: tuple[int, int]) -> RatioPoint:
    is_correct_PR = correct_PR(samples, shape)
    by_bin = accuracy_by_bin(is_correct_PR, bins)
    return RatioPoint(samples.arm, attempts.sequential, attempts.parallel, share(is_correct_PR), by_bin)


def _in_order(curves: Sequence[Sequence[RatioPoint]]) -> tuple[tuple[RatioPoint, ...], ...]:
    ordered = sorted(curves, key=lambda curve: curve[0].attempts)
    return tuple(tuple(sorted(curve, key=lambda each: each.ratio)) for curve in ordered)


COLUMNS: Columns[RatioPoint] = (
    Column("label", lambda it: it.arm.label),
    Column("attempts", lambda it: it.attempts, "attempts", is_kept=False),
    Column("sequential", lambda it: it.sequential, "revisions : chains", "in each : in all", of=lambda it: it.shape),
    Column("parallel", lambda it: it.parallel),
    Column("ratio", lambda it: it.ratio),
    in_one("accuracy", lambda it: it.accuracy, "all problems", "", rounded_accuracy),
)  # fmt: skip


def columns(base: BaseArm) -> Columns[RatioPoint]:
    return (*COLUMNS, *each_of("by_bin", lambda it: it.by_bin, base.bin_titles, rounded_accuracy))


def table(found: Ratios) -> Table[RatioPoint]:
    return Table(columns(found.base), found.points)


RATIOS = Question("ratios", "Are long chains better, or many?", by_bins(ratios), table)
