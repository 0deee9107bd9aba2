"""The choice by difficulty as curves to draw, beside the votes and the best-of-k that it is held against. Pure."""

import math
from collections.abc import Sequence

from dashboard.charts.curve import Curve, Dash, Point
from dashboard.charts.palette import GREY, MAGENTA, Colours
from results import Choices, Difficulty, SettingFigure
from scaling.statistics.estimates import Estimate

OPTIMAL, CHARGED, ONE_FOR_ALL = "compute-optimal", "compute-optimal, binning charged", "one setting for all"


def choice_curves(found: Difficulty, colours: Colours) -> tuple[Curve, ...]:
    """Costs are what was really spent, not the budgets. Points without a known cost, and empty curves, are left out."""
    made = found.choices
    curves = (
        *(line_curve(line, colours) for line in found.lines),
        Curve(ONE_FOR_ALL, points(ONE_FOR_ALL, made, [each.one_for_all.cost for each in made], GREY), Dash.ONE_FOR_ALL),
        Curve(CHARGED, points(CHARGED, made, [each.optimal.cost_with_binning for each in made], MAGENTA), Dash.CHARGED),
        Curve(OPTIMAL, points(OPTIMAL, made, [each.optimal.cost for each in made], MAGENTA), is_strong=True),
    )
    return tuple(curve for curve in curves if curve.points)


def points(name: str, made: Sequence[Choices], costs: Sequence[float], colour: str) -> tuple[Point, ...]:
    return tuple(
        Point(
            label=f"{name}, within {each.optimal.budget:,g}",
            arm="",
            mark="",
            cost=cost,
            share=share_of(name, each),
            colour=colour,
        )
        for each, cost in zip(made, costs, strict=True)
        if not math.isnan(cost)
    )


def share_of(name: str, made: Choices) -> Estimate:
    return made.one_for_all.accuracy if name == ONE_FOR_ALL else made.optimal.accuracy


def line_curve(line: Sequence[SettingFigure], colours: Colours) -> Curve:
    """A vote's or a best of N's settings, k beside each."""
    whole = line[-1].arm
    drawn = tuple(
        Point(
            label=each.label,
            arm=whole.label,
            mark="" if each.k is None else str(each.k),
            cost=each.cost,
            share=each.accuracy,
            colour=colours[whole.id],
            k=each.k,
        )
        for each in line
        if each.accuracy.n and not math.isnan(each.cost)
    )
    return Curve(f"{whole.label}, and fewer", drawn, Dash.VOTE)
