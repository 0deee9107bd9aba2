"""The arms ranked by accuracy, beside the plot that they are on: its legend, and the way to their traces. Pure."""

from collections.abc import Mapping, Sequence

from dashboard.address import Page, href
from dashboard.charts.palette import Looks
from dashboard.charts.ranked import Mark
from results import Point
from results.best.ranking import rank
from results.measured.joined import Origin
from results.wording import UNKNOWN, amount, budget_shown, interval, percent
from scaling.compute.axes import Axis

SIGNS = {
    "circle": "●", "square": "■", "diamond": "◆", "triangle-up": "▲", "triangle-down": "▼", "star": "★",
    "hexagon": "⬢", "pentagon": "⬟", "circle-open": "○", "square-open": "□", "diamond-open": "◇",
    "triangle-up-open": "△", "triangle-down-open": "▽", "star-open": "☆", "hexagon-open": "⬡", "pentagon-open": "⬠",
}  # fmt: skip
"""Each of Plotly's marks as a character."""

Row = Mapping[str, object]


def legend(
    experiment_id: int,
    points: Sequence[Point],
    marks: Sequence[Mark],
    axis: Axis,
    looks: Looks,
) -> dict[str, object]:
    """As `plot.js` lays it out: the most accurate arm first, those without a result last."""
    symbols = {mark.point.arm.label: mark.symbol for mark in marks}
    ranked = sorted(points, key=rank)
    homes = {each.arm.label: looks.homes.get(each.arm.id, Origin(experiment_id, each.arm.label)) for each in ranked}
    best = next(iter(homes.values()), None)
    rows = [_row(each, homes[each.arm.label], symbols.get(each.arm.label), looks, best) for each in ranked]
    return {"title": "Arms, the most accurate first", "cost": f"{axis.label} a problem", "rows": rows}


def _row(point: Point, home: Origin, symbol: str | None, looks: Looks, best: Origin | None) -> Row:
    return {
        "arm": point.arm.label,
        "name": looks.name(point.arm.label),
        "sign": SIGNS.get(symbol or "", "·"),
        "colour": looks.colour(point.arm),
        "value": percent(point.value),
        "interval": interval(point.value),
        "cost": _cost(point),
        "note": _note(point),
        "traces": href(Page.TRACES, experiment=home.experiment_id, arm=home.label),
        "compare": None if best is None or home == best else _comparison(best, home),
        "is_drawn": symbol is not None,
    }


def _comparison(first: Origin, second: Origin) -> str:
    sides = {"from": first, "to": second}
    return href(Page.COMPARE, **{name: f"{each.experiment_id}:{each.label}" for name, each in sides.items()})


def _cost(point: Point) -> str:
    if not point.cost_n:
        return UNKNOWN
    shown = budget_shown(round(point.cost, 1)) if point.cost >= 1 else amount(point.cost)
    return f"≤ {shown}" if point.is_bound else shown


def _note(point: Point) -> str:
    """What clouds it, if anything does."""
    jobs = point.jobs
    counts = {"failed": jobs.failed, "truncated": point.truncated, "unparsed": point.unparsed, "to come": jobs.open}
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
