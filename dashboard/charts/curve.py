"""What most plots draw: points of an answer, connected or alone, each curve by where it comes from. Pure.

An answer knows nothing of looks: those are the palette's (`Looks`), and the one thing that a page adds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Protocol

from db.queries import Arm
from results import Metric, Point, Side
from results.measured.costs import strategy_of
from scaling.statistics.estimates import Estimate
from scaling.statistics.sweeps import Sweep, sweeps


class Drawable(Protocol):
    """A share of problems at a mean cost per problem. `arm` None: it stands for several, and a click opens nothing."""

    @property
    def arm(self) -> Arm | None: ...
    @property
    def label(self) -> str: ...
    @property
    def cost(self) -> float: ...
    @property
    def value(self) -> Estimate: ...


class Dash(StrEnum):
    """How a curve is drawn says where it comes from. The values are Plotly's."""

    RUN = "solid"  # arms that were run
    VOTE = "dot"  # maj@k, read off the candidates of one arm
    ANY_RIGHT = "dash"  # pass@k, read off the candidates of one arm
    BEST = "dashdot"  # best-of-k, read off the scored candidates of one arm
    WEIGHTED = "longdash"  # weighted best-of-k, read off the scored candidates of one arm
    CHARGED = "longdashdot"  # a choice, with what it took to make it
    ONE_FOR_ALL = "6px,3px"  # the same choice for all problems


DASHES = {
    Metric.ACCURACY: Dash.RUN,
    Metric.PASS: Dash.ANY_RIGHT,
    Metric.MAJ: Dash.VOTE,
    Metric.BEST: Dash.BEST,
    Metric.WEIGHTED: Dash.WEIGHTED,
}


@dataclass(frozen=True, slots=True)
class Curve:
    """Points to connect, in order. `marks` stand beside them: the swept number, or k; empty: nothing."""

    name: str
    points: tuple[Drawable, ...]
    marks: tuple[str, ...]
    dash: Dash = Dash.RUN
    colour: str | None = None
    """Of points that are no arm's; None: each has its arm's."""
    is_strong: bool = False
    """What the plot is about: thick, and on top."""


def curves_of(points: Sequence[Point]) -> tuple[Curve, ...]:
    """One for each sweep of arms, then one for each metric of k candidates. What has no result or no known cost is left
    out, and curves without any point."""
    drawable = [each for each in points if each.is_drawable]
    return (
        *_sweep_curves([each for each in drawable if each.k is None]),
        *_curves_over_k([each for each in drawable if each.k is not None]),
    )


def without_cost(points: Sequence[Point]) -> tuple[str, ...]:
    """Labels of the arms that have results but no known cost on the axis."""
    return tuple(each.label for each in points if each.k is None and each.value.n and not each.cost_n)


def _sweep_curves(points: Sequence[Point]) -> tuple[Curve, ...]:
    return tuple(
        Curve(each.name, tuple(points[at] for at in each.arms), each.marks)
        for each in marked_sweeps([point.arm for point in points])
    )


@dataclass(frozen=True, slots=True)
class MarkedSweep:
    """A sweep's arms by their position, and what stands beside each."""

    name: str
    arms: tuple[int, ...]
    marks: tuple[str, ...]


def marked_sweeps(arms: Sequence[Arm]) -> tuple[MarkedSweep, ...]:
    """An arm on its own goes by its label. An arm on two sweeps is marked on one of them."""
    found = sweeps(arms)
    last_sweep_of = {at: sweep for sweep in found for at in sweep.arms}
    return tuple(
        MarkedSweep(
            sweep.name if sweep.parameter else arms[sweep.arms[0]].label,
            sweep.arms,
            tuple(_swept_number(arms[at], sweep) if last_sweep_of[at] is sweep else "" for at in sweep.arms),
        )
        for sweep in found
    )


def _swept_number(arm: Arm, sweep: Sweep) -> str:
    return "" if sweep.parameter is None else str(arm.params[sweep.parameter])


def _curves_over_k(points: Sequence[Point]) -> tuple[Curve, ...]:
    """The k stands beside votes only: others have the same."""
    of_arms = ((*key, tuple(its)) for key, its in groupby(points, key=lambda it: (it.metric, it.arm.label)))
    return tuple(
        Curve(
            f"{metric.value} · {label}",
            its,
            tuple(str(each.k) if metric is Metric.MAJ else "" for each in its),
            DASHES[metric],
        )
        for metric, label, its in of_arms
    )


def side_curve(side: Side) -> Curve:
    """Of an equal-compute comparison, over the problems in common; votes of fewer samples as dotted ones."""
    is_of_arms = len({each.arm.id for each in side.points}) > 1
    (sweep, *_) = sweeps([each.arm for each in side.points])
    marks = tuple(_swept_number(each.arm, sweep) if is_of_arms else _number_of_candidates(each) for each in side.points)
    return Curve(side.family.name, side.points, marks, Dash.RUN if side.points[0].k is None else Dash.VOTE)


def _number_of_candidates(point: Point) -> str:
    """That k is, or that the arm draws; empty for an arm that draws one, or whose candidates depend on one another."""
    return str(point.k or strategy_of(point.arm).num_samples or "")
