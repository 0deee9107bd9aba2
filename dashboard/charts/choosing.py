"""The choice by difficulty as curves to draw, beside the votes and the best-of-k that it is held against. Pure."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dashboard.charts.curve import Curve, Dash
from dashboard.charts.palette import GREY, MAGENTA
from results import Choices, Choosing, Point
from results.choosing import ONE_FOR_ALL, OPTIMAL
from scaling.statistics.estimates import Estimate

CHARGED = f"{OPTIMAL}, binning charged"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choice among arms, at what it spent."""

    label: str
    cost: float
    value: Estimate
    arm: None = None


def choice_curves(found: Choosing) -> tuple[Curve, ...]:
    """Costs are what was really spent, not the budgets. Points without a known cost, and empty curves, are left out."""
    made = (
        *(_arm_curve(each) for each in found.curves),
        _choice_curve(ONE_FOR_ALL, found, _one_for_all, Dash.ONE_FOR_ALL, GREY),
        _choice_curve(CHARGED, found, lambda it: (it.optimal.cost_with_binning, it.optimal.accuracy), Dash.CHARGED),
        _choice_curve(OPTIMAL, found, lambda it: (it.optimal.cost, it.optimal.accuracy), is_strong=True),
    )
    return tuple(curve for curve in made if curve.points)


def _one_for_all(choices: Choices) -> tuple[float, Estimate]:
    return choices.one_for_all.cost, choices.one_for_all.accuracy


def _choice_curve(
    name: str,
    found: Choosing,
    of: Callable[[Choices], tuple[float, Estimate]],
    dash: Dash = Dash.RUN,
    colour: str = MAGENTA,
    is_strong: bool = False,
) -> Curve:
    chosen = [Chosen(f"{name}, within {each.optimal.budget:,g}", *of(each)) for each in found.choices]
    known = tuple(each for each in chosen if not math.isnan(each.cost))
    return Curve(name, known, ("",) * len(known), dash, colour, is_strong)


def _arm_curve(points: Sequence[Point]) -> Curve:
    """A vote's or a best of N's points, k beside each."""
    drawn = tuple(each for each in points if each.is_drawable)
    marks = tuple("" if each.k is None else str(each.k) for each in drawn)
    return Curve(f"{points[-1].label}, and fewer", drawn, marks, Dash.VOTE)
